"""Sizes in pixels, as transforms take them."""

from __future__ import annotations

from typing import Any

import numpy as np

from knoll.errors import ArgumentError, ArgumentTypeError
from knoll.messages import say


def are_numbers(values: Any) -> bool:
    """Whether these are real numbers only."""
    return all(isinstance(each, int | float | np.number) and not isinstance(each, bool) for each in values)


def pixel_count(name: str, value: Any, least: int) -> int:
    """A number of pixels. Raises ArgumentTypeError where it is no whole number, ArgumentError where it is smaller."""
    if isinstance(value, bool) or not isinstance(value, int | float | np.number) or not float(value).is_integer():
        raise ArgumentTypeError(say("vision.pixels", name=name), got=repr(value))
    if value < least:
        raise ArgumentError(say("vision.pixels", name=name), expected=f">= {least}", got=str(value))
    return int(value)
