"""Integrals of samples by the trapezoidal rule."""

from __future__ import annotations

from knoll.errors import DTypeError, ShapeError
from knoll.tensor.arguments import public
from knoll.tensor.creation import zeros
from knoll.tensor.shaping import front
from knoll.tensor.tensor import Tensor


@public("trapezoid")
def trapezoid(y: Tensor, x: Tensor | None = None, *, dx: float = 1, dim: int = -1) -> Tensor:
    """The integral of samples y along `dim`, as the sum of trapezoids between them.

    They lie at `x`, a vector or a tensor like y, or `dx` apart. Raises ShapeError, DTypeError, DimensionError.
    Source: https://pytorch.org/docs/stable/generated/torch.trapezoid.html

    >>> from knoll.tensor import tensor
    >>> trapezoid(tensor([1.0, 2.0, 4.0])), trapezoid(tensor([1.0, 2.0, 4.0]), tensor([0.0, 1.0, 3.0]))
    (tensor(4.5000), tensor(7.5000))
    """
    axis, places = _places("trapezoid", y, x, dim)
    if y.shape[axis] == 0:
        return zeros(*y.shape[:axis], *y.shape[axis + 1 :], dtype=y.dtype)
    pairs = _left(y, axis) + _right(y, axis)
    if places is None:
        return pairs.sum(axis) * (dx / 2)
    return ((_right(places, axis) - _left(places, axis)) * pairs).sum(axis) / 2


@public("trapz")
def trapz(y: Tensor, x: Tensor | None = None, *, dx: float = 1, dim: int = -1) -> Tensor:
    """The integral of samples y along `dim`: an older name for `trapezoid`."""
    return trapezoid(y, x, dx=dx, dim=dim)


@public("cumulative_trapezoid")
def cumulative_trapezoid(y: Tensor, x: Tensor | None = None, *, dx: float = 1, dim: int = -1) -> Tensor:
    """The integrals of samples y along `dim` up to each but the first, as sums of the trapezoids between them.

    They lie at `x`, a vector or a tensor like y, or `dx` apart. Raises ShapeError, DTypeError, DimensionError.
    Source: https://pytorch.org/docs/stable/generated/torch.cumulative_trapezoid.html

    >>> from knoll.tensor import tensor
    >>> cumulative_trapezoid(tensor([1.0, 2.0, 4.0]))
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


def _left(x: Tensor, axis: int) -> Tensor:
    """All but the last along an axis."""
    return x.narrow(axis, 0, max(x.shape[axis] - 1, 0))


def _right(x: Tensor, axis: int) -> Tensor:
    """All but the first along an axis."""
    return x.narrow(axis, min(1, x.shape[axis]), max(x.shape[axis] - 1, 0))
