"""Tensors with as many axes as are wanted, and of the shape in which they meet."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from knoll.errors import ShapeError, StateError
from knoll.ops.elementwise.elementwise import broadcast
from knoll.tensor.arguments import integers, public, tensors
from knoll.tensor.arguments import tensors as all_tensors
from knoll.tensor.base import T
from knoll.tensor.shapes.expansion import expand
from knoll.tensor.shapes.shaping import reshape, unsqueeze
from knoll.tensor.storage.layout import Size

__all__ = ["atleast_1d", "atleast_2d", "atleast_3d", "broadcast_shapes", "broadcast_tensors", "meshgrid"]


def each_of(given: tuple[Any, ...], name: str) -> Any:
    """Tensors that were given one by one, or in one list."""
    return tensors(given[0] if len(given) == 1 and isinstance(given[0], (list, tuple)) else given, name, "tensors")


@public("atleast_1d")
def one_axis(x: T) -> T:
    """x with one axis at least."""
    return x if x.shape else reshape(x, (1,))


@public("atleast_2d")
def two_axes(x: T) -> T:
    """x with two axes at least: new ones stand in front."""
    return x if len(x.shape) > 1 else unsqueeze(one_axis(x), 0)


@public("atleast_3d")
def three_axes(x: T) -> T:
    """x with three axes at least: (1, n, 1) for (n,), and (m, n, 1) for (m, n)."""
    return x if len(x.shape) > 2 else unsqueeze(two_axes(x), -1)


def atleast_1d(*tensors: Any) -> Any:
    """Each tensor with one axis at least: (1,) for a number.

    >>> import knoll
    >>> knoll.atleast_1d(knoll.tensor(2.0))
    tensor([2.])
    """
    return _widened(one_axis, tensors, "atleast_1d")


def atleast_2d(*tensors: Any) -> Any:
    """Each tensor with two axes at least: (1, n) for (n,).

    Source: https://pytorch.org/docs/stable/generated/torch.atleast_2d.html

    >>> import knoll
    >>> knoll.atleast_2d(knoll.tensor([1, 2]))
    tensor([[1, 2]])
    """
    return _widened(two_axes, tensors, "atleast_2d")


def atleast_3d(*tensors: Any) -> Any:
    """Each tensor with three axes at least: (1, n, 1) for (n,), and (m, n, 1) for (m, n).

    Source: https://pytorch.org/docs/stable/generated/torch.atleast_3d.html

    >>> import knoll
    >>> knoll.atleast_3d(knoll.tensor([1, 2])).shape
    (1, 2, 1)
    """
    return _widened(three_axes, tensors, "atleast_3d")


def _widened(function: Any, given: tuple[Any, ...], name: str) -> Any:
    if len(given) == 1 and not isinstance(given[0], (list, tuple)):
        return function(given[0])
    return tuple(function(part) for part in each_of(given, name))


def broadcast_shapes(*shapes: Sequence[int] | int) -> Size:
    """The shape that arrays of these shapes repeat to. Raises ShapeError.

    >>> import knoll
    >>> tuple(knoll.broadcast_shapes((3, 1), (4,)))
    (3, 4)
    """
    found: tuple[int, ...] = ()
    for shape in shapes:
        sizes = integers(shape, "broadcast_shapes", "shapes")
        sizes = (sizes,) if isinstance(sizes, int) else sizes
        if any(size < 0 for size in sizes):
            raise ShapeError(
                f"Trying to create tensor with negative dimension {min(sizes)}: {list(sizes)}", got=str(sizes)
            )
        found = broadcast(found, sizes)
    return Size(found)


def broadcast_tensors(*tensors: Any) -> tuple[Any, ...]:
    """The tensors, each repeated to the shape of all of them. Raises ShapeError.

    Source: https://pytorch.org/docs/stable/generated/torch.broadcast_tensors.html

    >>> import knoll
    >>> [part.shape for part in knoll.broadcast_tensors(knoll.ones(3, 1), knoll.ones(4))]
    [(3, 4), (3, 4)]
    """
    parts: Any = each_of(tensors, "broadcast_tensors")
    shape = broadcast_shapes(*(tuple(part.shape) for part in parts))
    return tuple(part if part.shape == shape else expand(part, shape) for part in parts)


@public("meshgrid")
def meshgrid(*tensors: Any, indexing: str = "ij") -> tuple[Any, ...]:
    """The coordinates of a grid: each vector along an axis of its own, repeated along the others.

    "ij": the first vector runs along the first axis; "xy": along the second. Raises StateError.
    Source: https://pytorch.org/docs/stable/generated/torch.meshgrid.html

    >>> import knoll
    >>> knoll.meshgrid(knoll.tensor([1, 2]), knoll.tensor([3, 4]), indexing="ij")
    (tensor([[1, 1],
            [2, 2]]), tensor([[3, 4],
            [3, 4]]))
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
