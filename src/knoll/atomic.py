"""Files that are either whole or not there."""

from __future__ import annotations

import os
import secrets
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

from knoll.errors import FileError, quoted, system_reason
from knoll.messages import say


@contextmanager
def replacing(path: str | os.PathLike[str]) -> Iterator[IO[bytes]]:
    """A file to write; when the block ends it takes the place of `path`, and when it fails nothing has changed.

    A link stays, and what it points to is replaced. What is no regular file, as a pipe or `/dev/null`, cannot be
    replaced and is written to.

    Raises FileError where the folder cannot be written or the disk is full.

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     with replacing(Path(folder) / "note.txt") as file:
    ...         _ = file.write(b"whole")
    ...     os.listdir(folder)
    ['note.txt']
    """
    try:
        before = os.stat(path)
    except OSError:  # not there yet, or told below
        before = None
    except ValueError as error:  # a path that no system takes
        raise FileError(say("atomic.unwritable", path=repr(path), reason=quoted(error))) from None
    with _as_file_error(path):
        if before is not None and not stat.S_ISREG(before.st_mode):
            with open(path, "wb") as file:
                yield file
            return
        # The same folder, since a file can only be moved in one step within a disk.
        target = Path(os.path.realpath(path))
        temporary = target.with_name(f".{secrets.token_hex(8)}.part")
        try:
            with os.fdopen(_created(temporary, before), "wb") as file:
                yield file
                file.flush()
                os.fsync(file.fileno())
            os.replace(temporary, target)
        finally:
            with suppress(OSError):
                os.unlink(temporary)


def _created(path: Path, before: os.stat_result | None) -> int:
    """A new file with the permissions of the one it will replace, else those that a new file gets here."""
    mode = 0o666 if before is None else stat.S_IMODE(before.st_mode) & 0o777
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), mode)
    if before is not None:
        os.chmod(path, mode)
    return descriptor


@contextmanager
def _as_file_error(path: str | os.PathLike[str]) -> Iterator[None]:
    try:
        yield
    except FileError:
        raise
    except OSError as error:
        raise FileError.after(error, _refused(path, error)) from None


def _refused(path: str | os.PathLike[str], error: OSError) -> str:
    folder = Path(path).parent
    if isinstance(error, FileNotFoundError) and not folder.exists():
        return say("atomic.no_folder", path=path, folder=folder)
    return say("atomic.unwritable", path=path, reason=system_reason(error))
