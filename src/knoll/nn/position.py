"""Where an index points in a list of modules or parameters."""

from __future__ import annotations

import operator
from typing import SupportsIndex


def position(idx: SupportsIndex, length: int) -> int:
    """The place that a Python index means, a negative one counted from the end. Raises IndexError, in PyTorch's words.

    >>> position(-1, 3)
    2
    """
    number = operator.index(idx)
    if not -length <= number < length:
        raise IndexError(f"index {number} is out of range")
    return number % length
