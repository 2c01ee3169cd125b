"""Integrals of samples by the trapezoidal rule, and slopes by differences of neighbours."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from knoll.errors import DimensionError, DTypeError, ShapeError, StateError
from knoll.tensor.arguments import integers, public, real, tensors
from knoll.tensor.creation.filled import zeros
from knoll.tensor.shapes.joining import cat
from knoll.tensor.shapes.shaping import front
from knoll.tensor.tensor import Tensor

__all__ = ["cumulative_trapezoid", "gradient", "trapezoid", "trapz"]


@public("trapezoid")
def trapezoid(y: Tensor, x: Tensor | None = None, *, dx: float = 1, dim: int = -1) -> Tensor:
    """The integral of samples y along `dim`, as the sum of trapezoids between them.

    They lie at `x`, a vector or a tensor like y, or `dx` apart. Raises ShapeError, DTypeError, DimensionError.
    Source: https://pytorch.org/docs/stable/generated/torch.trapezoid.html

    >>> import knoll
    >>> x, y = knoll.tensor([0.0, 1.0, 3.0]), knoll.tensor([1.0, 2.0, 4.0])
    >>> knoll.trapezoid(y), knoll.trapezoid(y, x)
    (tensor(4.5000), tensor(7.5000))
    """
    axis, places = _places("trapezoid", y, x, dim)
    if y.shape[axis] == 0:
        return zeros((*y.shape[:axis], *y.shape[axis + 1 :]), dtype=y.dtype)
    pairs = _left(y, axis) + _right(y, axis)
    if places is None:
        return pairs.sum(axis) * (dx / 2)
    return ((_right(places, axis) - _left(places, axis)) * pairs).sum(axis) / 2


@public("trapz")
def trapz(y: Tensor, x: Tensor | None = None, *, dx: float = 1, dim: int = -1) -> Tensor:
    """The integral of samples y along `dim`: an older name for `trapezoid`.

    Source: https://pytorch.org/docs/stable/generated/torch.trapz.html

    >>> import knoll
    >>> knoll.trapz(knoll.tensor([1.0, 5.0, 10.0]))
    tensor(10.5000)
    """
    return trapezoid(y, x, dx=dx, dim=dim)


@public("cumulative_trapezoid")
def cumulative_trapezoid(y: Tensor, x: Tensor | None = None, *, dx: float = 1, dim: int = -1) -> Tensor:
    """The integrals of samples y along `dim` up to each but the first, as sums of the trapezoids between them.

    They lie at `x`, a vector or a tensor like y, or `dx` apart. Raises ShapeError, DTypeError, DimensionError.
    Source: https://pytorch.org/docs/stable/generated/torch.cumulative_trapezoid.html

    >>> import knoll
    >>> knoll.cumulative_trapezoid(knoll.tensor([1.0, 2.0, 4.0]))
    tensor([1.5000, 4.5000])
    """
    axis, places = _places("cumulative_trapezoid", y, x, dim)
    pairs = _left(y, axis) + _right(y, axis)
    if places is None:
        return (pairs * (dx / 2)).cumsum(axis)
    return ((_right(places, axis) - _left(places, axis)) * pairs).cumsum(axis) / 2


def _places(name: str, y: Tensor, x: Tensor | None, dim: int) -> tuple[int, Tensor | None]:
    """The axis, and where the samples lie, with as many axes as y."""
    axis = front(dim, len(y.shape))
    if not y.shape:
        raise DimensionError(f"Dimension specified as {dim} but tensor has no dimensions")
    if "b" in (y.dtype.kind, "" if x is None else x.dtype.kind):
        which = "`y`" if x is None else "`x` or `y`"
        raise DTypeError(f"{name}: received a bool input for {which}, but bool is not supported")
    if x is None or len(x.shape) != 1:
        return axis, x if x is None else x.reshape((1,) * (len(y.shape) - len(x.shape)) + x.shape)
    if x.shape[0] != y.shape[axis]:
        raise ShapeError(
            f"{name}: There must be one `x` value for each sample point", got=f"{x.shape[0]}, {y.shape[axis]}"
        )
    return axis, x.reshape(*(-1 if place == axis else 1 for place in range(len(y.shape))))


@public("gradient")
def gradient(x: Tensor, *, spacing: Any = 1, dim: Any = None, edge_order: int = 1) -> tuple[Tensor, ...]:
    """The slope along each axis in `dim`, or along all, by second-order differences of neighbours; one tensor for each.

    Samples lie `spacing` apart: one number, one for each axis, or for each axis a vector of where they lie. At both
    ends differences are of the order `edge_order`, 1 or 2. Raises StateError, DimensionError, ArgumentTypeError.
    Source: https://pytorch.org/docs/stable/generated/torch.gradient.html

    >>> import knoll
    >>> knoll.gradient(knoll.tensor([1.0, 2.0, 4.0, 8.0]))
    (tensor([1.0000, 1.5000, 3.0000, 4.0000]),)
    """
    if edge_order not in (1, 2):
        raise StateError("torch.gradient only supports edge_order=1 and edge_order=2.")
    rank = len(x.shape)
    named = None if dim is None else integers(dim, "gradient", "dim")
    axes = tuple(range(rank)) if named is None else (named,) if isinstance(named, int) else named
    steps = _spacing(spacing, axes, rank, named is not None)
    counted = [front(axis, rank) for axis in axes]
    for axis in counted:
        if counted.count(axis) > 1:
            raise StateError(f"dim {axis} appears multiple times in the list of dims")
        if (x.shape[axis] if x.shape else 1) < edge_order + 1:
            raise StateError("torch.gradient expected each dimension size to be at least edge_order+1")
    return tuple(_slope(x, axis, step, edge_order) for axis, step in zip(counted, steps, strict=True))


def _spacing(spacing: Any, axes: Sequence[int], rank: int, named: bool) -> list[Any]:
    """For each axis how far samples are apart, or a vector of where they lie."""
    spacing = 1 if spacing is None else spacing
    if not isinstance(spacing, (list, tuple)):
        return [real(spacing, "gradient", "spacing")] * len(axes)
    given: list[Any]
    if spacing and isinstance(spacing[0], Tensor):
        given = list(tensors(spacing, "gradient", "spacing"))
        for each in given:
            if len(each.shape) != 1:
                raise StateError(
                    "torch.gradient expected each element of spacing to have one dimension, but got an element with "
                    f"{len(each.shape)} dimensions!"
                )
    else:
        given = [real(each, "gradient", "spacing") for each in spacing]
    if len(given) == len(axes):
        return given
    if named:
        raise StateError(
            "torch.gradient expected spacing to be unspecified, a scalar or it's spacing and dim arguments to have the "
            f"same length, but got a spacing argument of length {len(given)} and a dim argument of length {len(axes)}."
        )
    raise StateError(
        "torch.gradient expected spacing to be unspecified, a scalar, or a list of length equal to 'self.dim() = "
        f"{rank}', since dim argument was not given, but got a list of length {len(given)}"
    )


def _slope(x: Tensor, axis: int, step: Any, order: int) -> Tensor:
    """The slope along one axis. Source: Fornberg, Generation of finite difference formulas, 1988."""
    count = x.shape[axis]
    if isinstance(step, Tensor):
        gaps = (step[1:] - step[:-1]).reshape(*(-1 if place == axis else 1 for place in range(len(x.shape))))
        if gaps.shape[axis] != count - 1:
            raise ShapeError(
                "torch.gradient expected as many coordinates as samples", got=f"{gaps.shape[axis] + 1}, {count}"
            )
    else:
        gaps = None
    rise = _right(x, axis) - _left(x, axis)
    slopes = rise / step if gaps is None else rise / gaps
    if gaps is None:
        inner = (_left(slopes, axis) + _right(slopes, axis)) / 2
    else:
        before, behind = _left(gaps, axis), _right(gaps, axis)
        inner = (_left(slopes, axis) * behind + _right(slopes, axis) * before) / (before + behind)
    first, last = slopes.narrow(axis, 0, 1), slopes.narrow(axis, count - 2, 1)
    if order == 2:
        first = _bent(slopes, gaps, axis, 0, 1)
        last = _bent(slopes, gaps, axis, count - 2, count - 3)
    return cat((first, inner, last), axis)


def _bent(slopes: Tensor, gaps: Tensor | None, axis: int, end: int, next_: int) -> Tensor:
    """The slope at an end, by the slopes of the two intervals next to it."""
    near, far = slopes.narrow(axis, end, 1), slopes.narrow(axis, next_, 1)
    if gaps is None:
        return near + (near - far) / 2
    own, other = gaps.narrow(axis, end, 1), gaps.narrow(axis, next_, 1)
    return near + (near - far) * own / (own + other)


def _left(x: Tensor, axis: int) -> Tensor:
    """All but the last along an axis."""
    return x.narrow(axis, 0, max(x.shape[axis] - 1, 0))


def _right(x: Tensor, axis: int) -> Tensor:
    """All but the first along an axis."""
    return x.narrow(axis, min(1, x.shape[axis]), max(x.shape[axis] - 1, 0))
