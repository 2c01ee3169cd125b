"""The last axes of a tensor, each in a way of its own, whatever stands before them."""

from __future__ import annotations

from knoll.ops.resample.axes import SAME, Axis
from knoll.ops.resample.resample import resample2d
from knoll.tensor import Tensor, apply


def resampled(x: Tensor, *axes: Axis) -> Tensor:
    """One, two or three axes behind channels, or behind samples and channels."""
    before, after = x.shape[: -len(axes)], x.shape[-len(axes) :]
    result = (*before, *(axis.positions(size) for axis, size in zip(axes, after, strict=True)))
    (n, c), deep = (1, *before)[-2:], len(axes) == 3
    y = _shaped(x, n, c * after[0] if deep else c, *(1, *after)[-2:])
    y = _images(y, *(SAME, *axes)[-2:])
    if deep:
        y = _images(_shaped(y, n, c, after[0], result[-2] * result[-1]), axes[0], SAME)
    return _shaped(y, *result)


def _images(x: Tensor, rows: Axis, columns: Axis) -> Tensor:
    return apply(resample2d, x, rows=rows, columns=columns)[0]


def _shaped(x: Tensor, *shape: int) -> Tensor:
    return x if x.shape == shape else x.reshape(shape)
