"""Views of a stretch of an axis: one place, some places, all windows."""

from __future__ import annotations

from knoll.errors import DimensionError, StateError
from knoll.ops.shapes.strided import ALL
from knoll.tensor.arguments import public
from knoll.tensor.base import T, TensorBase
from knoll.tensor.shapes.shaping import front, picked, reshape, strided

__all__ = ["narrow", "select"]


@public("select")
def select(x: T, dim: int, index: int) -> T:
    """The part at one place of `dim`, without that axis: a view. Raises DimensionError.

    Source: https://pytorch.org/docs/stable/generated/torch.select.html

    >>> import knoll
    >>> knoll.select(knoll.tensor([[1, 2], [3, 4]]), 1, 0)
    tensor([1, 3])
    """
    return picked(x, selection(x, dim, index))


def selection(x: TensorBase, dim: int, index: int) -> tuple[int | slice, ...]:
    """The key of one place of `dim`. Raises DimensionError."""
    axis = front(dim, len(x.shape))
    if not x.shape:
        raise DimensionError("select() cannot be applied to a 0-dim tensor.")
    if not -x.shape[axis] <= index < x.shape[axis]:
        raise DimensionError(
            f"select(): index {index} out of range for tensor of size {list(x.shape)} at dimension {axis}"
        )
    return (slice(None),) * axis + (index,)


@public("narrow")
def narrow(x: T, dim: int, start: int, length: int) -> T:
    """The view of `length` places along `dim`, from `start` on. Raises StateError, DimensionError.

    Source: https://pytorch.org/docs/stable/generated/torch.narrow.html

    >>> import knoll
    >>> knoll.narrow(knoll.arange(5), 0, 1, 3)
    tensor([1, 2, 3])
    """
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


@public("unfold")
def unfold(x: T, dimension: int, size: int, step: int) -> T:
    """All windows of `size` elements along an axis, `step` apart: the window is a new last axis of this view.

    Raises StateError. Source: https://pytorch.org/docs/stable/generated/torch.Tensor.unfold.html

    >>> import knoll
    >>> knoll.arange(5).unfold(0, 3, 2).tolist()
    [[0, 1, 2], [2, 3, 4]]
    """
    axis = front(dimension, len(x.shape))
    whole = x if x.shape else reshape(x, (1,))
    if size < 0 or size > whole.shape[axis]:
        raise StateError(f"maximum size for tensor at dimension {axis} is {whole.shape[axis]} but size is {size}")
    if step < 1:
        raise StateError(f"step is {step} but must be > 0")
    return windows(whole, axis, size, step) if x.shape else picked(whole, (slice(size),))


def windows(x: T, axis: int, size: int, step: int) -> T:
    """The view of all windows of `size` elements along an axis, `step` apart, each along a new last axis."""
    rank = len(x.shape)
    count = (x.shape[axis] - size) // step + 1
    axes = [(count, steps_along(rank, i, step=step)) if i == axis else (ALL, steps_along(rank, i)) for i in range(rank)]
    return strided(x, (0,) * rank, (*axes, (size, steps_along(rank, axis))))


def steps_along(rank: int, *axes: int, step: int = 1) -> tuple[int, ...]:
    """A step along some axes."""
    return tuple(step if axis in axes else 0 for axis in range(rank))
