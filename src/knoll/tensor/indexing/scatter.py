"""Elements put at places along an axis: each in the place of what stands there, or joined with it."""

from __future__ import annotations

from typing import Any

import numpy as np

from knoll.errors import DTypeError, ShapeError, StateError
from knoll.graph import Op
from knoll.ops.dtypes import scalar_name
from knoll.ops.indexing.index import all_below
from knoll.ops.reduction import scan as ops
from knoll.tensor.arguments import public, tensor, text
from knoll.tensor.base import T, TensorBase
from knoll.tensor.dtypes import fitting, int32, int64
from knoll.tensor.elementwise.arithmetic import multiply
from knoll.tensor.mapped import mapped_call
from knoll.tensor.record import apply
from knoll.tensor.shapes.shaping import front, reshape
from knoll.tensor.storage.copying import clone

__all__ = ["scatter", "scatter_add"]


@public("scatter")
def scatter(x: T, dim: int, index: T, src: Any = None, *, value: Any = None, reduce: str | None = None) -> T:
    """x with `src`, a tensor or a number, at the places `index` along `dim`: y[index[i, j], j] = src[i, j] for `dim` 0.

    `reduce` "add" or "multiply" joins them with what stands there. Raises StateError, ShapeError, DTypeError.
    Source: https://pytorch.org/docs/stable/generated/torch.Tensor.scatter_.html

    >>> import knoll
    >>> knoll.scatter(knoll.tensor([0, 0, 0]), 0, knoll.tensor([2, 0]), knoll.tensor([5, 7]))
    tensor([7, 0, 5])
    """
    source: T = source_of("scatter", x, index, value if src is None else src)
    reduce = None if reduce is None else text(reduce, "scatter", "reduce")
    if reduce == "add":
        added: T = scatter_add(x, dim, index, source)
        return added
    if reduce == "multiply":
        ones: T = type(x)._over(np.ones(x.shape, x._dtype))
        return multiply(x, _scattered(ops.scatter, "scatter", ones, dim, index, source))
    if reduce is not None:
        raise StateError("reduce argument must be either add or multiply.", got=repr(reduce))
    placed: T = _scattered(ops.scatter, "scatter", x, dim, index, source)
    return placed


@public("scatter_add")
def scatter_add(x: T, dim: int, index: T, src: T) -> T:
    """x with `src` added at the places `index` along `dim`: y[index[i, j], j] += src[i, j] for `dim` 0.

    Source: https://pytorch.org/docs/stable/generated/torch.scatter_add.html

    >>> import knoll
    >>> knoll.scatter_add(knoll.zeros(3), 0, knoll.tensor([0, 2, 0]), knoll.tensor([1.0, 2.0, 3.0]))
    tensor([4., 0., 2.])
    """
    source: T = source_of("scatter_add", x, index, src)
    return _scattered(ops.scatter_add, "scatter_add", x, dim, index, source)


def source_of(name: str, x: TensorBase, index: TensorBase, given: Any) -> Any:
    """What is put at places, a tensor or one number, in the element type of x. Raises StateError for another one."""
    if isinstance(given, bool | int | float):
        return type(x)._over(np.full(index.shape, fitting(given, x._dtype)))
    source = tensor(given, name, "src")
    if source._dtype != x._dtype:
        raise StateError("scatter(): Expected self.dtype to be equal to src.dtype")
    return source


def _scattered(op: Op, name: str, x: T, dim: int, index: T, source: T) -> T:
    axis, whole, places, given = checked(name, x, dim, index, source)
    if 0 in places.shape:
        return clone(x)
    return reshape(apply(op, whole, places, given, axis=axis)[0], x.shape)


def checked(name: str, x: T, dim: int, index: T, source: T) -> tuple[int, T, T, T]:
    """The axis, x, the places and the source, which have as many axes, at least one; places that are there.

    Raises DTypeError, DimensionError, StateError, ShapeError.
    """
    if index._dtype not in (int32, int64):
        raise DTypeError(f"{name}(): Expected dtype int32/int64 for index", got=scalar_name(index._dtype))
    axis = front(dim, len(x.shape))
    whole, places, given = (part if part.shape else reshape(part, (1,)) for part in (x, index, source))
    if 0 in places.shape:
        return axis, whole, places, given
    for other, word in ((whole, "self"), (given, "src")):
        if len(places.shape) != len(other.shape):
            raise StateError(f"Index tensor must have the same number of dimensions as {word} tensor")
    for along, (least, most, have) in enumerate(zip(places.shape, whole.shape, given.shape, strict=True)):
        if least > have or (along != axis and least > most):
            raise ShapeError(
                f"Expected index {list(index.shape)} to be no larger than self {list(x.shape)} apart from dimension "
                f"{axis} and to be no larger size than src {list(source.shape)}"
            )
    if mapped_call(places) is not None:
        return axis, whole, places, given
    numbers = places._realize()
    size = whole.shape[axis]
    if not all_below(numbers, size):
        wrong = numbers[(numbers < 0) | (numbers >= size)]
        raise StateError(f"index {wrong[0]} is out of bounds for dimension {axis} with size {size}")
    return axis, whole, places, given
