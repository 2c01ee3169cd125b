"""Object code, and what was measured of the processor, remembered on disk.

An entry is found by a digest of everything it depends on: the kernel's specification, the functions it defines, the
source of the generators, LLVM and the system. It begins with a seal, a digest of this name, the length and the code,
so that an entry that was cut, changed, or is another's is compiled again. Least recently used entries are thrown away
when the folder grows too large; it belongs to one user (`private_folder.py`) and may be deleted at any time.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import time
from functools import cache
from pathlib import Path

import llvmlite
import llvmlite.binding as llvm

from knoll.graph.sizes import round_up
from knoll.llvm.private_folder import Entry, PrivateFolder

LIMIT = 256 << 20  # bytes on the disk
LARGEST = 16 << 20  # bytes of one entry; kernels have some thousand
PAGE = 4096  # what the smallest file takes of it
STALE = 3600  # seconds after which nobody is still writing
# What a kernel is written by: these packages, and the version, which stands in Knoll's own file. A test holds that
# nothing else can change its code.
GENERATORS = ("graph", "ops", "machine", "llvm", "kernels", "run", "optim")
_SEAL = hashlib.sha256().digest_size


@cache
def location() -> Path | None:
    """Where entries live: `KNOLL_CACHE`, else the user's cache folder; relative to where the process began to ask.

    None if there is no such folder, as for a user without a home, or `KNOLL_CACHE` is "off".
    """
    named = os.environ.get("KNOLL_CACHE", "")
    if named.lower() in ("off", "0", "no"):
        return None
    if named:
        return Path(os.path.abspath(os.path.expanduser(named)))
    base = Path(os.environ.get("XDG_CACHE_HOME", ""))
    if not base.is_absolute():  # which the rules for this variable say to ignore
        base = Path(os.path.expanduser("~")) / ".cache"
    return base / "knoll" if base.is_absolute() else None


@cache
def _opened() -> PrivateFolder | None:
    place = location()
    return None if place is None else PrivateFolder.open(place)


def folder() -> PrivateFolder | None:
    """The folder of the entries; None if there is none that is safe."""
    found = _opened()
    if found is not None and not found.is_private():
        _opened.cache_clear()
        found = _opened()
    return found


@cache
def generators() -> bytes:
    """A digest of the source of all that writes code, and of LLVM."""
    digest = hashlib.sha256(f"{llvmlite.__version__} {llvm.llvm_version_info} {llvm.get_default_triple()}".encode())
    root = Path(__file__).parent.parent
    files = [file for package in GENERATORS for kind in ("*.py", "*.ll") for file in (root / package).rglob(kind)]
    for file in [root / "__init__.py", *sorted(files)]:
        digest.update(file.read_bytes())
    return digest.digest()


def key(specification: str, symbols: tuple[str, ...]) -> str:
    """The name of an entry that defines these functions."""
    return hashlib.sha256(generators() + repr((specification, symbols)).encode()).hexdigest()


def read(name: str) -> bytes | None:
    """The object code of an entry; None if there is none, or if it was damaged (it is then removed)."""
    base = folder()
    if base is None:
        return None
    data = base.read(f"{name}.o", LARGEST)
    if data is None:
        return None
    code = data[_SEAL:]
    if _seal(name, code) != data[:_SEAL]:
        base.remove(f"{name}.o")
        return None
    base.touch(f"{name}.o")
    return code


def write(name: str, code: bytes) -> None:
    """Remember object code; a full or unwritable disk is no error, as everything can be compiled again."""
    base = folder()
    if base is None:
        return
    with contextlib.suppress(OSError):
        base.write(f"{name}.o", _seal(name, code) + code)
        if not int(name[:2], 16):  # one write in 256: looking at every entry takes time
            _trim(base)


def _seal(name: str, code: bytes) -> bytes:
    return hashlib.sha256(f"{name} {len(code)} ".encode() + code).digest()


def _disk_bytes(entry: Entry) -> int:
    """Bytes that a file takes on the disk; most entries are a quarter of a page."""
    return round_up(entry.size, PAGE)


def _trim(base: PrivateFolder) -> None:
    """Throw away the entries not used for the longest time, if all are too large, and what broken writes left."""
    entries = base.entries(".o")
    excess = sum(map(_disk_bytes, entries)) - LIMIT
    for entry in sorted(entries, key=lambda entry: entry.used):
        if excess <= 0:
            break
        base.remove(entry.name)
        excess -= _disk_bytes(entry)
    for entry in base.entries(".part"):
        if entry.used < time.time() - STALE:
            base.remove(entry.name)
