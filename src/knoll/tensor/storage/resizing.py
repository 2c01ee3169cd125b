"""Another part of its memory, or other memory, for a tensor that wants no gradient: `resize_`, `set_`.

Source: https://pytorch.org/docs/stable/generated/torch.Tensor.resize_.html and torch.Tensor.set_.html
"""

from __future__ import annotations

import math
from typing import cast

import numpy as np

from knoll.errors import DTypeError, StateError
from knoll.graph import Shape
from knoll.ops.dtypes import c_name
from knoll.tensor.arguments import Sizes, public
from knoll.tensor.arguments import tensor as checked
from knoll.tensor.base import T, TensorBase
from knoll.tensor.indexing.slices import narrow
from knoll.tensor.record import grad_mode
from knoll.tensor.shapes.shaping import reshape, sizes
from knoll.tensor.storage.alias import base_of, detached_alias
from knoll.tensor.storage.memory import Memory
from knoll.tensor.storage.memory_format import check_format
from knoll.tensor.storage.memory_format import memory_format as Format
from knoll.tensor.storage.mutation import check_leaf
from knoll.tensor.storage.placement import memory_of, offset_of, strides_of


@public("resize_")
def resize_(x: T, *size: Sizes, memory_format: Format | None = None) -> T:
    """The elements that lie from the first one of x on, in this shape, in place.

    What is not looked at stays in memory. Where the memory ends, x gets memory of its own, with zeros behind what it
    had; views stay where they are. Raises StateError for a tensor that wants a gradient and for negative sizes.

    >>> import knoll
    >>> x = knoll.arange(6)
    >>> x.resize_(2, 2).tolist(), x.resize_(2, 3).tolist(), x.resize_(8).tolist()
    ([[0, 1], [2, 3]], [[0, 1, 2], [3, 4, 5]], [0, 1, 2, 3, 4, 5, 0, 0])
    """
    shape = sizes(size, "resize_", "size")
    check_format(memory_format, len(shape))
    return _resized(x, shape)


@public("resize_as_")
def resize_as_(x: T, other: TensorBase, *, memory_format: Format | None = None) -> T:
    """As `resize_`, in the shape of another tensor.

    >>> import knoll
    >>> knoll.arange(6).resize_as_(knoll.zeros(2, 1))
    tensor([[0],
            [1]])
    """
    check_format(memory_format, len(other.shape))
    return _resized(x, other.shape)


def _resized(x: T, shape: Shape) -> T:
    if x.requires_grad:
        raise StateError("cannot resize variables that require grad")
    if min(shape, default=0) < 0:
        raise StateError("numel: integer multiplication overflow")
    array = x._realize()
    if array.shape == shape:
        return x
    count, offset, memory = math.prod(shape), offset_of(x), memory_of(x)
    if memory.flags.c_contiguous and offset + count <= memory.size:
        root = base_of(x).base.root
        whole = cast(T, root.whole._shallow_copy())
        whole._view = type(base_of(x))(root, (), root.version)
        with grad_mode(False):
            return _be(x, reshape(narrow(reshape(whole, (-1,)), 0, offset, count), shape))
    former = memory.reshape(-1)[offset:] if memory.flags.c_contiguous else array.reshape(-1)
    own = np.zeros(count, array.dtype)
    own[: former.size] = former[:count]
    x._view = None
    x._lie_in(own.reshape(shape), Memory())
    return x


def _be(x: T, other: TensorBase) -> T:
    """Let x lie where another tensor does, without its gradient."""
    x._lie_in(other._realize(), other._memory)
    detached_alias(other, x)
    return x


@public("set_")
def set_(x: T, source: TensorBase | None = None) -> T:
    """The elements of `source`, in its memory, in place; none without one.

    Raises DTypeError for another element type, StateError for a leaf that wants a gradient.

    >>> import knoll
    >>> x, y = knoll.zeros(1), knoll.arange(3.0)
    >>> x.set_(y).add_(1), y
    (tensor([1., 2., 3.]), tensor([1., 2., 3.]))
    """
    check_leaf(x)
    if source is None:
        x._view = None
        x._lie_in(np.zeros(0, x._dtype), Memory())
        return x
    given = checked(source, "set_", "source", 1)
    if given._dtype != x._dtype:
        raise DTypeError(f"Could not set tensor of type {c_name(given._dtype)} to a tensor of type {c_name(x._dtype)}")
    return _be(x, given)


@public("is_set_to")
def is_set_to(x: TensorBase, tensor: TensorBase) -> bool:
    """Whether two tensors have the same elements in one memory, in the same order.

    >>> import knoll
    >>> x = knoll.zeros(2, 3)
    >>> x.is_set_to(x.view(2, 3)), x.is_set_to(x.clone())
    (True, False)
    """
    same_place = memory_of(x).ctypes.data == memory_of(tensor).ctypes.data and offset_of(x) == offset_of(tensor)
    return same_place and x.shape == tensor.shape and strides_of(x) == strides_of(tensor)
