"""Where an index points in a list of modules or parameters."""

from __future__ import annotations

import operator
from typing import SupportsIndex

from knoll.errors import ArgumentTypeError


def position(idx: SupportsIndex, length: int) -> int:
    """The place that a Python index means, a negative one counted from the end. Raises IndexError, in PyTorch's words.

    >>> position(-1, 3)
    2
    """
    try:
        number = operator.index(idx)
    except TypeError as error:
        raise ArgumentTypeError(str(error), got=repr(idx)) from None
    if not -length <= number < length:
        raise IndexError(f"index {number} is out of range")
    return number % length
