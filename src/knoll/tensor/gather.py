"""Elements taken along an axis, each by an index of its own."""

from __future__ import annotations

from knoll.errors import DTypeError, ShapeError
from knoll.ops import along_axis as ops
from knoll.tensor.arguments import public
from knoll.tensor.base import T
from knoll.tensor.dtypes import int32, int64
from knoll.tensor.layout import count
from knoll.tensor.record import apply
from knoll.tensor.shaping import front, picked, reshape

__all__ = ["gather"]


@public("gather")
def gather(x: T, dim: int, index: T, *, out: T | None = None) -> T:
    """y[i, j] = x[index[i, j], j] for `dim` 0, and so on.

    Source: https://pytorch.org/docs/stable/generated/torch.gather.html
    """
    if index._dtype not in (int32, int64):
        raise DTypeError("gather(): Expected dtype int32/int64 for index", got=f"{index._dtype}")
    axis = front(dim, len(x.shape))
    whole, places = (part if part.shape else reshape(part, (1,)) for part in (x, index))
    if count(index) and len(places.shape) != len(whole.shape):
        raise ShapeError("Index tensor must have the same number of dimensions as input tensor")
    for other, (least, most) in enumerate(zip(places.shape, whole.shape, strict=False)):
        if other != axis and least > most and count(index):
            raise ShapeError(
                f"Size does not match at dimension {other} expected index {list(index.shape)} to be no larger than "
                f"self {list(x.shape)} apart from dimension {axis}"
            )
    if not count(index):  # whatever its element type
        return reshape(picked(reshape(x, (-1,)) if x.shape else whole, (slice(0),)), index.shape)
    found = apply(ops.gather, whole, places, axis=axis)[0]
    return found if index.shape else reshape(found, ())
