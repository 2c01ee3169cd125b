"""What networks are given: the sizes of their blocks, and what makes their layers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeVar, cast

from knoll.errors import ArgumentError, ArgumentTypeError
from knoll.nn import Module

Setting = TypeVar("Setting")


def block_settings(given: Any, kind: type[Setting], name: str, called: str) -> Sequence[Setting]:
    """The settings given as the argument `name`, if each is of a kind that is called `called`.

    Raises ArgumentError for none, ArgumentTypeError for others, in torchvision's words.

    >>> block_settings([1, 2], int, "sizes", "List[int]")
    [1, 2]
    """
    if isinstance(given, Sequence) and not given:
        raise ArgumentError(f"The {name} should not be empty")
    if not isinstance(given, Sequence) or not all(isinstance(each, kind) for each in given):
        raise ArgumentTypeError(f"The {name} should be {called}", got=type(given).__name__)
    return given


def maker(given: Any, usual: Callable[..., Module], name: str) -> Callable[..., Module]:
    """What makes layers, given as the argument `name`; `usual` stands for None. Raises ArgumentTypeError.

    >>> from knoll.nn import ReLU
    >>> maker(None, ReLU, "activation").__name__
    'ReLU'
    """
    if given is None:
        return usual
    if not callable(given):
        raise ArgumentTypeError(f"'{type(given).__name__}' object is not callable", where=name)
    return cast("Callable[..., Module]", given)


def makers(given: Any, usual: Sequence[Callable[..., Module]], words: str, name: str) -> list[Callable[..., Module]]:
    """What makes each kind of block; `usual` stands for None, and `words` are said before a wrong number of them.

    Raises ArgumentError, ArgumentTypeError.
    """
    if given is None:
        return list(usual)
    if not isinstance(given, Sequence) or len(given) != len(usual):
        count = len(given) if isinstance(given, Sequence) else type(given).__name__
        raise ArgumentError(f"{words} should be {len(usual)} instead of {count}")
    return [maker(each, default, name) for each, default in zip(given, usual, strict=True)]
