"""Stamps: whether an input has changed since the last call."""

from __future__ import annotations

from typing import TypeAlias
from weakref import ReferenceType, ref


class Identity:
    """The identity of a tensor; `is_parameter` is true of parameters and buffers, which outlive calls."""

    __slots__ = ("__weakref__", "_stamp", "is_parameter")
    is_parameter: bool

    def __init__(self, is_parameter: bool = False) -> None:
        self.is_parameter = is_parameter
        self._stamp: Stamp = ref(self), None

    def stamp(self, version: int | None) -> Stamp:
        """The tensor with this version: one object as long as that stays, so that stamps are compared at once."""
        if self._stamp[1] != version:
            self._stamp = self._stamp[0], version
        return self._stamp


# Tensor and version: equal as long as the elements have not changed. An unknown version (None) equals no other.
Stamp: TypeAlias = tuple[ReferenceType[Identity], int | None]
