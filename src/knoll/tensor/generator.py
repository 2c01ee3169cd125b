"""The generator behind all random tensors, and arrays of its numbers."""

from __future__ import annotations

import os
import threading
from collections.abc import Hashable
from typing import Any, cast

import numpy as np
from numpy.typing import DTypeLike

from knoll.graph import Array, Shape
from knoll.graph.spec import DType
from knoll.locks import renewed
from knoll.ops.dtypes import refuse_dtype
from knoll.tensor.dtypes import dtype_or, float32

UNIFORM, NORMAL = "check_uniform_bounds", "normal_kernel_cpu"  # PyTorch's kernels, which its sentences name


class _Source:
    """The generator of this process; a forked process gets one of its own."""

    lock: threading.Lock
    first: int
    numpy: np.random.Generator

    def __init__(self) -> None:
        self.lock = renewed(self, "lock", threading.Lock)
        self.seed(None)

    def seed(self, seed: int | None) -> None:
        self.chosen = seed
        self.first = int.from_bytes(os.urandom(8), "little") if seed is None else seed
        self.numpy = np.random.Generator(np.random.Philox(self.first))

    def after_fork(self) -> None:
        if self.chosen is None:
            self.seed(None)
        elif not self.numpy.bit_generator.lock.acquire(blocking=False):  # by a thread that is not here
            bits, state = np.random.Philox(), cast("Any", self.numpy.bit_generator.state)
            bits.state = state
            self.numpy = np.random.Generator(bits)
        else:
            self.numpy.bit_generator.lock.release()


source: _Source = _Source()
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=source.after_fork)


def initial_seed() -> int:
    """The seed that the random numbers started from."""
    return source.first


def generator() -> np.random.Generator:
    """The generator behind all random tensors."""
    return source.numpy


def drawn() -> Hashable:
    """Where the random numbers stand: equal as long as none has been drawn."""
    state: Any = source.numpy.bit_generator.state
    return (*state["state"]["counter"], state["buffer_pos"], state["has_uint32"])


def float_type(word: DTypeLike | None, kernel: str) -> DType:
    """float32, or another type of floats that is asked for."""
    dtype = dtype_or(word, float32)
    if dtype.kind != "f":
        refuse_dtype(kernel, dtype)
    return dtype


def uniform(shape: Shape, dtype: DType) -> Array:
    """Numbers spread evenly over [0, 1)."""
    with source.lock:
        return np.asarray(source.numpy.random(shape, _precise(dtype)), dtype)


def normal(shape: Shape, dtype: DType) -> Array:
    """Numbers of the normal distribution with mean 0 and deviation 1."""
    with source.lock:
        return np.asarray(source.numpy.standard_normal(shape, _precise(dtype)), dtype)


def _precise(dtype: DType) -> Any:
    """The type that numbers are drawn in."""
    return np.float64 if dtype.itemsize == 8 else np.float32
