"""Elements taken at indices, or where a mask holds."""

from __future__ import annotations

from knoll.errors import DimensionError, DTypeError, ShapeError, StateError
from knoll.ops.dtypes import scalar_name
from knoll.ops.elementwise.elementwise import broadcast
from knoll.ops.reduction import along_axis as ops
from knoll.tensor.arguments import public
from knoll.tensor.base import T, TensorBase
from knoll.tensor.dtypes import bool_, int32, int64
from knoll.tensor.indexing.subscript import get
from knoll.tensor.mapped import mapped_call
from knoll.tensor.record import apply
from knoll.tensor.shapes.expansion import expand
from knoll.tensor.shapes.shaping import front, picked, reshape
from knoll.tensor.storage.layout import numel

__all__ = ["gather", "index_select", "masked_select", "take", "take_along_dim"]


@public("gather")
def gather(x: T, dim: int, index: T, *, out: T | None = None) -> T:
    """y[i, j] = x[index[i, j], j] for `dim` 0, and so on.

    Source: https://pytorch.org/docs/stable/generated/torch.gather.html

    >>> import knoll
    >>> knoll.gather(knoll.tensor([[1, 2], [3, 4]]), 1, knoll.tensor([[0, 0], [1, 0]]))
    tensor([[1, 1],
            [4, 3]])
    """
    if index._dtype not in (int32, int64):
        raise DTypeError("gather(): Expected dtype int32/int64 for index", got=f"{index._dtype}")
    axis = front(dim, len(x.shape))
    whole, places = (part if part.shape else reshape(part, (1,)) for part in (x, index))
    if numel(index) and len(places.shape) != len(whole.shape):
        raise ShapeError("Index tensor must have the same number of dimensions as input tensor")
    for other, (least, most) in enumerate(zip(places.shape, whole.shape, strict=False)):
        if other != axis and least > most and numel(index):
            raise ShapeError(
                f"Size does not match at dimension {other} expected index {list(index.shape)} to be no larger than "
                f"self {list(x.shape)} apart from dimension {axis}"
            )
    if not numel(index):  # whatever its element type
        return reshape(picked(reshape(x, (-1,)) if x.shape else whole, (slice(0),)), index.shape)
    found = apply(ops.gather, whole, places, axis=axis)[0]
    return found if index.shape else reshape(found, ())


@public("take")
def take(x: T, index: T) -> T:
    """The elements at places counted in reading order, in the shape of `index`. Raises StateError.

    >>> import knoll
    >>> knoll.take(knoll.tensor([[1, 2], [3, 4]]), knoll.tensor([3, 0]))
    tensor([4, 1])
    """
    check_index("take", index)
    return get(reshape(x, (-1,)), index)


def check_index(name: str, index: TensorBase) -> None:
    if index._dtype not in (int32, int64):
        raise DTypeError(f"{name}(): Expected dtype int32/int64 for index", got=scalar_name(index._dtype))


@public("index_select")
def index_select(x: T, dim: int, index: T, *, out: T | None = None) -> T:
    """The places `index` along `dim`, as a copy. Raises StateError, DimensionError.

    Source: https://pytorch.org/docs/stable/generated/torch.index_select.html

    >>> import knoll
    >>> knoll.index_select(knoll.tensor([[1, 2], [3, 4], [5, 6]]), 0, knoll.tensor([2, 0]))
    tensor([[5, 6],
            [1, 2]])
    """
    if index._dtype not in (int32, int64):
        raise StateError("index_select(): Expected dtype int32 or int64 for index", got=f"{index._dtype}")
    if len(index.shape) > 1:
        raise DimensionError("index_select(): Index is supposed to be a vector")
    axis = front(dim, len(x.shape))
    size = x.shape[axis] if x.shape else 1
    if mapped_call(index) is not None:
        return get(x, (slice(None),) * axis + (reshape(index, (-1,)),))
    places = index._realize().reshape(-1)
    if places.size and not (places.min() >= 0 and places.max() < size):
        raise StateError("index out of range in self", got=str(places.tolist()[:8]))
    if not x.shape:
        return reshape(get(reshape(x, (1,)), type(x)._over(places)), ())
    return get(x, (slice(None),) * axis + (type(x)._over(places),))


@public("take_along_dim")
def take_along_dim(x: T, indices: T, dim: int | None = None, *, out: T | None = None) -> T:
    """As `gather`, with axes other than `dim` broadcast; without `dim` from all elements in reading order.

    Source: https://pytorch.org/docs/stable/generated/torch.take_along_dim.html

    >>> import knoll
    >>> x = knoll.tensor([[3, 1, 2]])
    >>> knoll.take_along_dim(x, x.argsort(dim=1), dim=1)
    tensor([[1, 2, 3]])
    """
    if dim is None:
        return gather(reshape(x, (-1,)), 0, reshape(indices, (-1,)))
    axis = front(dim, len(x.shape))
    if len(x.shape) != len(indices.shape):
        raise StateError(
            "torch.take_along_dim(): input and indices should have the same number of dimensions, "
            f"but got {len(x.shape)} dimensions for input, and {len(indices.shape)} dimensions for indices"
        )
    mine, theirs = ((*part.shape[:axis], 1, *part.shape[axis + 1 :]) for part in (x, indices))
    rest = broadcast(mine, theirs)
    whole = expand(x, (*rest[:axis], x.shape[axis], *rest[axis + 1 :]))
    return gather(whole, axis, expand(indices, (*rest[:axis], indices.shape[axis], *rest[axis + 1 :])))


@public("masked_select")
def masked_select(x: T, mask: T, *, out: T | None = None) -> T:
    """The elements where the mask holds, on one axis; both broadcast. Raises StateError for anything but truths.

    Source: https://pytorch.org/docs/stable/generated/torch.masked_select.html

    >>> import knoll
    >>> knoll.masked_select(knoll.tensor([[1, 2], [3, 4]]), knoll.tensor([[True, False], [True, True]]))
    tensor([1, 3, 4])
    """
    if mask._dtype != bool_:
        raise StateError("masked_select: expected BoolTensor for mask", got=scalar_name(mask._dtype))
    shape = broadcast(x.shape, mask.shape)
    return get(expand(x, shape), expand(mask, shape))
