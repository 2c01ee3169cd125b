"""From a kernel's specification to an address: remembered in the process, on disk, or compiled now."""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import suppress

from knoll.kernels.kernel import KernelSpec
from knoll.llvm import cache
from knoll.llvm.compile import load, object_code
from knoll.machine import Machine

_addresses: dict[KernelSpec, int] = {}
_lock = threading.Lock()


def address_of(kernel: KernelSpec) -> int:
    """Where the machine code of a kernel is."""
    with _lock:
        found = _addresses.get(kernel)
        if found is None:
            found = _addresses[kernel] = _loaded(kernel)
        return found


def _loaded(kernel: KernelSpec) -> int:
    return loaded(kernel.specification, (kernel.name,), kernel.machine, lambda: kernel.written().text())[0]


def loaded(
    specification: str, symbols: tuple[str, ...], machine: Machine, written: Callable[[], str]
) -> tuple[int, ...]:
    """The addresses of functions: of the object code in the cache, else of what is `written` and compiled now."""
    name = cache.key(specification, symbols)
    code = cache.read(name)
    if code is not None:
        with suppress(RuntimeError):  # LLVM cannot use what is there
            return load(code, symbols, machine)
    code = object_code(written(), machine)
    cache.write(name, code)
    return load(code, symbols, machine)
