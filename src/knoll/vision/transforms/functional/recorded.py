"""What NumPy and tensors write differently, for functions of pixels that are called with either.

A tensor through which a gradient flows back is given to such a function itself, so that its operations are recorded; of
others it gets the numbers. https://pytorch.org/vision/stable/transforms.html
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from knoll.graph.spec import DType
from knoll.tensor import Tensor, from_numpy
from knoll.tensor.autograd.modes import is_grad_enabled
from knoll.tensor.elementwise.choose import where
from knoll.tensor.shapes.joining import stack

Array = NDArray[Any]


def computed(image: Tensor, function: Callable[[Any], Any]) -> Tensor:
    """The tensor that a function of arrays makes of a tensor, recorded where a gradient flows back through it."""
    made = function(image if image.requires_grad and is_grad_enabled() else image.detach().numpy())
    return made if isinstance(made, Tensor) else from_numpy(np.ascontiguousarray(made))


def typed(values: Any, dtype: DType) -> Any:
    """The values in another type."""
    return values.to(dtype) if isinstance(values, Tensor) else values.astype(dtype)


def chosen(condition: Any, yes: Any, no: Any) -> Any:
    """`yes` where the condition holds, `no` elsewhere."""
    if not isinstance(yes, Tensor) and not isinstance(no, Tensor):
        return np.where(condition, yes, no)
    return where(_tensor(condition), _tensor(yes), _tensor(no))


def picked(number: Any, options: Sequence[Any]) -> Any:
    """For each element the option of its number."""
    if not isinstance(options[0], Tensor):
        return np.choose(number, options)
    made = options[0]
    for i, option in enumerate(options[1:], 1):
        made = where(number == i, option, made)
    return made


def stacked(parts: Sequence[Any], axis: int) -> Any:
    """Parts side by side on a new axis."""
    return stack(list(parts), axis) if isinstance(parts[0], Tensor) else np.stack(parts, axis=axis)


def repeated(values: Any, count: int, axis: int) -> Any:
    """Each of the values `count` times along an axis."""
    if isinstance(values, Tensor):
        return values.repeat_interleave(count, axis)
    return np.repeat(values, count, axis=axis)


def windows(values: Any, size: tuple[int, int]) -> Any:
    """All windows (r, s) of values (…, h, w): (…, h − r + 1, w − s + 1, r, s)."""
    if isinstance(values, Tensor):
        return values.unfold(-2, size[0], 1).unfold(-2, size[1], 1)
    return np.lib.stride_tricks.sliding_window_view(values, size, axis=(-2, -1))


def zeros(shape: Sequence[int], like: Any) -> Any:
    """Zeros of the kind and the type of other values."""
    return like.new_zeros(tuple(shape)) if isinstance(like, Tensor) else np.zeros(shape, like.dtype)


def copied(values: Any) -> Any:
    """The values in memory of their own, to be written over."""
    return values.clone() if isinstance(values, Tensor) else values.copy()


def largest(values: Any, axis: int | tuple[int, int] = -3) -> Any:
    """The largest channel of each pixel, or the largest pixel of each channel with its two axes kept."""
    if not isinstance(values, Tensor):
        return values.max(axis, keepdims=isinstance(axis, tuple))
    return values.max(axis)[0] if isinstance(axis, int) else values.amax(axis, keepdim=True)


def least(values: Any, axis: int | tuple[int, int] = -3) -> Any:
    """The least channel of each pixel, or the least pixel of each channel with its two axes kept."""
    if not isinstance(values, Tensor):
        return values.min(axis, keepdims=isinstance(axis, tuple))
    return values.min(axis)[0] if isinstance(axis, int) else values.amin(axis, keepdim=True)


def _tensor(values: Any) -> Any:
    return from_numpy(values) if isinstance(values, np.ndarray) else values
