"""How large a tensor is, and how its elements lie."""

from __future__ import annotations

import math
from typing import overload

from knoll.errors import ArgumentTypeError, DimensionError
from knoll.ops.reduction.reduce import normalised
from knoll.tensor.arguments import public
from knoll.tensor.base import TensorBase
from knoll.tensor.storage.memory_format import RANKS, contiguous_format
from knoll.tensor.storage.memory_format import memory_format as Format
from knoll.tensor.storage.placement import strides_of
from knoll.tensor.storage.strides import are_in_order

__all__ = ["is_signed"]


def dim(x: TensorBase) -> int:
    """How many axes.

    Source: https://pytorch.org/docs/stable/generated/torch.Tensor.dim.html

    >>> import knoll
    >>> knoll.ones(8, 3, 32, 32).dim()
    4
    """
    return len(x.shape)


@public("numel")
def numel(x: TensorBase) -> int:
    """How many elements.

    Source: https://pytorch.org/docs/stable/generated/torch.Tensor.numel.html

    >>> import knoll
    >>> knoll.ones(8, 3).numel()
    24
    """
    return math.prod(x.shape)


def element_size(x: TensorBase) -> int:
    """Bytes of one element.

    Source: https://pytorch.org/docs/stable/generated/torch.Tensor.element_size.html

    >>> import knoll
    >>> knoll.ones(8, 3).element_size()
    4
    """
    return x._dtype.itemsize


class Size(tuple[int, ...]):
    """A shape, as `torch.Size`: a tuple of sizes, which `Tensor._holding(size)` knows from one of numbers."""

    __slots__ = ()

    def numel(self) -> int:
        """How many elements a tensor of this shape has."""
        return math.prod(self)


@overload
def size(x: TensorBase, dim: None = None) -> Size: ...
@overload
def size(x: TensorBase, dim: int) -> int: ...
@public("size")
def size(x: TensorBase, dim: int | None = None) -> Size | int:
    """The shape, or the size of one axis.

    Source: https://pytorch.org/docs/stable/generated/torch.Tensor.size.html

    >>> import knoll
    >>> x = knoll.ones(8, 3)
    >>> x.size(), x.size(1)
    ((8, 3), 3)
    """
    return Size(x.shape) if dim is None else x.shape[_axis(x, dim)]


def _axis(x: TensorBase, dim: int) -> int:
    """An axis that is there, counted from the front."""
    if not x.shape:
        raise DimensionError(f"Dimension specified as {dim} but tensor has no dimensions")
    return normalised((dim,), len(x.shape))[0]


@public("is_floating_point")
def is_floating_point(x: TensorBase) -> bool:
    """Whether the elements are floats.

    Source: https://pytorch.org/docs/stable/generated/torch.Tensor.is_floating_point.html

    >>> import knoll
    >>> knoll.ones(2).is_floating_point(), knoll.tensor([1]).is_floating_point()
    (True, False)
    """
    return x._dtype.kind == "f"


@public("is_complex")
def is_complex(x: TensorBase) -> bool:  # noqa: ARG001 (a method)
    """Whether the elements are complex numbers: none are.

    Source: https://pytorch.org/docs/stable/generated/torch.Tensor.is_complex.html

    >>> import knoll
    >>> knoll.ones(2).is_complex()
    False
    """
    return False


@public("is_signed")
def is_signed(x: TensorBase) -> bool:
    """Whether the elements may be negative.

    >>> import knoll
    >>> knoll.is_signed(knoll.tensor([1])), knoll.is_signed(knoll.tensor([True]))
    (True, False)
    """
    return x._dtype.kind in "if"


def is_contiguous(x: TensorBase, memory_format: Format = contiguous_format) -> bool:
    """Whether the elements lie in reading order, or in that of images whose channels are the last axis.

    Source: https://pytorch.org/docs/stable/generated/torch.Tensor.is_contiguous.html

    >>> import knoll
    >>> x = knoll.ones(2, 3)
    >>> x.is_contiguous(), x.t().is_contiguous()
    (True, False)
    """
    if not isinstance(memory_format, Format):
        kind = type(memory_format).__name__
        raise ArgumentTypeError(
            f"is_contiguous(): argument 'memory_format' must be torch.memory_format, not {kind}",
            advice="knoll.channels_last",
        )
    shape, rank = x.shape, len(x.shape)
    if memory_format not in RANKS:
        return 0 in shape or are_in_order(shape, strides_of(x), range(rank)[::-1])
    return rank == RANKS[memory_format] and are_in_order(shape, strides_of(x), (1, *range(rank)[:1:-1], 0))


@overload
def stride(x: TensorBase, dim: None = None) -> tuple[int, ...]: ...
@overload
def stride(x: TensorBase, dim: int) -> int: ...
@public("stride")
def stride(x: TensorBase, dim: int | None = None) -> tuple[int, ...] | int:
    """Elements from one entry of an axis to the next.

    Source: https://pytorch.org/docs/stable/generated/torch.Tensor.stride.html

    >>> import knoll
    >>> x = knoll.ones(2, 3)
    >>> x.stride(), x.t().stride()
    ((3, 1), (1, 3))
    """
    strides = strides_of(x)
    return strides if dim is None else strides[_axis(x, dim)]


def data_ptr(x: TensorBase) -> int:
    """The address of the first element.

    Source: https://pytorch.org/docs/stable/generated/torch.Tensor.data_ptr.html

    >>> import knoll
    >>> x = knoll.ones(2, 3)
    >>> x.view(6).data_ptr() == x.data_ptr()
    True
    """
    return x._realize().ctypes.data
