"""Settings of blocks: the list of sizes that a network is made of."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeVar

from knoll.errors import ArgumentError, ArgumentTypeError

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
