"""From a kernel's specification to an address: remembered in the process, on disk, or compiled now."""

from __future__ import annotations

import threading

from knoll.kernels.kernel import KernelSpec
from knoll.llvm import cache
from knoll.llvm.compile import load, object_code

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
    name = cache.key(kernel.specification)
    code = cache.read(name)
    if code is None:
        code = object_code(kernel.written().text(), kernel.machine)
        cache.write(name, code)
    return load(code, (kernel.name,), kernel.machine)[0]
