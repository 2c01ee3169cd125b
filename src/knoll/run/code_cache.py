"""Machine code of kernels: cached in the process and on disk, compiled where neither has it.

A program holds the code of its kernels. Code that no program holds stays in a least-recently-used cache of a limited
size.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Iterable
from contextlib import suppress
from weakref import WeakValueDictionary

from knoll.kernels.kernel import Kernel
from knoll.llvm import disk_cache
from knoll.llvm.code import Code, load
from knoll.llvm.compile import object_code
from knoll.llvm.link import LinkError
from knoll.locks import renewed
from knoll.machine import Machine
from knoll.messages import say
from knoll.run.parallel_map import parallel_map
from knoll.run.progress_line import ProgressLine

LIMIT = 8 << 20  # bytes of code in the cache; a kernel takes a page or two


class CodeCache:
    """The code of all kernels that a program holds, and of those used most recently."""

    limit: int
    bytes: int

    def __init__(self, limit: int) -> None:
        self.limit, self.bytes = limit, 0
        self._held: WeakValueDictionary[str, Code] = WeakValueDictionary()
        self._kept: OrderedDict[str, Code] = OrderedDict()
        self._lock = renewed(self, "_lock", threading.Lock)

    def __len__(self) -> int:
        return len(self._held)

    def get(self, kernels: Iterable[Kernel], threads: int = 1) -> dict[str, Code]:
        """The code of kernels, by their specifications; what has to be compiled is, in several threads."""
        every = {kernel.specification: kernel for kernel in kernels}  # 0.0 and -0.0 are equal, and specified apart
        with self._lock:
            found = {key: self._held.get(key) or _stored(kernel) for key, kernel in every.items()}
            missing = [kernel for key, kernel in every.items() if found[key] is None]
            with ProgressLine(lambda done: say("run.compiling", done=done, total=len(missing))) as line:
                compiled = parallel_map(line.counting(_compiled), missing, threads)
            found |= zip((kernel.specification for kernel in missing), compiled, strict=True)
            codes = {key: code for key, code in found.items() if code is not None}
            for key, code in codes.items():
                self._keep(key, code)
            return codes

    def _keep(self, key: str, code: Code) -> None:
        """Keep the code that was used last, and throw away what is beyond the limit."""
        self._held[key] = code
        if key not in self._kept:
            self._kept[key] = code
            self.bytes += code.bytes
        self._kept.move_to_end(key)
        while self.bytes > self.limit:
            self.bytes -= self._kept.popitem(last=False)[1].bytes


_cache = CodeCache(LIMIT)


def codes_of(kernels: Iterable[Kernel], threads: int) -> dict[str, Code]:
    """The machine code of kernels, by their specifications; it stays valid as long as the caller holds it."""
    return _cache.get(kernels, threads)


def code_of(kernel: Kernel) -> Code:
    """The machine code of one kernel."""
    return codes_of([kernel], threads=1)[kernel.specification]


def _stored(kernel: Kernel) -> Code | None:
    return stored(kernel.specification, (kernel.name,))


def _compiled(kernel: Kernel) -> Code:
    return compiled(kernel.specification, (kernel.name,), kernel.machine, lambda: kernel.written().text())


def stored(specification: str, functions: tuple[str, ...]) -> Code | None:
    """The code of `functions` from the disk cache; None if it is not there or cannot be used."""
    file = disk_cache.read(disk_cache.key(specification, functions))
    with suppress(LinkError):  # then it is compiled again
        return None if file is None else load(file, functions)
    return None


def compiled(specification: str, functions: tuple[str, ...], machine: Machine, written: Callable[[], str]) -> Code:
    """The code of `functions`, compiled from the LLVM IR of `written`, and remembered on disk."""
    file = object_code(written(), machine)
    disk_cache.write(disk_cache.key(specification, functions), file)
    return load(file, functions)
