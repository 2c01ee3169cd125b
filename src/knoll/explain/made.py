"""Layers as arguments of others: what they are made of, so that each example makes its own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from knoll.analysis import written
from knoll.explain.parts import Option, Written
from knoll.nn import Module
from knoll.nn.init.skip import skip_init


@dataclass(frozen=True)
class Made(Written):
    """A layer that is made where it is wanted; it prints itself as it is written.

    >>> from knoll import nn
    >>> Made(nn.Linear, {"in_features": 4, "out_features": 2})
    Linear(4, 2)
    """

    kind: type[Module]
    arguments: Mapping[str, Option]

    def made(self) -> Module:
        """The layer, newly made."""
        return self.kind(**self.arguments)

    def __repr__(self) -> str:
        with skip_init():
            return written(self.made())

    def __hash__(self) -> int:
        return hash((self.kind, tuple(self.arguments.items())))


def made(value: Option) -> object:
    """The value of an argument as a constructor takes it."""
    return value.made() if isinstance(value, Made) else value
