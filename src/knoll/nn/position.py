"""Where an index points in a list of modules or parameters."""

from __future__ import annotations

from typing import SupportsIndex

from knoll.tensor.arguments import integer


def position(idx: SupportsIndex, length: int) -> int:
    """The place that a Python index means, a negative one counted from the end. Raises IndexError, in PyTorch's words.

    >>> position(-1, 3)
    2
    """
    number = integer(idx, "index", "idx")
    if not -length <= number < length:
        raise IndexError(f"index {number} is out of range")
    return number % length
