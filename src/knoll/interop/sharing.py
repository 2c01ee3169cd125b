"""Arrays by name that lie in one memory: which do, as a text, and the same again when they are read.

Every array stands in the file with all its numbers, so that other programs read it by its name. The text, JSON, says of
those that were parts of another, as a tied weight is, where they lay in it: `{name: [whole, offset, strides]}`, counted
in elements.
"""

from __future__ import annotations

import json
from collections.abc import Iterator

import numpy as np
from numpy.lib.array_utils import byte_bounds
from numpy.typing import NDArray

from knoll.errors import DataError
from knoll.interop.nested_values import Arrays
from knoll.messages import say

Place = tuple[str, int, tuple[int, ...]]  # of a part: the name of the whole, its first element, its strides


def parts_among(arrays: Arrays) -> str | None:
    """Which arrays are parts of others, as a text; None where there are none.

    >>> whole = np.arange(6.0)
    >>> parts_among({"whole": whole, "part": whole[1::2]})
    '{"part": ["whole", 1, [2]]}'
    """
    places: dict[str, Place] = {}
    for members in _overlapping(arrays):
        whole = next((name for name in members if _holds_all(arrays[name], [arrays[n] for n in members])), None)
        if whole is not None:
            places |= {
                name: _place(whole, arrays[whole], arrays[name])
                for name in members
                if name != whole and _is_countable(arrays[whole], arrays[name])
            }
    return json.dumps(places) if places else None


def _overlapping(arrays: Arrays) -> Iterator[list[str]]:
    """The names of arrays that reach into each other, in order of the arrays; those alone are left out."""
    order = {name: number for number, name in enumerate(arrays)}
    reaches = sorted((*byte_bounds(array), name) for name, array in arrays.items() if array.size)
    members: list[str] = []
    last = 0
    for start, end, name in reaches:
        if start >= last:
            if len(members) > 1:
                yield sorted(members, key=order.__getitem__)
            members = []
        members.append(name)
        last = max(last, end)
    if len(members) > 1:
        yield sorted(members, key=order.__getitem__)


def _holds_all(whole: NDArray[np.generic], others: list[NDArray[np.generic]]) -> bool:
    start, end = byte_bounds(whole)
    reaches = [byte_bounds(other) for other in others]
    return whole.flags.c_contiguous and all(start <= first and last <= end for first, last in reaches)


def _is_countable(whole: NDArray[np.generic], part: NDArray[np.generic]) -> bool:
    """Whether the elements of a part are elements of the whole."""
    steps = (part.ctypes.data - whole.ctypes.data, *part.strides)
    return part.dtype == whole.dtype and not any(step % whole.itemsize for step in steps)


def _place(name: str, whole: NDArray[np.generic], part: NDArray[np.generic]) -> Place:
    offset = (part.ctypes.data - whole.ctypes.data) // whole.itemsize
    return name, offset, tuple(step // whole.itemsize for step in part.strides)


def in_one_memory(arrays: Arrays, text: str) -> Arrays:
    """The arrays that are parts of others, as the text says, and these. Raises DataError where they cannot be."""
    joined: Arrays = {}
    try:
        for name, (whole, offset, strides) in json.loads(text).items():
            joined[whole] = arrays[whole]
            joined[name] = _part(arrays[whole], arrays[name], offset, strides)
    except (ValueError, TypeError, KeyError, AttributeError, OverflowError, RecursionError) as error:
        reason = say("interop.broken_structure", reason=f"{type(error).__name__}: {error}")
        raise DataError(reason, advice=say("interop.copy_again")) from None
    return joined


def _part(
    whole: NDArray[np.generic], alone: NDArray[np.generic], offset: int, strides: list[int]
) -> NDArray[np.generic]:
    """The part of the whole that has the shape of what stands alone. Raises ValueError where it reaches beyond."""
    reaches = [(size - 1) * step for size, step in zip(alone.shape, strides, strict=True)]
    first = offset + sum(min(reach, 0) for reach in reaches)
    last = offset + sum(max(reach, 0) for reach in reaches)
    if not 0 <= first <= last < whole.size or whole.dtype != alone.dtype or not alone.size:
        raise ValueError("strides")
    steps = [step * whole.itemsize for step in strides]
    return np.lib.stride_tricks.as_strided(whole.reshape(-1)[offset:], alone.shape, steps)
