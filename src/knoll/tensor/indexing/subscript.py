"""Picking and assigning elements with square brackets.

Integers, slices, None and `...` give views; lists, tensors and masks copy, as in PyTorch. PyTorch takes integers before
lists, so that `x[0, :, [1, 2]]` has the picked axis last, where NumPy has it first.
Source: https://pytorch.org/cppdocs/notes/tensor_indexing.html
"""

from __future__ import annotations

import math
import operator
from collections.abc import Iterator
from types import EllipsisType
from typing import Any, Literal, NoReturn, SupportsIndex, TypeAlias, overload

import numpy as np

from knoll.errors import ArgumentTypeError, DimensionError, ShapeError, StateError, warn
from knoll.graph import Array, Shape, Spec
from knoll.messages import say
from knoll.ops.indexing.index import elements, frozen, place, put, take, take_shape, view_at
from knoll.run.arrays import overwrite
from knoll.tensor.arguments import Operand, operand
from knoll.tensor.base import T, TensorBase
from knoll.tensor.data import tensor_of
from knoll.tensor.dtypes import fitting
from knoll.tensor.elementwise.arithmetic import cast
from knoll.tensor.elementwise.assignment import copy_
from knoll.tensor.elementwise.comparisons import equal
from knoll.tensor.mapped import mapped_call
from knoll.tensor.record import apply
from knoll.tensor.shapes.expansion import expand
from knoll.tensor.shapes.shaping import picked, reshape
from knoll.tensor.shapes.splitting import unbind
from knoll.tensor.storage.mutation import change, change_some, check_leaf, is_plain, writing
from knoll.tensor.storage.overlap import overlaps, warn_if_expanded

Key = tuple[Any, ...]
Entry: TypeAlias = SupportsIndex | slice | EllipsisType | TensorBase | Array | list[Any] | range | None
Index: TypeAlias = Entry | tuple[Any, ...]  # what may stand in square brackets


def get(x: T, key: Index) -> T:
    """The elements at `key`."""
    shape = x.shape
    if type(key) is int and shape and -shape[0] <= key < shape[0]:
        return picked(x, (key,))
    basic, axes, indices = resolved(key, shape, kept=True)
    part = x if axes and not _selects(basic) else picked(x, basic)
    if not axes:
        return part
    places = (index if isinstance(index, TensorBase) else x._over(index) for index in indices)
    result: T = apply(take, part, *places, axes=axes)[0]  # type: ignore[assignment]  # of the class of x
    return result


def put_at(x: TensorBase, key: Index, value: Operand) -> None:
    """Overwrite the elements at `key`."""
    entries = key if isinstance(key, tuple) else (key,)
    if any(mapped_call(entry) is not None for entry in entries):
        _put_at_each(x, key, value)
        return
    basic, axes, indices = resolved(key, x.shape)
    check_leaf(x, part=not axes)
    given = (
        x._over(fitting(value, x._dtype))
        if isinstance(value, (int, float))
        else cast(tensor_of(type(x), value), x._dtype)
    )
    given = check_fits(x, basic, axes, indices, given)
    if axes:
        warn_of_put(x, entries, given)
    elif overlaps(x):
        copy_(picked(x, basic), given)
        return
    if is_plain(x, given):
        numbers = given._realize()
        if axes and np.may_share_memory(numbers, x._realize()):
            numbers = numbers.copy()
        with writing(x) as array:
            if axes:
                place(array, numbers, basic, axes, indices)
            else:
                overwrite(view_at(array, basic), numbers)
        return
    where = tuple(map(x._over, indices))
    change_some(
        x,
        lambda former: apply(put, former, given, *where, key=frozen(basic), axes=axes)[0],
        lambda numbers: elements(numbers, basic, axes, indices),
    )


def _put_at_each(x: TensorBase, key: Index, value: Operand) -> None:
    """Overwrite elements at indices that differ between the examples of a mapped call."""
    basic, axes, indices = resolved(key, x.shape, kept=True)
    check_leaf(x)
    given = check_fits(x, basic, axes, indices, cast(tensor_of(type(x), value), x._dtype))
    places = tuple(index if isinstance(index, TensorBase) else x._over(index) for index in indices)
    change(x, lambda former: apply(put, former, given, *places, key=frozen(basic), axes=axes)[0])


def check_fits(
    x: TensorBase, basic: Key, axes: tuple[int, ...], indices: tuple[Array | TensorBase, ...], given: T
) -> T:
    """A value that broadcasts to the elements it is to overwrite, without further axes in front. Raises ShapeError."""
    ghost = view_at(np.broadcast_to(np.zeros((), np.bool_), x.shape), basic)
    target = ghost.shape
    if axes:
        (found,) = take_shape(Spec(target, x._dtype), *(Spec(i.shape, np.dtype(np.int64)) for i in indices), axes=axes)
        target = found.shape
    shape = given.shape
    while len(shape) > len(target) and shape[0] == 1:
        shape = shape[1:]
    try:
        fits = np.broadcast_shapes(shape, target) == target
    except ValueError:
        fits = False
    if not fits:
        _refuse_value(given, target, bool(axes))
    return given if len(shape) == len(given.shape) else reshape(given, shape)


def _refuse_value(given: TensorBase, target: Shape, is_picked: bool) -> NoReturn:
    """Say in PyTorch's words, without axes of size 1 in front, that a value does not fit what is overwritten."""
    kept = next((place for place, size in enumerate(given.shape) if size != 1), len(given.shape))
    value = reshape(given, given.shape[kept:])
    expected = say("tensor.broadcasts_to", shape=target)
    try:
        if not is_picked:
            expand(value, target)
    except ShapeError as error:
        error.expected = expected
        raise
    raise ShapeError(
        f"shape mismatch: value tensor of shape {list(value.shape)} cannot be broadcast to indexing result of shape "
        f"{list(target)}",
        expected=expected,
    )


def warn_of_put(x: TensorBase, key: Key, given: TensorBase) -> None:
    """Warn of an expanded tensor as PyTorch does, which calls `masked_fill_` for one number where a mask holds."""
    warn_if_expanded(x, "index_put_")
    masks = [part for part in key if getattr(part, "dtype", None) == np.bool_]
    if len(masks) == 1 and math.prod(given.shape) == 1:
        warn_if_expanded(x, "masked_fill_")


def _selects(basic: Key) -> bool:
    return any(part is not Ellipsis and part != slice(None) for part in basic)


@overload
def resolved(key: Index, shape: Shape) -> tuple[Key, tuple[int, ...], tuple[Array, ...]]: ...
@overload
def resolved(
    key: Index, shape: Shape, kept: Literal[True]
) -> tuple[Key, tuple[int, ...], tuple[Array | TensorBase, ...]]: ...
def resolved(
    key: Index, shape: Shape, kept: bool = False
) -> tuple[Key, tuple[int, ...], tuple[Array | TensorBase, ...]]:
    """`key` in two steps: one of integers, slices and new axes, then arrays of indices along axes of what is left.

    Tensors of integers are read, unless they are `kept` as they are: recorded ones may have no numbers yet.
    """
    parts = [_part(part, kept) for part in (key if isinstance(key, tuple) else (key,))]
    if sum(map(_is_array, parts)) > 1:  # where the picked axes go depends on which of them are integers
        parts = [_number(part) for part in parts]
    _check_rank(parts, shape)
    basic: list[Any] = []
    axes: list[int] = []
    indices: list[Array | TensorBase] = []
    axis = left = new = 0  # in x, in what the first step leaves, and how many axes are new
    for part in _spelled_out(parts, len(shape)):
        if part is None:
            basic.append(None)
            left, new = left + 1, new + 1
        elif isinstance(part, int):
            if not -shape[axis] <= part < shape[axis]:
                raise DimensionError(
                    f"index {part} is out of bounds for dimension {axis + new} with size {shape[axis]}"
                )
            basic.append(part)
            axis += 1
        elif isinstance(part, slice):
            basic.append(part)
            axis, left = axis + 1, left + 1
        else:
            if part.dtype == np.bool_ and part.ndim == 0:
                basic.append(None)
                new += 1
            arrays = _positions(part, shape, axis)
            consumed = part.ndim if part.dtype == np.bool_ else 1
            basic.extend([slice(None)] * consumed)
            for array in arrays:
                axes.append(left)
                indices.append(array)
                left += 1
            axis += consumed
    return tuple(basic), tuple(axes), tuple(indices)


def _part(part: Any, kept: bool = False) -> Any:
    """One entry of a key: an integer, a slice, None, `...`, or an array; a tensor of integers if it is `kept`."""
    if part is None or part is Ellipsis:
        return part
    if isinstance(part, slice):
        return slice(*(None if end is None else operator.index(end) for end in (part.start, part.stop, part.step)))
    if isinstance(part, (bool, np.bool_)):
        return np.asarray(part)
    if isinstance(part, TensorBase):
        if kept and part._dtype.kind == "i" and (part.shape or part._value is not None):
            return cast(part, np.dtype(np.int64))
        if part._dtype == np.bool_ and mapped_call(part) is not None:
            raise StateError(
                "vmap: We do not support batching operators that can support dynamic shape. Attempting to batch over "
                "indexing with a boolean mask.",
                advice=say("tensor.mapped_choose"),
            )
        part = part._realize()
    if isinstance(part, np.ndarray):
        return _index_array(part)
    return operator.index(part) if hasattr(part, "__index__") else _index_array(_listed(part))


def _listed(part: Any) -> Array:
    """The array of a list of indices. Raises ArgumentTypeError, DimensionError."""
    if not isinstance(part, (list, tuple, range)):
        refusal = ArgumentTypeError if isinstance(part, str) else DimensionError  # PyTorch's IndexError
        raise refusal(
            "only integers, slices (`:`), ellipsis (`...`), None and long or byte Variables are valid indices "
            f"(got {type(part).__name__})"
        )
    try:
        array = np.asarray([entry._realize() if isinstance(entry, TensorBase) else entry for entry in part])
    except ValueError:
        raise ArgumentTypeError("an index must be a list of equal length at every dimension") from None
    return array if array.size else array.astype(np.int64)


def _index_array(part: Array) -> Array | int:
    """Indices or truths of an array; one without axes is an integer. Raises DimensionError for other numbers."""
    if part.dtype.kind not in "iub":
        raise DimensionError("tensors used as indices must be long, int, byte or bool tensors")
    if part.dtype == np.uint8:
        warn("indexing with dtype torch.uint8 is now deprecated, please use a dtype torch.bool instead.")
        return part.astype(np.bool_)
    if part.dtype == np.bool_:
        return part
    return part.astype(np.int64) if part.ndim else operator.index(part[()])


def _is_array(part: Any) -> bool:
    return isinstance(part, (np.ndarray, TensorBase))


def _number(part: Any) -> Any:
    """An integer in place of an array or a tensor without axes."""
    if not _is_array(part) or part.shape or part.dtype == np.bool_ or mapped_call(part) is not None:
        return part
    return operator.index((part._realize() if isinstance(part, TensorBase) else part)[()])


def _axes_used(part: Any) -> int:
    if part is None or part is Ellipsis:
        return 0
    return part.ndim if isinstance(part, np.ndarray) and part.dtype == np.bool_ else 1


def _check_rank(parts: list[Any], shape: Shape) -> None:
    if sum(part is Ellipsis for part in parts) > 1:
        raise DimensionError("an index can only have a single ellipsis ('...')")
    if sum(map(_axes_used, parts)) > len(shape):
        if not shape:
            raise DimensionError(
                "invalid index of a 0-dim tensor. Use `tensor.item()` in Python or `tensor.item<T>()` in C++ to "
                "convert a 0-dim tensor to a number"
            )
        raise DimensionError(f"too many indices for tensor of dimension {len(shape)}")


def _spelled_out(parts: list[Any], rank: int) -> Iterator[Any]:
    """The entries, with full slices in place of the ellipsis."""
    rest = rank - sum(map(_axes_used, parts))
    for part in parts:
        if part is Ellipsis:
            yield from (slice(None),) * rest
        else:
            yield part


def _positions(part: Array | TensorBase, shape: Shape, axis: int) -> tuple[Array | TensorBase, ...]:
    """The index arrays that an array or a mask stands for."""
    if isinstance(part, TensorBase) or part.dtype != np.bool_:
        return (part,)
    if part.ndim == 0:
        return (np.zeros(1 if part else 0, np.int64),)
    for i, size in enumerate(part.shape):
        if size != shape[axis + i]:
            raise DimensionError(
                f"The shape of the mask {list(part.shape)} at index {i} does not match the shape of the indexed tensor "
                f"{list(shape)} at index {axis + i}"
            )
    return tuple(part.nonzero())


def iterate(x: T) -> Iterator[T]:
    """The parts along the first axis."""
    if not x.shape:
        raise ArgumentTypeError("iteration over a 0-d tensor")
    return iter(unbind(x))


def contains(x: TensorBase, element: Operand) -> bool:
    """Whether some element equals `element`."""
    found = equal(x, operand(element, "__contains__", "element"))
    return bool(found._realize().any())
