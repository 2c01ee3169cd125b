"""Other shapes of the same elements: reshaped, with axes added, left out, permuted."""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import lru_cache
from typing import Any, overload

import numpy as np
from numpy.typing import DTypeLike

from knoll.errors import ArgumentTypeError, DimensionError, ShapeError, StateError
from knoll.graph import Shape, Spec, spec_of
from knoll.graph.memory_limit import MAX_INT64
from knoll.messages import say
from knoll.ops.indexing.index import frozen, pick, put, thawed, view_at
from knoll.ops.reduction.reduce import normalised
from knoll.ops.shapes import reshape as ops
from knoll.ops.shapes.strided import Axes, strided_view
from knoll.ops.shapes.strided import strided as strided_op
from knoll.tensor.arguments import Dims, Sizes, integers, named_sizes, public
from knoll.tensor.base import T, TensorBase, ViewStep
from knoll.tensor.dtypes import dtype_of
from knoll.tensor.record import apply
from knoll.tensor.storage import strides as view_strides
from knoll.tensor.storage.alias import view_of
from knoll.tensor.storage.placement import as_it_lies
from knoll.tensor.storage.reinterpret import as_type
from knoll.tensor.storage.strides import StrideRule

__all__ = ["flatten", "permute", "reshape", "squeeze", "transpose", "unflatten", "unsqueeze"]


def sizes(given: tuple[Sizes, ...], function: str, name: str) -> Shape:
    """A shape that was given as one sequence or as several numbers."""
    shape = given[0] if len(given) == 1 and isinstance(given[0], (tuple, list)) else given
    for size in shape:
        if type(size) is not int or not -MAX_INT64 <= size <= MAX_INT64:
            break
    else:
        return tuple(shape)
    if shape is given and len(given) == 1 and not hasattr(given[0], "__index__"):
        integers(given[0], function, name)
    return integers(tuple(shape), function, name)  # type: ignore[return-value]  # a tuple for a tuple


@public("reshape")
def reshape(x: T, *shape: Sizes) -> T:
    """The same elements in reading order, in another shape, of which one size may be −1.

    Raises ShapeError. Source: https://pytorch.org/docs/stable/generated/torch.reshape.html

    >>> import knoll
    >>> knoll.reshape(knoll.arange(6), (2, -1)).shape
    (2, 3)
    """
    whole = ops.inferred(math.prod(x.shape), sizes(shape, "reshape", "shape"), x.shape)
    return _reshaped(x, whole) if _can_view(x, whole) else apply(ops.reshape, x, shape=whole)[0]


@overload
def view(x: T, dtype: DTypeLike, /) -> T: ...


@overload
def view(x: T, *, dtype: DTypeLike) -> T: ...


@overload
def view(x: T, *, size: Sequence[int]) -> T: ...


@overload
def view(x: T, *size: Sizes) -> T: ...


def view(x: T, *shape: Any, size: Sequence[int] | None = None, dtype: DTypeLike | None = None) -> T:
    """As `reshape`, for elements that lie so that nothing has to be copied; `view(dtype)` reads their bits anew.

    A view of another element type is the same memory, as NumPy's; no gradient flows through it. Raises ShapeError,
    StateError. Source: https://pytorch.org/docs/stable/generated/torch.Tensor.view.html

    >>> from knoll.tensor import tensor
    >>> tensor([1.0, -0.0]).view("int32")
    tensor([ 1065353216, -2147483648], dtype=int32)
    """
    if dtype is None and len(shape) == 1 and isinstance(shape[0], (np.dtype, type, str)):
        (dtype,), shape = shape, ()
    if dtype is None:
        return _in_shape(x, *shape) if size is None else _in_shape(x, *named_sizes(shape, size, "view", "size"))
    if shape or size is not None:
        raise ArgumentTypeError(say("tensor.shape_or_type"))
    return as_type(x, dtype_of(dtype))


@public("view")
def _in_shape(x: T, *size: Sizes) -> T:
    whole = ops.inferred(math.prod(x.shape), sizes(size, "view", "size"), x.shape)
    if not _can_view(x, whole):
        raise ShapeError(
            "view size is not compatible with input tensor's size and stride (at least one dimension spans across two "
            "contiguous subspaces). Use .reshape(...) instead.",
            advice=say("tensor.reshape"),
        )
    return _reshaped(x, whole)


def _reshaped(x: T, shape: Shape) -> T:
    return view_of(x, reshaping(shape, None))


@lru_cache(maxsize=1024)
def reshaping(shape: Shape, strides: StrideRule | None) -> ViewStep:
    """From a tensor to the same elements in another shape; some views of that shape have a rule for their `strides`."""

    def inverse(former: T, part: T) -> T:
        return apply(ops.reshape, part, shape=former.shape)[0]

    return ViewStep(
        ops.reshape, {"shape": shape}, lambda array: array.reshape(shape), inverse, strides or _in_shape_of(shape)
    )


def _in_shape_of(shape: Shape) -> StrideRule:
    return lambda spec, strides: view_strides.in_shape(spec.shape, strides, shape)


def _can_view(x: TensorBase, shape: Shape) -> bool:
    """Whether the elements lie so that another shape needs no copy."""
    if x._view is not None:
        x._view.refresh(x)
    if x._value is not None and (x._view is None or not x._view.steps):
        return True
    lies = as_it_lies(x) if x._array is None else x._array
    if lies.flags.c_contiguous:
        return True
    try:
        lies.reshape(shape, copy=False)
    except ValueError:
        return False
    return True


@public("reshape_as")
def reshape_as(x: T, other: T) -> T:
    """In the shape of `other`.

    Source: https://pytorch.org/docs/stable/generated/torch.Tensor.reshape_as.html

    >>> import knoll
    >>> knoll.arange(4).reshape_as(knoll.ones(2, 2))
    tensor([[0, 1],
            [2, 3]])
    """
    return reshape(x, other.shape)


@public("view_as")
def view_as(x: T, other: T) -> T:
    """In the shape of `other`, without a copy.

    Source: https://pytorch.org/docs/stable/generated/torch.Tensor.view_as.html

    >>> import knoll
    >>> knoll.arange(4).view_as(knoll.ones(2, 2))
    tensor([[0, 1],
            [2, 3]])
    """
    return view(x, other.shape)


@public("permute")
def permute(x: T, *dims: Sizes) -> T:
    """The axes in the order `dims`.

    Source: https://pytorch.org/docs/stable/generated/torch.permute.html

    >>> import knoll
    >>> knoll.permute(knoll.ones(8, 3, 32, 24), (0, 2, 3, 1)).shape
    (8, 32, 24, 3)
    """
    return view_of(x, _permutation(sizes(dims, "permute", "dims"), len(x.shape)))


@lru_cache(maxsize=1024)
def _permutation(dims: tuple[int, ...], rank: int) -> ViewStep:
    """From a tensor of this rank to the same elements with its axes in the order `dims`."""
    axes = tuple([front(dim, rank) for dim in dims])

    def inverse(former: T, part: T) -> T:  # noqa: ARG001 (nothing of it is left)
        return apply(ops.permute, part, axes=tuple(int(i) for i in np.argsort(axes)))[0]

    return ViewStep(
        ops.permute,
        {"axes": axes},
        lambda array: array.transpose(axes),
        inverse,
        lambda _, strides: tuple(strides[axis] for axis in axes),
    )


def _spec(x: TensorBase) -> Spec:
    value = x._value
    return value.spec if value is not None else spec_of(x._realize())


def picked(x: T, key: tuple[Any, ...]) -> T:
    """The view at `key`, which consists of integers, slices, None and one ellipsis at most."""
    return view_of(x, _pick(frozen(key)))


@lru_cache(maxsize=1024)
def _pick(cold: Any) -> ViewStep:
    """From a tensor to its part at a key that was frozen."""
    key = thawed(cold)

    def inverse(former: T, part: T) -> T:
        return apply(put, former, part, key=cold, axes=())[0]

    entries = key if isinstance(key, tuple) else (key,)
    return ViewStep(
        pick,
        {"key": cold},
        lambda array: view_at(array, key),
        inverse,
        lambda spec, strides: view_strides.picked(spec.shape, strides, entries),
    )


def strided(x: T, start: Shape, axes: Axes) -> T:
    """The view whose axes move along those of x (`ops/shapes/strided.py`)."""
    return view_of(x, _moving(start, axes))


@lru_cache(maxsize=1024)
def _moving(start: Shape, axes: Axes) -> ViewStep:
    """From a tensor to such a view of it."""
    return ViewStep(
        strided_op,
        {"start": start, "axes": axes},
        lambda array: strided_view(array, start, axes),
        None,
        lambda _, strides: view_strides.moved(strides, axes),
    )


def front(dim: int, rank: int) -> int:
    """The axis `dim`, counted from the front; an array without axes counts as having one."""
    return (normalised((dim,), rank) or (0,))[0]


@public("flatten")
def flatten(x: T, start_dim: int = 0, end_dim: int = -1) -> T:
    """The axes from `start_dim` to `end_dim` as one; x itself where that is what it has.

    Source: https://pytorch.org/docs/stable/generated/torch.flatten.html

    >>> import knoll
    >>> knoll.flatten(knoll.ones(2, 3, 4), 1).shape
    (2, 12)
    """
    start, end = front(start_dim, len(x.shape)), front(end_dim, len(x.shape)) + 1
    if start + 1 == end and x.shape:
        return x
    if start >= end:
        raise ShapeError("flatten() has invalid args: start_dim cannot come after end_dim")
    return reshape(x, (*x.shape[:start], math.prod(x.shape[start:end]), *x.shape[end:]))


@public("unflatten")
def unflatten(x: T, dim: int, sizes: Sequence[int]) -> T:
    """The axis `dim` as several of `sizes`, one of which may be −1.

    Source: https://pytorch.org/docs/stable/generated/torch.unflatten.html

    >>> import knoll
    >>> knoll.unflatten(knoll.arange(6), 0, (2, -1))
    tensor([[0, 1, 2],
            [3, 4, 5]])
    """
    wanted = integers(sizes, "unflatten", "sizes")
    if not isinstance(wanted, tuple):
        raise ArgumentTypeError(f"unflatten(): argument 'sizes' must be tuple of ints, not {type(sizes).__name__}")
    if not wanted:
        raise ShapeError("unflatten: sizes must be non-empty")
    axis = front(dim, len(x.shape))
    if not x.shape:
        raise DimensionError("Dimension specified as 0 but tensor has no dimensions")
    try:
        parts = ops.inferred(x.shape[axis], wanted)
    except ShapeError:
        raise ShapeError(
            f"unflatten: Provided sizes {list(wanted)} don't multiply up to the size of dim {axis} ({x.shape[axis]}) "
            "in the input tensor"
        ) from None
    return reshape(x, (*x.shape[:axis], *parts, *x.shape[axis + 1 :]))


@public("squeeze")
def squeeze(x: T, dim: Dims = None) -> T:
    """Without axes of size 1: all of them, or those in `dim`.

    Source: https://pytorch.org/docs/stable/generated/torch.squeeze.html

    >>> import knoll
    >>> knoll.squeeze(knoll.ones(1, 3, 1)).shape
    (3,)
    """
    rank = len(x.shape)
    dims = tuple(range(rank)) if dim is None else (dim,) if isinstance(dim, int) else tuple(dim)
    axes = normalised(dims, rank)
    kept = tuple(axis for axis, size in enumerate(x.shape) if size != 1 or axis not in axes)
    return view_of(x, reshaping(tuple(x.shape[axis] for axis in kept), keeping(kept)))


@lru_cache(maxsize=1024)
def keeping(kept: tuple[int, ...]) -> StrideRule:
    """The strides of a view that keeps these axes and leaves out others of size 1."""
    return lambda _, strides: tuple(strides[axis] for axis in kept)


@public("unsqueeze")
def unsqueeze(x: T, dim: int) -> T:
    """With a new axis of size 1 at `dim`.

    Source: https://pytorch.org/docs/stable/generated/torch.unsqueeze.html

    >>> import knoll
    >>> knoll.unsqueeze(knoll.ones(3, 4), 1).shape
    (3, 1, 4)
    """
    axis = front(dim, len(x.shape) + 1)
    return view_of(x, reshaping((*x.shape[:axis], 1, *x.shape[axis:]), _adding(axis)))


@lru_cache(maxsize=64)
def _adding(axis: int) -> StrideRule:
    return lambda spec, strides: view_strides.with_axis(spec.shape, strides, axis)


@public("transpose")
def transpose(x: T, dim0: int, dim1: int) -> T:
    """Two axes in each other's place.

    Source: https://pytorch.org/docs/stable/generated/torch.transpose.html

    >>> import knoll
    >>> knoll.transpose(knoll.ones(2, 3, 5), 0, 2).shape
    (5, 3, 2)
    """
    rank = len(x.shape)
    order = list(range(rank))
    first, second = front(dim0, rank), front(dim1, rank)
    if rank:
        order[first], order[second] = second, first
    return permute(x, tuple(order))


@public("t")
def matrix_transposed(x: T) -> T:
    """Rows as columns, of a tensor of at most two axes.

    Source: https://pytorch.org/docs/stable/generated/torch.t.html

    >>> import knoll
    >>> knoll.t(knoll.tensor([[1, 2], [3, 4]]))
    tensor([[1, 3],
            [2, 4]])
    """
    if len(x.shape) > 2:
        raise ShapeError(f"t() expects a tensor with <= 2 dimensions, but self is {len(x.shape)}D")
    return permute(x, tuple(reversed(range(len(x.shape)))))


def matrices_transposed(x: T) -> T:
    """Rows as columns, of each matrix of a batch; a number stays. Raises StateError for a vector."""
    if len(x.shape) == 1:
        raise StateError("tensor.mT is only supported on matrices or batches of matrices. Got 1-D tensor.")
    return transpose(x, -2, -1) if x.shape else x
