"""Who trains in a run folder now: a file that the training process locks for as long as it lives.

The system releases the lock of a process that ends, however it ends, so the number of a process in the file is true
while the lock is held. Where the system has no such locks, nobody is known to train.
"""

from __future__ import annotations

import json
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

from knoll.errors import StateError
from knoll.messages import say

try:
    import fcntl
except ImportError:
    fcntl = None  # type: ignore[assignment]  # Windows has none


@contextmanager
def training_in(path: Path) -> Iterator[None]:
    """Hold the lock of a run folder. Raises StateError where another process trains there.

    A folder in which no file can be locked is trained in without.
    """
    file = _opened(path)
    if file is None:
        yield
        return
    with file:
        if not _locked(file):
            raise StateError(say("train.locked", path=path), advice=say("train.locked_advice"))
        with suppress(OSError):
            file.truncate(0)
            file.write(json.dumps({"process": os.getpid(), "host": socket.gethostname()}))
            file.flush()
        yield


def process_training_in(path: Path) -> int | None:
    """The number of the process of this machine that trains in a run folder; None where there is none."""
    try:
        with lock_file(path).open(encoding="utf-8") as file:
            if fcntl is None or _locked(file):
                return None
            told = json.load(file)
    except (OSError, ValueError):
        return None
    is_here = isinstance(told, dict) and told.get("host") == socket.gethostname()
    process = told.get("process") if is_here else None
    return process if isinstance(process, int) and process > 0 else None


def lock_file(path: Path) -> Path:
    """The file that is locked."""
    return path / "training.lock"


def _opened(path: Path) -> IO[str] | None:
    try:
        return lock_file(path).open("a+", encoding="utf-8") if fcntl is not None else None
    except OSError:
        return None


def _locked(file: IO[str]) -> bool:
    """Whether the lock could be had; where the system refuses locks altogether, it could."""
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:
        return True
    return True
