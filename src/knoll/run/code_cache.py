"""Machine code of kernels: cached in the process and on disk, compiled where neither has it.

A program holds the code of its kernels. Code that no program holds stays in a least-recently-used cache of a limited
size.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable
from contextlib import suppress
from weakref import WeakValueDictionary

from knoll.kernels.kernel import Kernel
from knoll.llvm import cache
from knoll.llvm.code import Code, load
from knoll.llvm.compile import object_code
from knoll.llvm.link import LinkError
from knoll.locks import renewed
from knoll.machine import Machine

LIMIT = 8 << 20  # bytes of code in the cache; a kernel takes a page or two


class CodeCache:
    """The code of all kernels that a program holds, and of those used most recently."""

    limit: int
    bytes: int

    def __init__(self, limit: int) -> None:
        self.limit, self.bytes = limit, 0
        self._held: WeakValueDictionary[Kernel, Code] = WeakValueDictionary()
        self._kept: OrderedDict[Kernel, Code] = OrderedDict()
        self._lock = renewed(self, "_lock", threading.Lock)

    def __len__(self) -> int:
        return len(self._held)

    def get(self, kernel: Kernel) -> Code:
        """The code of a kernel."""
        with self._lock:
            code = self._held.get(kernel)
            if code is None:
                code = self._held[kernel] = _compiled(kernel)
            if kernel not in self._kept:
                self._kept[kernel] = code
                self.bytes += code.bytes
            self._kept.move_to_end(kernel)
            while self.bytes > self.limit:
                self.bytes -= self._kept.popitem(last=False)[1].bytes
            return code


_cache = CodeCache(LIMIT)


def code_of(kernel: Kernel) -> Code:
    """The machine code of a kernel; it stays valid as long as the caller holds it."""
    return _cache.get(kernel)


def _compiled(kernel: Kernel) -> Code:
    return load_or_compile(kernel.specification, (kernel.name,), kernel.machine, lambda: kernel.written().text())


def load_or_compile(
    specification: str, functions: tuple[str, ...], machine: Machine, written: Callable[[], str]
) -> Code:
    """The code of `functions`: object code from the disk cache, else compiled from the LLVM IR of `written`."""
    name = cache.key(specification, functions)
    file = cache.read(name)
    if file is not None:
        with suppress(LinkError):  # then it is compiled again
            return load(file, functions)
    file = object_code(written(), machine)
    cache.write(name, file)
    return load(file, functions)
