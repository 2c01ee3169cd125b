"""Elements in other places: reversed, turned, shifted, chosen, repeated."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from knoll.errors import DimensionError, ShapeError, StateError
from knoll.graph import Array
from knoll.ops.dtypes import scalar_name
from knoll.ops.elementwise import broadcast
from knoll.ops.index import frozen, pick, put
from knoll.ops.reduce import expand as expand_op
from knoll.ops.reduce import normalised
from knoll.ops.strided import ALL
from knoll.tensor.arguments import Dims, Sizes, integers, public
from knoll.tensor.arguments import tensors as all_tensors
from knoll.tensor.base import T, TensorBase
from knoll.tensor.choose import where
from knoll.tensor.dtypes import bool_, int32, int64
from knoll.tensor.gather import gather
from knoll.tensor.gradients import clone, contiguous
from knoll.tensor.indexing import get
from knoll.tensor.joining import cat
from knoll.tensor.record import apply
from knoll.tensor.reductions import sum_
from knoll.tensor.shaping import expand, front, permute, picked, repeat, reshape, sizes, strided, transpose

__all__ = [
    "broadcast_to",
    "diag",
    "flip",
    "fliplr",
    "flipud",
    "index_select",
    "masked_select",
    "meshgrid",
    "movedim",
    "narrow",
    "ravel",
    "repeat_interleave",
    "roll",
    "rot90",
    "take_along_dim",
    "tile",
    "trace",
    "tril",
    "triu",
]


def _copied(x: T, key: tuple[Any, ...]) -> T:
    """The elements at a key that a view cannot have, as one with steps backward."""
    return apply(pick, x, key=frozen(key))[0]


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


@public("fliplr")
def fliplr(x: T) -> T:
    """x in the reverse order along its second axis."""
    if len(x.shape) < 2:
        raise ShapeError("Input must be >= 2-d.", got=str(tuple(x.shape)))
    return flip(x, 1)


@public("flipud")
def flipud(x: T) -> T:
    """x in the reverse order along its first axis."""
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
    """x turned by `k` quarters in the plane of `dims`, from the first of them toward the second."""
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
    """The axes `source` at the places `destination`, the others in their order. Raises StateError."""
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


@public("narrow")
def narrow(x: T, dim: int, start: int, length: int) -> T:
    """The view of `length` places along `dim`, from `start` on. Raises StateError, DimensionError."""
    if not x.shape:
        raise StateError("narrow() cannot be applied to a 0-dim tensor.")
    axis = front(dim, len(x.shape))
    size = x.shape[axis]
    if length < 0:
        raise StateError("narrow(): length must be non-negative.")
    if not -size <= start <= size:
        raise DimensionError(f"Dimension out of range (expected to be in range of [{-size}, {size}], but got {start})")
    begin = start + size if start < 0 else start
    if begin + length > size:
        raise StateError(f"start ({begin}) + length ({length}) exceeds dimension size ({size}).")
    return picked(x, (slice(None),) * axis + (slice(begin, begin + length),))


@public("tile")
def tile(x: T, *dims: Sizes) -> T:
    """x, set side by side `dims` times along its last axes."""
    counts = sizes(dims, "tile", "dims")
    return repeat(x, (1,) * (len(x.shape) - len(counts)) + counts)


@public("broadcast_to")
def broadcast_to(x: T, *size: Sizes) -> T:
    """x, repeated along axes of size 1 and along new ones in front."""
    return expand(x, *size)


@public("ravel")
def ravel(x: T) -> T:
    """The elements in reading order, on one axis; a copy where they do not lie so."""
    return reshape(contiguous(x), (-1,))


@public("repeat_interleave")
def repeat_interleave(x: T, repeats: Any, dim: int | None = None, *, output_size: int | None = None) -> T:  # noqa: ARG001 (PyTorch's)
    """Every element `repeats` times, one after the other, along `dim`, or of all in reading order.

    Source: https://pytorch.org/docs/stable/generated/torch.repeat_interleave.html

    >>> import knoll
    >>> knoll.repeat_interleave(knoll.tensor([1, 2]), 2)
    tensor([1, 1, 2, 2])
    """
    flat = reshape(x, (-1,)) if dim is None else x
    axis = front(-1 if dim is None else dim, len(flat.shape))
    given = repeats._realize() if isinstance(repeats, TensorBase) else integers(repeats, "repeat_interleave", "repeats")
    counts, size = np.asarray(given), flat.shape[axis]
    if counts.dtype not in (int32, int64):
        raise StateError("repeats has to be Long or Int tensor")
    if counts.ndim > 1:
        raise StateError("repeats must be 0-dim or 1-dim tensor")
    if (counts < 0).any():
        raise StateError("Repeats must be non-negative")
    if counts.size not in (1, size):
        raise StateError(
            "repeats must have the same size as input along dim, but got repeats.size(0) = "
            f"{counts.size} and input.size({axis}) = {size}"
        )
    if not counts.ndim:
        before, after = flat.shape[: axis + 1], flat.shape[axis + 1 :]
        apart, shape = reshape(flat, (*before, 1, *after)), (*before, int(counts), *after)
        (wide,) = apply(expand_op, apart, shape=shape, axes=(axis + 1,), scale=1.0)
        return reshape(wide, (*before[:-1], size * int(counts), *after))
    places = np.repeat(np.arange(size), np.broadcast_to(counts.reshape(-1), (size,)))
    return index_select(flat, axis, type(x)._over(places))


@public("index_select")
def index_select(x: T, dim: int, index: T, *, out: T | None = None) -> T:
    """The places `index` along `dim`, as a copy. Raises StateError, DimensionError.

    Source: https://pytorch.org/docs/stable/generated/torch.index_select.html
    """
    if index._dtype not in (int32, int64):
        raise StateError("index_select(): Expected dtype int32 or int64 for index", got=f"{index._dtype}")
    if len(index.shape) > 1:
        raise DimensionError("index_select(): Index is supposed to be a vector")
    axis = front(dim, len(x.shape))
    places = index._realize().reshape(-1)
    size = x.shape[axis] if x.shape else 1
    if places.size and not (places.min() >= 0 and places.max() < size):
        raise StateError("index out of range in self", got=str(places.tolist()[:8]))
    if not x.shape:
        return reshape(get(reshape(x, (1,)), type(x)._over(places)), ())
    return get(x, (slice(None),) * axis + (type(x)._over(places),))


@public("take_along_dim")
def take_along_dim(x: T, indices: T, dim: int | None = None, *, out: T | None = None) -> T:
    """As `gather`, with axes other than `dim` broadcast; without `dim` from all elements in reading order."""
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
    """The elements where the mask holds, on one axis; both broadcast. Raises StateError for anything but truths."""
    if mask._dtype != bool_:
        raise StateError("masked_select: expected BoolTensor for mask", got=scalar_name(mask._dtype))
    shape = broadcast(x.shape, mask.shape)
    return get(expand(x, shape), expand(mask, shape))


@public("diag")
def diag(x: T, diagonal: int = 0, *, out: T | None = None) -> T:
    """The diagonal of a matrix, or a matrix with a vector on its diagonal; `diagonal` counts from the main one up.

    Raises StateError for anything else. Source: https://pytorch.org/docs/stable/generated/torch.diag.html
    """
    if len(x.shape) == 2:
        return clone(on_diagonal(x, diagonal))
    if len(x.shape) != 1:
        raise StateError(f"diag(): Supports 1D or 2D tensors. Got {len(x.shape)}D")
    zeros: T = type(x)._over(np.zeros((x.shape[0] + abs(diagonal),) * 2, x._dtype))
    places = tuple(np.arange(x.shape[0]) + max(step, 0) for step in (-diagonal, diagonal))
    return apply(put, zeros, x, *map(_places(x), places), key=frozen((slice(None), slice(None))), axes=(0, 1))[0]


def on_diagonal(x: T, offset: int = 0, first: int = 0, second: int = 1) -> T:
    """The view of the elements whose place on `second` is `offset` more than on `first`, along a new last axis."""
    rank = len(x.shape)
    rest = [axis for axis in range(rank) if axis not in (first, second)]
    length = max(min(x.shape[first] - max(-offset, 0), x.shape[second] - max(offset, 0)), 0)
    begins = {first: max(-offset, 0), second: max(offset, 0)} if length else {}
    whole = tuple((ALL, _along(rank, axis)) for axis in rest)
    start = tuple(begins.get(axis, 0) for axis in range(rank))
    return strided(x, start, (*whole, (length, _along(rank, first, second))))


def windows(x: T, axis: int, size: int, step: int) -> T:
    """The view of all windows of `size` elements along an axis, `step` apart, each along a new last axis."""
    rank = len(x.shape)
    count = (x.shape[axis] - size) // step + 1
    axes = [(count, _along(rank, i, step=step)) if i == axis else (ALL, _along(rank, i)) for i in range(rank)]
    return strided(x, (0,) * rank, (*axes, (size, _along(rank, axis))))


def _along(rank: int, *axes: int, step: int = 1) -> tuple[int, ...]:
    """A step along some axes."""
    return tuple(step if axis in axes else 0 for axis in range(rank))


@public("trace")
def trace(x: T) -> T:
    """The sum of the main diagonal of a matrix. Raises StateError for anything else."""
    if len(x.shape) != 2:
        raise StateError("trace: expected a matrix", got=str(tuple(x.shape)))
    return sum_(on_diagonal(x))


def _places(x: T) -> Callable[[Any], T]:
    over: Callable[[Any], T] = type(x)._over
    return over


@public("tril")
def tril(x: T, diagonal: int = 0, *, out: T | None = None) -> T:
    """Each matrix with zeros above the given diagonal. Raises StateError for fewer than two axes."""
    return _triangle("tril", x, np.tril, diagonal)


@public("triu")
def triu(x: T, diagonal: int = 0, *, out: T | None = None) -> T:
    """Each matrix with zeros below the given diagonal. Raises StateError for fewer than two axes."""
    return _triangle("triu", x, np.triu, diagonal)


def written_by_tril(numbers: Array, diagonal: int = 0) -> Array:
    """Which elements `tril` makes zero, of the numbers of all."""
    rows, columns = numbers.shape[-2:]
    return numbers[..., ~np.tri(rows, columns, diagonal, np.bool_)]


def written_by_triu(numbers: Array, diagonal: int = 0) -> Array:
    """Which elements `triu` makes zero, of the numbers of all."""
    rows, columns = numbers.shape[-2:]
    return numbers[..., np.tri(rows, columns, diagonal - 1, np.bool_)]


def _triangle(name: str, x: T, part: Any, diagonal: int) -> T:
    if len(x.shape) < 2:
        raise StateError(f"{name}: input tensor must have at least 2 dimensions")
    mask: T = type(x)._over(part(np.ones(x.shape[-2:], np.bool_), diagonal))
    zero: T = type(x)._over(np.zeros((), x._dtype))
    return where(mask, x, zero)


@public("meshgrid")
def meshgrid(*tensors: Any, indexing: str = "ij") -> tuple[Any, ...]:
    """The coordinates of a grid: each vector along an axis of its own, repeated along the others.

    "ij": the first vector runs along the first axis; "xy": along the second. Raises StateError.
    Source: https://pytorch.org/docs/stable/generated/torch.meshgrid.html
    """
    parts: Any = tuple(tensors[0]) if len(tensors) == 1 and isinstance(tensors[0], list | tuple) else tensors
    if not parts:
        raise StateError("meshgrid expects a non-empty TensorList")
    if indexing not in ("ij", "xy"):
        raise StateError(f'torch.meshgrid: indexing must be one of "xy" or "ij", but received: {indexing}')
    parts = all_tensors(parts, "meshgrid", "tensors")
    for part in parts:
        if len(part.shape) > 1:
            raise StateError(
                "torch.meshgrid: Expected 0D or 1D tensor in the tensor list but got:", got=str(tuple(part.shape))
            )
    flat = [reshape(part, (-1,)) for part in parts]
    order = [1, 0, *range(2, len(flat))] if indexing == "xy" and len(flat) > 1 else list(range(len(flat)))
    shape = [flat[place].shape[0] for place in order]
    return tuple(
        expand(reshape(part, [part.shape[0] if order[axis] == place else 1 for axis in range(len(flat))]), shape)
        for place, part in enumerate(flat)
    )
