"""Whether the numbers of an input have changed since the last call."""

from __future__ import annotations

from typing import TypeAlias
from weakref import ReferenceType


class Identity:
    """Which tensor numbers belong to; `is_parameter` says whether it is a parameter or buffer, which outlives calls."""

    __slots__ = ("__weakref__", "is_parameter")
    is_parameter: bool

    def __init__(self, is_parameter: bool = False) -> None:
        self.is_parameter = is_parameter


# Equal as long as the numbers have not changed. A version of None is not known, and equal to no other.
Stamp: TypeAlias = tuple[ReferenceType[Identity], int | None]
