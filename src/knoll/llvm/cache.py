"""Object code, remembered on disk.

An entry is found by a digest of everything it depends on: the kernel's specification, the source of the generators,
LLVM and the machine. Entries are written under another name and then renamed, carry a digest of their own that is
checked before they are loaded, and are thrown away, least recently used first, when the folder grows too large. The
folder belongs to one user and may be deleted at any time.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import stat
import tempfile
import time
from functools import cache
from pathlib import Path

import llvmlite
import llvmlite.binding as llvm

LIMIT = 256 << 20  # bytes on the disk
PAGE = 4096  # what the smallest file takes of it
STALE = 3600  # seconds after which nobody is still writing
_DIGEST = 32


@cache
def folder() -> Path | None:
    """Where entries live: `KNOLL_CACHE`, else the user's cache folder.

    None if there is none or `KNOLL_CACHE` is "off".
    """
    named = os.environ.get("KNOLL_CACHE", "")
    if named.lower() in ("off", "0", "no"):
        return None
    base = Path(named) if named else Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "knoll"
    try:
        base.mkdir(mode=0o700, parents=True, exist_ok=True)
        found = base.stat()
    except (OSError, RuntimeError):
        return None
    # Native code that somebody else may have written is not loaded.
    mine = not hasattr(os, "getuid") or (found.st_uid == os.getuid() and not found.st_mode & stat.S_IWOTH)
    return base if mine else None


@cache
def generators() -> bytes:
    """A digest of the source of all that writes code, and of LLVM."""
    digest = hashlib.sha256(f"{llvmlite.__version__} {llvm.llvm_version_info}".encode())
    root = Path(__file__).parent.parent
    for room in ("llvm", "kernels", "run"):
        for file in sorted((root / room).glob("*.py")) + sorted((root / room).glob("*.ll")):
            digest.update(file.read_bytes())
    return digest.digest()


def key(specification: str) -> str:
    """The name of an entry."""
    return hashlib.sha256(generators() + specification.encode()).hexdigest()


def read(name: str) -> bytes | None:
    """The object code of an entry; None if there is none, or if it was damaged (it is then removed)."""
    base = folder()
    if base is None:
        return None
    path = base / f"{name}.o"
    try:
        data = path.read_bytes()
    except OSError:
        return None
    code = data[_DIGEST:]
    if hashlib.sha256(code).digest() != data[:_DIGEST]:
        with contextlib.suppress(OSError):
            path.unlink()
        return None
    with contextlib.suppress(OSError):
        os.utime(path)
    return code


def write(name: str, code: bytes) -> None:
    """Remember object code; a full or unwritable disk is no error, as everything can be compiled again."""
    base = folder()
    if base is None:
        return
    with contextlib.suppress(OSError):
        handle, temporary = tempfile.mkstemp(dir=base, suffix=".part")
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(hashlib.sha256(code).digest() + code)
            os.replace(temporary, base / f"{name}.o")
        except OSError:
            os.unlink(temporary)
            raise
        if not int(name[:2], 16):  # one write in 256: looking at every entry takes time
            _trim(base)


def _room(found: os.stat_result) -> int:
    """Bytes that a file takes on the disk; most entries are a quarter of a page."""
    return -(-found.st_size // PAGE) * PAGE


def _trim(base: Path) -> None:
    """Throw away the entries not used for the longest time, if all are too large, and what broken writes left."""
    entries = [(path.stat(), path) for path in base.glob("*.o")]
    excess = sum(_room(found) for found, _ in entries) - LIMIT
    for found, path in sorted(entries, key=lambda entry: entry[0].st_mtime):
        if excess <= 0:
            break
        path.unlink(missing_ok=True)
        excess -= _room(found)
    for path in base.glob("*.part"):
        if path.stat().st_mtime < time.time() - STALE:
            path.unlink(missing_ok=True)
