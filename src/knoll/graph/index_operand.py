"""Operands whose elements kernels use as addresses: class numbers, and the indices of a pooling."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import NamedTuple


class IndexOperand(NamedTuple):
    """Which operand of a node holds indices, and the function that refuses those out of range, with its arguments."""

    position: int
    check: Callable[..., None]
    arguments: tuple[Hashable, ...]
