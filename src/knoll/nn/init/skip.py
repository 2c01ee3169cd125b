"""Initialisation that is skipped: for layers whose numbers will be loaded, or are never read."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from typing import Any, TypeVar, cast

from knoll.tensor import Tensor

F = TypeVar("F", bound=Callable[..., Tensor])


class _State(threading.local):
    is_skipped: bool = False
    are_constants_skipped: bool = False


_state: _State = _State()


@contextmanager
def skip_init(*, constants: bool = False) -> Iterator[None]:
    """Nothing random is drawn meanwhile, in this thread: layers that are made keep the numbers of their memory.

    With `constants` normalisations keep them, too: memory that nobody writes to is not taken from the system.
    """
    before = _state.is_skipped, _state.are_constants_skipped
    _state.is_skipped, _state.are_constants_skipped = True, constants or before[1]
    try:
        yield
    finally:
        _state.is_skipped, _state.are_constants_skipped = before


def is_skipped() -> bool:
    """Whether nothing random is drawn now."""
    return _state.is_skipped


def constants_skipped() -> bool:
    """Whether the ones and zeros of a normalisation are not written now."""
    return _state.are_constants_skipped


def skippable(function: F) -> F:
    """A function that fills its first argument at random, unless initialisation is skipped."""

    @wraps(function)
    def drawing(tensor: Tensor, *args: Any, **named: Any) -> Tensor:
        return tensor if _state.is_skipped else function(tensor, *args, **named)

    return cast(F, drawing)
