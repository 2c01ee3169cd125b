"""Whether the numbers of an input have changed since the last call."""

from __future__ import annotations

from typing import TypeAlias
from weakref import ReferenceType


class Identity:
    """Which tensor numbers belong to; `lasting` says whether it is a parameter, which outlives calls."""

    __slots__ = ("__weakref__", "lasting")
    lasting: bool

    def __init__(self, lasting: bool = False) -> None:
        self.lasting = lasting


# Equal as long as the numbers have not changed. A version of None is not known, and equal to no other.
Stamp: TypeAlias = tuple[ReferenceType[Identity], int | None]
