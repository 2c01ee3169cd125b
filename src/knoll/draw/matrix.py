"""Arrays that can be drawn, and errors for those that cannot."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from knoll.errors import DTypeError, ShapeError
from knoll.messages import say

Values = np.ndarray[Any, np.dtype[Any]]


def values_of(array: ArrayLike, *dimensions: int) -> Values:
    """The array with one of these numbers of dimensions.

    Raises ShapeError for another number of dimensions, DTypeError for what holds neither numbers nor words.

    >>> values_of([[1, 2]], 2).shape
    (1, 2)
    """
    try:
        values = np.asarray(array)
    except ValueError:  # rows of different lengths
        raise ShapeError(say("draw.ragged"), expected=_wanted(dimensions)) from None
    if values.dtype.kind not in "biufU":
        raise DTypeError(say("draw.no_numbers", dtype=values.dtype), expected=say("draw.numbers"))
    if dimensions and values.ndim not in dimensions:
        advice = say("draw.one_sample") if values.ndim == max(dimensions) + 1 else None
        got = str(tuple(values.shape))
        raise ShapeError(say("draw.dimensions"), expected=_wanted(dimensions), got=got, advice=advice)
    return values


def numbers_of(array: ArrayLike, *dimensions: int) -> Values:
    """The same as floating-point numbers, for what is drawn by size."""
    values = values_of(array, *dimensions)
    if values.dtype.kind == "U":
        raise DTypeError(say("draw.no_numbers", dtype=values.dtype), expected=say("draw.numbers"))
    return values.astype(np.float64)


def _wanted(dimensions: tuple[int, ...]) -> str:
    return say("draw.array_of", dimensions=" / ".join(map(str, dimensions)))
