"""Elements in another order: reversed, turned, shifted, axes moved."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from knoll.errors import DimensionError, ShapeError, StateError
from knoll.ops.indexing.index import frozen, pick
from knoll.ops.reduction.reduce import normalised
from knoll.tensor.arguments import Dims, Sizes, integers, public
from knoll.tensor.base import T
from knoll.tensor.record import apply
from knoll.tensor.shapes.joining import cat
from knoll.tensor.shapes.shaping import front, permute, picked, reshape, sizes, transpose
from knoll.tensor.storage.copying import clone, contiguous

__all__ = ["flip", "fliplr", "flipud", "movedim", "ravel", "roll", "rot90"]


@public("flip")
def flip(x: T, *dims: Sizes) -> T:
    """x in the reverse order along `dims`, as a copy.

    Source: https://pytorch.org/docs/stable/generated/torch.flip.html

    >>> import knoll
    >>> knoll.flip(knoll.tensor([[1, 2], [3, 4]]), 0)
    tensor([[3, 4],
            [1, 2]])
    """
    axes = normalised(sizes(dims, "flip", "dims"), len(x.shape))
    if not x.shape or not axes:
        return _copied(x, (...,))
    return _copied(x, tuple(slice(None, None, -1 if axis in axes else None) for axis in range(len(x.shape))))


def _copied(x: T, key: tuple[Any, ...]) -> T:
    """The elements at a key that a view cannot have, as one with steps backward."""
    return apply(pick, x, key=frozen(key))[0]


@public("fliplr")
def fliplr(x: T) -> T:
    """x in the reverse order along its second axis.

    Source: https://pytorch.org/docs/stable/generated/torch.fliplr.html

    >>> import knoll
    >>> knoll.fliplr(knoll.tensor([[1, 2], [3, 4]]))
    tensor([[2, 1],
            [4, 3]])
    """
    if len(x.shape) < 2:
        raise ShapeError("Input must be >= 2-d.", got=str(tuple(x.shape)))
    return flip(x, 1)


@public("flipud")
def flipud(x: T) -> T:
    """x in the reverse order along its first axis.

    Source: https://pytorch.org/docs/stable/generated/torch.flipud.html

    >>> import knoll
    >>> knoll.flipud(knoll.tensor([[1, 2], [3, 4]]))
    tensor([[3, 4],
            [1, 2]])
    """
    if not x.shape:
        raise ShapeError("Input must be >= 1-d.", got=str(tuple(x.shape)))
    return flip(x, 0)


@public("roll")
def roll(x: T, shifts: Dims, dims: Dims = None) -> T:
    """x with every element moved on by `shifts` along `dims`; what leaves at the end comes in at the beginning.

    Without `dims` it is moved through the elements in reading order.
    Source: https://pytorch.org/docs/stable/generated/torch.roll.html

    >>> import knoll
    >>> knoll.roll(knoll.tensor([1, 2, 3, 4]), 1)
    tensor([4, 1, 2, 3])
    """
    steps = (shifts,) if isinstance(shifts, int) else tuple(shifts or ())
    axes = () if dims is None else (dims,) if isinstance(dims, int) else tuple(dims)
    if not steps:
        raise StateError("`shifts` required")
    if not axes and len(steps) == 1:
        return reshape(roll(reshape(x, (-1,)), steps, 0), x.shape)
    if len(steps) != len(axes):
        raise StateError(f"shifts and dimensions must align. shifts: {len(steps)}, dims:{len(axes)}")
    if not x.shape:
        raise DimensionError(f"Dimension specified as {axes[0]} but tensor has no dimensions")
    moved = x
    for step, dim in zip(steps, axes, strict=True):
        axis = front(dim, len(x.shape))
        size = x.shape[axis]
        cut = size - step % size if size else 0
        if cut % max(size, 1):
            before = (slice(None),) * axis
            moved = cat((picked(moved, (*before, slice(cut, None))), picked(moved, (*before, slice(cut)))), axis)
    return clone(x) if moved is x else moved


@public("rot90")
def rot90(x: T, k: int = 1, dims: Sequence[int] = (0, 1)) -> T:
    """x turned by `k` quarters in the plane of `dims`, from the first of them toward the second.

    Source: https://pytorch.org/docs/stable/generated/torch.rot90.html

    >>> import knoll
    >>> knoll.rot90(knoll.tensor([[1, 2], [3, 4]]))
    tensor([[2, 4],
            [1, 3]])
    """
    plane = integers(dims, "rot90", "dims")
    if isinstance(plane, int) or len(plane) != 2:
        count = 1 if isinstance(plane, int) else len(plane)
        raise StateError(f"expected total rotation dims == 2, but got dims = {count}")
    first, second = normalised(plane, len(x.shape))
    k %= 4
    if k == 2:
        return flip(x, (first, second))
    if k == 0:
        return _copied(x, (...,))
    return flip(transpose(x, first, second), first if k == 1 else second)


@public("movedim")
def movedim(x: T, source: Dims, destination: Dims) -> T:
    """The axes `source` at the places `destination`, the others in their order. Raises StateError.

    Source: https://pytorch.org/docs/stable/generated/torch.movedim.html

    >>> import knoll
    >>> knoll.movedim(knoll.ones(8, 3, 32, 24), 1, -1).shape
    (8, 32, 24, 3)
    """
    given = ((one,) if isinstance(one, int) else tuple(one or ()) for one in (source, destination))
    olds, news = ([dim % max(len(x.shape), 1) for dim in dims if normalised((dim,), len(x.shape))] for dims in given)
    if len(olds) != len(news):
        raise StateError(
            "movedim: Invalid source or destination dims: source "
            f"({list(olds)} dims) should contain the same number of dims as destination ({list(news)} dims)"
        )
    order = [axis for axis in range(len(x.shape)) if axis not in olds]
    for new, old in sorted(zip(news, olds, strict=True)):
        order.insert(new, old)
    return permute(x, order)


@public("ravel")
def ravel(x: T) -> T:
    """The elements in reading order, on one axis; a copy where they do not lie so.

    Source: https://pytorch.org/docs/stable/generated/torch.ravel.html

    >>> import knoll
    >>> knoll.ravel(knoll.tensor([[1, 2], [3, 4]]))
    tensor([1, 2, 3, 4])
    """
    return reshape(contiguous(x), (-1,))
