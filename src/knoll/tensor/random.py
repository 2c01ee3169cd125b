"""Random tensors, all from one generator that `manual_seed` seeds.

It is NumPy's Philox, counter-based: the numbers are not PyTorch's.
"""

from __future__ import annotations

import math
import os
import threading
from collections.abc import Hashable
from typing import Any, cast

import numpy as np

from knoll.errors import ArgumentError, ArgumentTypeError, StateError
from knoll.graph.spec import DType
from knoll.locks import renewed
from knoll.ops.dtypes import refuse_dtype
from knoll.tensor.arguments import DTypeLike, integer, public
from knoll.tensor.creation import _made, checked
from knoll.tensor.dtypes import fitting, float32, int64
from knoll.tensor.shaping import sizes
from knoll.tensor.tensor import Tensor


class _Source:
    """The generator of this process; a forked process gets one of its own."""

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


_source = _Source()
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_source.after_fork)


@public("manual_seed")
def manual_seed(seed: float) -> np.random.Generator:
    """Start the random numbers over from `seed`; returns the generator.

    Source: https://pytorch.org/docs/stable/generated/torch.manual_seed.html

    >>> _ = manual_seed(0)
    >>> first = rand(2)
    >>> _ = manual_seed(0)
    >>> bool((first == rand(2)).all())
    True
    """
    if not math.isfinite(seed) or not -(2**63) <= int(seed) < 2**64:
        raise ArgumentError("Overflow when unpacking long long")
    _source.seed(int(seed) % 2**64)
    return _source.numpy


def initial_seed() -> int:
    """The seed that the random numbers started from."""
    return _source.first


def generator() -> np.random.Generator:
    """The generator behind all random tensors."""
    return _source.numpy


def drawn() -> Hashable:
    """Where the random numbers stand: equal as long as none has been drawn."""
    state: Any = _source.numpy.bit_generator.state
    return (*state["state"]["counter"], state["buffer_pos"], state["has_uint32"])


def _shape(size: tuple[Any, ...], name: str, dtype: DType) -> tuple[int, ...]:
    return checked(sizes(size, name), dtype)


def _float(dtype: DType | None, kernel: str) -> DType:
    """float32, or another type of floats that is asked for."""
    if dtype is not None and dtype.kind != "f":
        refuse_dtype(kernel, dtype)
    return float32 if dtype is None else dtype


@public("rand")
def rand(*size: Any, dtype: DTypeLike = None, device: Any = None, requires_grad: bool = False) -> Tensor:
    """Numbers spread evenly over [0, 1)."""
    wanted = _float(dtype, "check_uniform_bounds")
    with _source.lock:
        drawn = generator().random(_shape(size, "rand", wanted), np.float64 if wanted.itemsize == 8 else np.float32)
    return _made(np.asarray(drawn, wanted), requires_grad, device)


@public("randn")
def randn(*size: Any, dtype: DTypeLike = None, device: Any = None, requires_grad: bool = False) -> Tensor:
    """Numbers of the normal distribution with mean 0 and deviation 1."""
    wanted = _float(dtype, "normal_kernel_cpu")
    shape, precise = _shape(size, "randn", wanted), np.float64 if wanted.itemsize == 8 else np.float32
    with _source.lock:
        drawn = generator().standard_normal(shape, precise)
    return _made(np.asarray(drawn, wanted), requires_grad, device)


@public("randint")
def randint(
    low: int,
    high: Any = None,
    size: Any = None,
    *,
    dtype: DTypeLike = None,
    device: Any = None,
    requires_grad: bool = False,
) -> Tensor:
    """Integers from `low` to before `high`: `randint(high, size)` or `randint(low, high, size)`.

    >>> _ = manual_seed(0)
    >>> int(randint(5, (1,))) in range(5)
    True
    """
    if size is None:
        low, high, size = 0, low, high
    low, high = integer(low, "randint", "low"), integer(high, "randint", "high")
    if not isinstance(size, (list, tuple)):
        raise ArgumentTypeError(f"randint(): argument 'size' must be tuple of ints, not {type(size).__name__}")
    wanted = int64 if dtype is None else dtype
    if low >= high:
        raise StateError(f"random_ expects 'from' to be less than 'to', but got from={low} >= to={high}")
    fitting(low, wanted), fitting(high - 1, wanted)
    with _source.lock:
        drawn = generator().integers(low, high, _shape((size,), "randint", int64))
    return _made(np.asarray(drawn, wanted), requires_grad, device)


@public("randperm")
def randperm(n: int) -> Tensor:
    """The integers from 0 to n − 1 in random order."""
    with _source.lock:
        return _made(generator().permutation(_shape((n,), "randperm", int64)[0]))


@public("rand_like")
def rand_like(x: Tensor, *, dtype: DTypeLike = None, requires_grad: bool = False) -> Tensor:
    """Numbers spread evenly over [0, 1), with the shape and element type of x."""
    return rand(x.shape, dtype=x._dtype if dtype is None else dtype, requires_grad=requires_grad)


@public("randn_like")
def randn_like(x: Tensor, *, dtype: DTypeLike = None, requires_grad: bool = False) -> Tensor:
    """Numbers of the standard normal distribution, with the shape and element type of x."""
    return randn(x.shape, dtype=x._dtype if dtype is None else dtype, requires_grad=requires_grad)
