"""One kernel by itself: a whole one, or a few lines in the language of kernels, called on arrays."""

from __future__ import annotations

import ctypes
import itertools
from collections.abc import Callable
from typing import Any

import numpy as np

from knoll.graph import Array
from knoll.kernels.kernel import Kernel
from knoll.llvm.builder import KernelBuilder
from knoll.llvm.code import Code, load
from knoll.llvm.compile import object_code
from knoll.machine import Machine
from knoll.run.code_cache import code_of
from knoll.run.workspace import address, aligned

ARGUMENTS = ("count", "first_part", "last_part", "fresh", "batch")
names = itertools.count()


def emitted(
    machine: Machine, dtype: Any, write: Callable[[KernelBuilder], None], *arrays: Array, **arguments: int
) -> KernelBuilder:
    """Compile what `write` writes, and call it with arrays."""
    k = KernelBuilder(f"test_{next(names)}", machine, np.dtype(dtype), len(arrays))
    write(k)
    call(load(object_code(k.text(), machine), (k.name,)), k.name, (*map(address, arrays),), arguments)
    return k


def run(kernel: Kernel, *arrays: Array, **arguments: int) -> None:
    """Call a kernel with arrays; without other arguments, all parts of one sample, into sums that are fresh."""
    usual = {"count": 1, "last_part": kernel.parts, "fresh": 1, "batch": arguments.get("count", 1)}
    call(code_of(kernel), kernel.name, (*map(address, arrays), *kernel.numbers), usual | arguments)


def at_cache_line(numbers: Array) -> Array:
    """A copy that begins where vectors of weights do: kernels read those with aligned loads."""
    copy = aligned(numbers.nbytes).view(numbers.dtype).reshape(numbers.shape)
    copy[...] = numbers
    return copy


def call(code: Code, name: str, words: tuple[int, ...], arguments: dict[str, int]) -> None:
    """Call a function of machine code with a table of these addresses and numbers."""
    table = (ctypes.c_int64 * max(len(words), 1))(*words)
    function = code.kernel(name)
    function(ctypes.addressof(table), *(arguments.get(name, 0) for name in ARGUMENTS))
