"""The seed and the state of the generator behind all random tensors.

It is the Philox generator of NumPy, counter-based: the numbers are not those of PyTorch.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from knoll.errors import ArgumentError
from knoll.tensor.arguments import public
from knoll.tensor.random.generator import Generator, source
from knoll.tensor.tensor import Tensor

__all__ = ["manual_seed"]


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
    if seed != seed or not -(2**63) <= seed < 2**64:
        raise ArgumentError("Overflow when unpacking long long")
    source.seed(int(seed) % 2**64)
    return source.numpy


def seed() -> int:
    """Start the random numbers over from a seed of the system, and return it.

    Source: https://pytorch.org/docs/stable/generated/torch.seed.html

    >>> import knoll
    >>> knoll.seed() == knoll.initial_seed()
    True
    """
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
    """Go on with the random numbers where `get_rng_state` was called. Raises ArgumentTypeError, StateError.

    Source: https://pytorch.org/docs/stable/generated/torch.set_rng_state.html

    >>> import knoll
    >>> state = knoll.get_rng_state()
    >>> x = knoll.rand(3)
    >>> knoll.set_rng_state(state)
    >>> bool((knoll.rand(3) == x).all())
    True
    """
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
