"""The generator behind all random tensors, and arrays of its numbers."""

from __future__ import annotations

import copy
import os
import threading
from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from math import prod
from typing import Any, Self

import numpy as np
from numpy.typing import DTypeLike

from knoll.graph import Array, Shape
from knoll.graph.spec import DType
from knoll.locks import renewed
from knoll.ops.dtypes import refuse_dtype
from knoll.run.parallel_map import parallel_map
from knoll.tensor.arguments import integer as whole
from knoll.tensor.base import TensorBase
from knoll.tensor.device import Device, on_cpu
from knoll.tensor.device import device as place
from knoll.tensor.dtypes import dtype_or, float32
from knoll.tensor.mapped import check_drawing
from knoll.tensor.random.state import packed, unpacked

__all__ = ["Generator", "initial_seed"]

UNSEEDED = 67280421310721  # the seed that PyTorch gives a generator before anybody else does
LARGE = 1 << 18  # numbers that are worth several threads
STRETCH = 1 << 16  # numbers of one stream
UNIFORM, NORMAL = "check_uniform_bounds", "normal_kernel_cpu"  # PyTorch's kernels, which its sentences name


class Generator(np.random.Generator):
    """A source of random numbers, as `torch.Generator`: NumPy's Philox, which also has all of NumPy's distributions.

    A new one begins with PyTorch's seed of one that nobody seeded; the numbers are not PyTorch's.
    Raises UnsupportedError for a graphics card. Source: https://pytorch.org/docs/stable/generated/torch.Generator.html

    >>> import knoll
    >>> g = knoll.Generator().manual_seed(3)
    >>> first = knoll.rand(2, generator=g)
    >>> bool((first == knoll.rand(2, generator=g.manual_seed(3))).all())
    True
    """

    def __init__(self, device: Device = "cpu") -> None:
        super().__init__(np.random.Philox(UNSEEDED))
        self._device, self._seed, self._set = on_cpu(device or "cpu"), UNSEEDED, 0

    @property
    def device(self) -> place:
        """Where it lies: the processor."""
        return self._device

    def manual_seed(self, seed: int) -> Self:
        """Begin anew from a seed. Raises ArgumentError for one that 64 bits do not hold."""
        number = whole(seed, "manual_seed", "seed", most=2**64 - 1)
        self._seed = number % 2**64
        self.bit_generator.state = np.random.Philox(self._seed).state
        self._set += 1
        return self

    def seed(self) -> int:
        """Begin anew from a seed of the system, and return it."""
        return self.manual_seed(int.from_bytes(os.urandom(8), "little")).initial_seed()

    def initial_seed(self) -> int:
        """The seed that the numbers began with."""
        return self._seed

    def get_state(self) -> Any:
        """Where it stands, as a tensor of bytes (120,) that `set_state` takes. It is Knoll's own, not PyTorch's."""
        return TensorBase._over(packed(self._seed, self.bit_generator.state))

    def set_state(self, new_state: Any) -> Self:
        """Go on where `get_state` was called, with the same seed. Raises ArgumentTypeError, StateError."""
        self._seed, self.bit_generator.state = unpacked(new_state)
        self._set += 1
        return self

    def clone_state(self) -> Self:
        """Another one that goes on where this one stands."""
        return copy.deepcopy(self)

    def __reduce__(self) -> tuple[Any, ...]:
        return _restored, (type(self), self._seed, self.bit_generator.state)


def _restored(kind: type[Generator], seed: int, state: Any) -> Generator:
    generator = kind()
    generator._seed = seed
    generator.bit_generator.state = state
    return generator


class _Source:
    """The generator of this process; a forked process gets one of its own."""

    lock: threading.Lock
    numpy: Generator
    chosen: bool  # whether somebody chose where the numbers begin

    def __init__(self) -> None:
        self.lock = renewed(self, "lock", threading.Lock)
        self.numpy = Generator()
        self.seed(None)

    def seed(self, seed: int | None) -> None:
        self.chosen = seed is not None
        if seed is None:
            self.numpy.seed()
        else:
            self.numpy.manual_seed(seed)

    def after_fork(self) -> None:
        if not self.chosen:
            self.numpy = Generator()  # the lock of the other may be held by a thread that is not here
            self.seed(None)
        elif not self.numpy.bit_generator.lock.acquire(blocking=False):  # by a thread that is not here
            self.numpy = _restored(Generator, self.numpy._seed, self.numpy.bit_generator.state)
        else:
            self.numpy.bit_generator.lock.release()


source: _Source = _Source()
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=source.after_fork)


def initial_seed() -> int:
    """The seed that the random numbers started from.

    Source: https://pytorch.org/docs/stable/generated/torch.initial_seed.html

    >>> import knoll
    >>> _ = knoll.manual_seed(7)
    >>> knoll.initial_seed()
    7
    """
    return source.numpy.initial_seed()


def generator() -> Generator:
    """The generator behind all random tensors."""
    return source.numpy


def rng_position() -> Hashable:
    """Where the random numbers stand: equal as long as none has been drawn, and the generator was not set."""
    state: Any = source.numpy.bit_generator.state
    return (source.numpy._set, *state["state"]["counter"], state["buffer_pos"], state["has_uint32"])


def float_type(word: DTypeLike | None, kernel: str) -> DType:
    """float32, or another type of floats that is asked for."""
    dtype = dtype_or(word, float32)
    if dtype.kind != "f":
        refuse_dtype(kernel, dtype)
    return dtype


@contextmanager
def drawing_from(given: np.random.Generator | None) -> Iterator[np.random.Generator]:
    """The generator that was given, else the one behind all random tensors, which nobody else draws from meanwhile."""
    check_drawing()
    if given is not None:
        yield given
    else:
        with source.lock:
            yield source.numpy


def uniform(
    shape: Shape, dtype: DType, given: np.random.Generator | None = None, scale: float = 1, shift: float = 0
) -> Array:
    """Numbers spread evenly over [0, 1), times a scale, plus a shift."""
    return _drawn(np.random.Generator.random, shape, dtype, given, scale, shift)


def normal(
    shape: Shape, dtype: DType, given: np.random.Generator | None = None, scale: float = 1, shift: float = 0
) -> Array:
    """Numbers of the normal distribution with mean 0 and deviation 1, times a scale, plus a shift."""
    return _drawn(np.random.Generator.standard_normal, shape, dtype, given, scale, shift)


def _drawn(
    draw: Callable[..., Any],
    shape: Shape,
    dtype: DType,
    given: np.random.Generator | None,
    scale: float,
    shift: float,
) -> Array:
    """Numbers that a method of a generator draws.

    Many are drawn by several threads, each stretch from a stream of its own whose key the generator draws: they are
    the same however many threads there are.
    """
    precise = _precise(dtype)
    with drawing_from(given) as numbers:
        if prod(shape) < LARGE or not isinstance(numbers.bit_generator, np.random.Philox):
            return np.asarray(_moved(draw(numbers, shape, precise), scale, shift), dtype)
        key = numbers.integers(0, 2**64, 2, np.uint64)
    from knoll.run.threads import get_num_threads  # when it is needed, as it imports the compiler

    result = np.empty(shape, precise)
    stretches = np.split(result.reshape(-1), range(STRETCH, result.size, STRETCH))

    def fill(number: int) -> None:
        stream = np.random.Generator(np.random.Philox(key=key, counter=[0, 0, number, 0]))
        draw(stream, dtype=precise, out=stretches[number])
        _moved(stretches[number], scale, shift)

    parallel_map(fill, range(len(stretches)), get_num_threads())
    return np.asarray(result, dtype)


def _moved(numbers: Array, scale: float, shift: float) -> Array:
    """Numbers times a scale, plus a shift, in place."""
    if scale != 1:
        numbers *= numbers.dtype.type(scale)
    if shift:
        numbers += numbers.dtype.type(shift)
    return numbers


def _precise(dtype: DType) -> Any:
    """The type that numbers are drawn in."""
    return np.float64 if dtype.itemsize == 8 else np.float32
