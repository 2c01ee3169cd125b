"""Random tensors, all from one generator that `manual_seed` seeds.

It is NumPy's Philox, counter-based: the numbers are not PyTorch's.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, overload

import numpy as np
from numpy.typing import DTypeLike

from knoll.errors import ArgumentError, ArgumentTypeError, StateError
from knoll.ops.dtypes import refuse_dtype
from knoll.tensor.arguments import Sizes, integer, public
from knoll.tensor.creation import _made, checked, shape_of
from knoll.tensor.device import Device
from knoll.tensor.dtypes import bool_, dtype_or, fitting, int64
from knoll.tensor.generator import NORMAL, UNIFORM, Generator, drawing_from, float_type, normal, source, uniform
from knoll.tensor.memory_format import check_format
from knoll.tensor.memory_format import memory_format as Format  # noqa: N812 (a class, under PyTorch's name)
from knoll.tensor.tensor import Tensor


@public("manual_seed")
def manual_seed(seed: float) -> Generator:
    """Start the random numbers over from `seed`; returns the generator.

    Source: https://pytorch.org/docs/stable/generated/torch.manual_seed.html

    >>> import knoll
    >>> _ = knoll.manual_seed(0)
    >>> first = knoll.rand(2)
    >>> _ = knoll.manual_seed(0)
    >>> bool((first == knoll.rand(2)).all())
    True
    """
    if not math.isfinite(seed) or not -(2**63) <= int(seed) < 2**64:
        raise ArgumentError("Overflow when unpacking long long")
    source.seed(int(seed) % 2**64)
    return source.numpy


def seed() -> int:
    """Start the random numbers over from a seed of the system, and return it."""
    with source.lock:
        source.seed(None)
    return source.numpy.initial_seed()


def get_rng_state() -> Tensor:
    """Where the random numbers stand, as a tensor of bytes that `set_rng_state` takes.

    The bytes are Knoll's own: the numbers are not PyTorch's, and neither is their state.
    Source: https://pytorch.org/docs/stable/generated/torch.get_rng_state.html

    >>> import knoll
    >>> state = knoll.get_rng_state()
    >>> first = knoll.rand(2)
    >>> knoll.set_rng_state(state)
    >>> bool((first == knoll.rand(2)).all())
    True
    """
    with source.lock:
        state: Tensor = source.numpy.get_state()
    return state


def set_rng_state(new_state: Tensor) -> None:
    """Go on with the random numbers where `get_rng_state` was called. Raises ArgumentTypeError, StateError."""
    with source.lock:
        source.numpy.set_state(new_state)
        source.chosen = True


@contextmanager
def fork_rng(
    devices: Iterable[Any] | None = None,  # noqa: ARG001 (PyTorch's; there are no graphics cards)
    enabled: bool = True,
    *,
    device_type: str | None = None,  # noqa: ARG001 (PyTorch's)
) -> Iterator[None]:
    """Draw random numbers inside the block without moving those behind it; with `enabled=False`, nothing.

    Source: https://pytorch.org/docs/stable/random.html

    >>> import knoll
    >>> _ = knoll.random.manual_seed(0)
    >>> with knoll.random.fork_rng():
    ...     inside = knoll.rand(2)
    >>> bool((inside == knoll.rand(2)).all())
    True
    """
    if not enabled:
        yield
        return
    state, chosen = get_rng_state(), source.chosen
    try:
        yield
    finally:
        set_rng_state(state)
        source.chosen = chosen


@public("rand")
def rand(
    *size: Sizes,
    generator: np.random.Generator | None = None,
    dtype: DTypeLike | None = None,
    device: Device = None,
    requires_grad: bool = False,
) -> Tensor:
    """Numbers spread evenly over [0, 1)."""
    wanted = float_type(dtype, UNIFORM)
    return _made(uniform(shape_of(size, "rand", wanted), wanted, generator), requires_grad, device)


@public("randn")
def randn(
    *size: Sizes,
    generator: np.random.Generator | None = None,
    dtype: DTypeLike | None = None,
    device: Device = None,
    requires_grad: bool = False,
) -> Tensor:
    """Numbers of the normal distribution with mean 0 and deviation 1."""
    wanted = float_type(dtype, NORMAL)
    return _made(normal(shape_of(size, "randn", wanted), wanted, generator), requires_grad, device)


@overload
def randint(
    high: int,
    size: Sequence[int],
    /,
    *,
    generator: np.random.Generator | None = None,
    dtype: DTypeLike | None = None,
    device: Device = None,
    requires_grad: bool = False,
) -> Tensor: ...
@overload
def randint(
    high: int,
    /,
    *,
    size: Sequence[int],
    generator: np.random.Generator | None = None,
    dtype: DTypeLike | None = None,
    device: Device = None,
    requires_grad: bool = False,
) -> Tensor: ...
@overload
def randint(
    *,
    high: int,
    size: Sequence[int],
    generator: np.random.Generator | None = None,
    dtype: DTypeLike | None = None,
    device: Device = None,
    requires_grad: bool = False,
) -> Tensor: ...
@overload
def randint(
    low: int,
    high: int,
    size: Sequence[int],
    *,
    generator: np.random.Generator | None = None,
    dtype: DTypeLike | None = None,
    device: Device = None,
    requires_grad: bool = False,
) -> Tensor: ...
@public("randint")
def randint(
    low: Any = None,
    high: Any = None,
    size: Any = None,
    *,
    generator: np.random.Generator | None = None,
    dtype: DTypeLike | None = None,
    device: Device = None,
    requires_grad: bool = False,
) -> Tensor:
    """Integers from `low` to before `high`: `randint(high, size)` or `randint(low, high, size)`.

    >>> import knoll
    >>> _ = knoll.manual_seed(0)
    >>> int(knoll.randint(5, (1,))) in range(5)
    True
    """
    wanted = dtype_or(dtype, int64)
    if size is None and isinstance(high, (list, tuple)):
        high, size = None, high
    if high is None:
        low, high = None, low
    missing = [name for name, value in (("high", high), ("size", size)) if value is None]
    if missing:
        names = ", ".join(f'"{name}"' for name in missing)
        raise ArgumentTypeError(f"randint() missing {len(missing)} required positional arguments: {names}")
    low = 0 if low is None else low
    low, high = integer(low, "randint", "low"), integer(high, "randint", "high")
    if not isinstance(size, (list, tuple)):
        raise ArgumentTypeError(f"randint(): argument 'size' must be tuple of ints, not {type(size).__name__}")
    if low >= high:
        raise StateError(f"random_ expects 'from' to be less than 'to', but got from={low} >= to={high}")
    fitting(low, wanted), fitting(high - 1, wanted)
    with drawing_from(generator) as numbers:
        drawn = numbers.integers(low, high, shape_of((size,), "randint", int64))
    return _made(np.asarray(drawn, wanted), requires_grad, device)


@public("randperm")
def randperm(
    n: int,
    *,
    generator: np.random.Generator | None = None,
    dtype: DTypeLike | None = None,
    device: Device = None,
    requires_grad: bool = False,
) -> Tensor:
    """The integers from 0 to n − 1 in random order, int64 unless `dtype` says otherwise."""
    wanted = dtype_or(dtype, int64)
    if wanted == bool_:
        refuse_dtype("randperm", wanted)
    fitting(max(n - 1, 0), wanted)
    with drawing_from(generator) as numbers:
        drawn = numbers.permutation(checked((n,), int64)[0])
    return _made(drawn.astype(wanted, copy=False), requires_grad, device)


@public("rand_like")
def rand_like(
    x: Tensor,
    *,
    generator: np.random.Generator | None = None,
    dtype: DTypeLike | None = None,
    device: Device = None,
    requires_grad: bool = False,
    memory_format: Format | None = None,
) -> Tensor:
    """Numbers spread evenly over [0, 1), with the shape and element type of x."""
    check_format(memory_format, len(x.shape))
    wanted = x._dtype if dtype is None else dtype
    return rand(x.shape, generator=generator, dtype=wanted, device=device, requires_grad=requires_grad)


@public("randn_like")
def randn_like(
    x: Tensor,
    *,
    generator: np.random.Generator | None = None,
    dtype: DTypeLike | None = None,
    device: Device = None,
    requires_grad: bool = False,
    memory_format: Format | None = None,
) -> Tensor:
    """Numbers of the standard normal distribution, with the shape and element type of x."""
    check_format(memory_format, len(x.shape))
    wanted = x._dtype if dtype is None else dtype
    return randn(x.shape, generator=generator, dtype=wanted, device=device, requires_grad=requires_grad)
