"""Functions as methods of tensors: what type checkers read of their results."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, Concatenate, ParamSpec, Protocol, TypeVar, overload

from knoll.return_types import Extreme
from knoll.tensor.base import T, TensorBase

P = ParamSpec("P")
R = TypeVar("R", bound=TensorBase)
R_co = TypeVar("R_co", covariant=True)


class HasResults(Protocol[R_co]):
    """A tensor whose results are of the class R, as `mT` is: those of a parameter are plain tensors."""

    @property
    def mT(self) -> R_co:  # noqa: N802 (as in PyTorch)
        """The last two axes in each other's place."""


@overload
def method(function: Callable[Concatenate[T, P], T]) -> Callable[Concatenate[HasResults[R], P], R]: ...
@overload
def method(
    function: Callable[Concatenate[T, P], Extreme[T]],
) -> Callable[Concatenate[HasResults[R], P], Extreme[R]]: ...
@overload
def method(
    function: Callable[Concatenate[T, P], tuple[T, ...]],
) -> Callable[Concatenate[HasResults[R], P], tuple[R, ...]]: ...
@overload
def method(
    function: Callable[Concatenate[T, P], Iterator[T]],
) -> Callable[Concatenate[HasResults[R], P], Iterator[R]]: ...
def method(function: Any) -> Any:
    """A function over `TensorBase` as a method of `Tensor`: the function itself, whose results are plain tensors.

    Methods are Final, so that every type checker reads the types of the function, and because a function of the same
    name would not ask the method of a subclass.
    """
    return function
