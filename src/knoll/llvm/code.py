"""Executable machine code in memory, freed with the object that holds it.

Every object file has pages of its own: they are written first, then made executable and no longer writable. They may
lie anywhere, as code reaches what is outside of it by whole addresses, and go back to the system with the last holder.
"""

from __future__ import annotations

import ctypes
import errno
import mmap
import platform
import sys
from collections.abc import Callable
from functools import cache
from typing import NoReturn

from knoll.graph.sizes import round_up
from knoll.llvm.link import Image, LinkError, linked

PROCESSORS = ("x86_64", "amd64", *(() if sys.platform == "win32" else ("aarch64", "arm64")))


class Code:
    """Functions of machine code, callable as long as this object lives; `bytes` is the memory they take."""

    bytes: int

    def __init__(self, image: Image) -> None:
        self.bytes = round_up(len(image.code), mmap.PAGESIZE)
        place = _windows if sys.platform == "win32" else _posix
        self._address, self._memory = place(image.code, self.bytes)
        self._functions = image.functions

    def address(self, function: str) -> int:
        """Where a function begins."""
        return self._address + self._functions[function]

    def kernel(self, function: str) -> Callable[..., None]:
        """A kernel, to be called with the address of its table and its five numbers; the code has to be held."""
        return ctypes.CFUNCTYPE(None, ctypes.c_void_p, *[ctypes.c_int64] * 5)(self.address(function))


def load(file: bytes, functions: tuple[str, ...]) -> Code:
    """The functions of an object file, ready to be called.

    Raises LinkError if they are not there or the file is damaged, PermissionError where no new code may be run, and
    MemoryError.
    """
    image = linked(file, _outside)
    missing = [name for name in functions if name not in image.functions]
    if missing:
        raise LinkError(f"no {', '.join(missing)} in the object file")
    return Code(image)


def is_possible() -> bool:
    """Whether this process may run code that it makes: hardened systems forbid it, and other processors are unknown."""
    if sys.maxsize < 1 << 32 or sys.byteorder != "little" or platform.machine().lower() not in PROCESSORS:
        return False
    try:
        Code(Image(bytes(1), {}))
    except PermissionError:
        return False
    return True


@cache
def _library() -> ctypes.CDLL:
    """The functions of the system."""
    return ctypes.CDLL("kernel32" if sys.platform == "win32" else None, use_errno=True)


def _outside(function: str) -> int:
    """The address of a function of the system, or of Python."""
    for library in (_library(), ctypes.pythonapi, *([ctypes.CDLL("ntdll")] if sys.platform == "win32" else [])):
        found = getattr(library, function, None)
        if found is not None:
            return ctypes.cast(found, ctypes.c_void_p).value or 0
    raise LinkError(f"neither this system nor Python has {function}")


def _posix(content: bytes, size: int) -> tuple[int, object]:
    """The address of pages with this content, and what holds them."""
    try:
        memory = mmap.mmap(-1, size, mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS, mmap.PROT_READ | mmap.PROT_WRITE)
    except OSError as error:
        raise MemoryError(str(error)) from error
    memory.write(content)
    start = ctypes.c_char.from_buffer(memory)
    pages = ctypes.c_void_p(ctypes.addressof(start)), ctypes.c_size_t(size)
    if _library().mprotect(*pages, mmap.PROT_READ | mmap.PROT_EXEC):
        _refuse(ctypes.get_errno(), errno.ENOMEM)
    if hasattr(_library(), "sys_icache_invalidate"):  # macOS; Linux does it when pages become executable
        _library().sys_icache_invalidate(*pages)
    return ctypes.addressof(start), start


class _Freed:
    """Windows' pages, given back with this object."""

    def __init__(self, address: int) -> None:
        self.address, self._free = address, _library().VirtualFree

    def __del__(self) -> None:
        self._free(ctypes.c_void_p(self.address), ctypes.c_size_t(0), 0x8000)


def _windows(content: bytes, size: int) -> tuple[int, object]:
    """The same where there is no mprotect.

    Source: https://learn.microsoft.com/windows/win32/api/memoryapi
    """
    allocate = _library().VirtualAlloc
    allocate.restype = ctypes.c_void_p
    address = allocate(None, ctypes.c_size_t(size), 0x3000, 0x04)  # reserve and commit, to read and write
    if not address:
        raise MemoryError
    memory, before = _Freed(address), ctypes.c_uint32()
    ctypes.memmove(address, content, len(content))
    if not _library().VirtualProtect(ctypes.c_void_p(address), ctypes.c_size_t(size), 0x20, ctypes.byref(before)):
        _refuse(_library().GetLastError(), 1455)  # too little memory for a page file
    process = ctypes.c_void_p(-1)  # this one
    _library().FlushInstructionCache(process, ctypes.c_void_p(address), ctypes.c_size_t(size))
    return address, memory


def _refuse(number: int, no_memory: int) -> NoReturn:
    if number == no_memory:
        raise MemoryError
    raise PermissionError(number, "this process may not run code that it makes")
