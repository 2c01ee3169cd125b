"""From a kernel's specification to machine code: remembered in the process, on disk, or compiled now.

A program holds the code of its kernels. What no program holds any more is kept for the next one, up to a number of
bytes: the least recently asked for goes first.
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

LIMIT = 8 << 20  # bytes of code that nobody has to hold; a kernel takes a page or two


class Recent:
    """The code of kernels that were asked for last, and of all that are held by somebody."""

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
                code = self._held[kernel] = _loaded(kernel)
            if kernel not in self._kept:
                self._kept[kernel] = code
                self.bytes += code.bytes
            self._kept.move_to_end(kernel)
            while self.bytes > self.limit:
                self.bytes -= self._kept.popitem(last=False)[1].bytes
            return code


_recent = Recent(LIMIT)


def code_of(kernel: Kernel) -> Code:
    """The machine code of a kernel, for as long as the caller holds it."""
    return _recent.get(kernel)


def _loaded(kernel: Kernel) -> Code:
    return loaded(kernel.specification, (kernel.name,), kernel.machine, lambda: kernel.written().text())


def loaded(specification: str, functions: tuple[str, ...], machine: Machine, written: Callable[[], str]) -> Code:
    """Functions: from the object code in the cache, else from what is `written` and compiled now."""
    name = cache.key(specification, functions)
    file = cache.read(name)
    if file is not None:
        with suppress(LinkError):  # it is compiled again
            return load(file, functions)
    file = object_code(written(), machine)
    cache.write(name, file)
    return load(file, functions)
