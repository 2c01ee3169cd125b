"""Axes of size 1 expanded to any size, without a copy."""

from __future__ import annotations

from numpy.lib.stride_tricks import as_strided

from knoll.errors import ShapeError
from knoll.graph import Array, Shape, Spec, spec_of
from knoll.ops.reduction.reduce import expand as expand_op
from knoll.tensor.arguments import Sizes, public
from knoll.tensor.base import T, ViewStep
from knoll.tensor.shapes.shaping import keeping, reshaping, sizes
from knoll.tensor.storage import strides as view_strides
from knoll.tensor.storage.alias import view_of


@public("expand")
def expand(x: T, *size: Sizes) -> T:
    """x, repeated along axes of size 1 and along new ones in front; −1 keeps a size.

    Source: https://pytorch.org/docs/stable/generated/torch.Tensor.expand.html

    >>> import knoll
    >>> knoll.tensor([[1], [2]]).expand(-1, 3)
    tensor([[1, 1, 1],
            [2, 2, 2]])
    """
    given = sizes(size, "expand", "size")
    extra = len(given) - len(x.shape)
    if extra < 0:
        raise ShapeError(
            f"expand(torch.FloatTensor{{{list(x.shape)}}}, size={list(given)}): the number of sizes provided "
            f"({len(given)}) must be greater or equal to the number of dimensions in the tensor ({len(x.shape)})"
        )
    for axis, new in enumerate(given):
        if new < -1 or (new == -1 and axis < extra):
            raise ShapeError(
                f"The expanded size of the tensor ({new}) isn't allowed in a leading, non-existing dimension {axis}"
                if axis < extra
                else f"The expanded size of the tensor ({new}) must match the existing size ({x.shape[axis - extra]}) "
                f"at non-singleton dimension {axis}.  Target sizes: {list(given)}.  Tensor sizes: {list(x.shape)}"
            )
    padded = (1,) * extra + x.shape
    whole = tuple(old if new == -1 else new for old, new in zip(padded, given, strict=True))
    for axis, (old, new) in enumerate(zip(padded, whole, strict=True)):
        if old not in (1, new):
            raise ShapeError(
                f"The expanded size of the tensor ({new}) must match the existing size ({old}) at non-singleton "
                f"dimension {axis}.  Target sizes: {list(given)}.  Tensor sizes: {list(x.shape)}"
            )
    axes = tuple(i for i, (old, new) in enumerate(zip(padded, whole, strict=True)) if i < extra or old != new)
    same = whole == x.shape
    return view_of(x, reshaping(whole, keeping(tuple(range(len(whole))))) if same else _expansion(whole, axes))


def _expansion(whole: Shape, axes: tuple[int, ...]) -> ViewStep:
    """From a tensor to its repetition along `axes`, in the shape `whole`."""

    def strides(x: Spec, before: Shape) -> Shape:
        return view_strides.repeated(x.shape, before, whole, axes)

    def of_array(array: Array) -> Array:
        return as_strided(array, whole, strides(spec_of(array), array.strides))

    return ViewStep(expand_op, {"shape": whole, "axes": axes, "scale": 1.0}, of_array, None, strides)


@public("expand_as")
def expand_as(x: T, other: T) -> T:
    """Repeated to the shape of `other`.

    Source: https://pytorch.org/docs/stable/generated/torch.Tensor.expand_as.html

    >>> import knoll
    >>> knoll.tensor([[1], [2]]).expand_as(knoll.ones(2, 3))
    tensor([[1, 1, 1],
            [2, 2, 2]])
    """
    return expand(x, other.shape)
