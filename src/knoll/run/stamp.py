"""Stamps: whether an input has changed since the last call."""

from __future__ import annotations

from typing import TypeAlias
from weakref import ReferenceType


class Identity:
    """The identity of a tensor; `is_parameter` is true of parameters and buffers, which outlive calls."""

    __slots__ = ("__weakref__", "is_parameter")
    is_parameter: bool

    def __init__(self, is_parameter: bool = False) -> None:
        self.is_parameter = is_parameter


# Tensor and version: equal as long as the elements have not changed. An unknown version (None) equals no other.
Stamp: TypeAlias = tuple[ReferenceType[Identity], int | None]
