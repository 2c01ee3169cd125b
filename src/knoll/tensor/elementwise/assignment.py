"""Assignment to all elements of a tensor: they are filled, or copied."""

from __future__ import annotations

from typing import Any

import numpy as np

from knoll.errors import ArgumentError, ShapeError, StateError
from knoll.messages import say
from knoll.ops.indexing.index import frozen, put
from knoll.run.arrays import overwrite
from knoll.tensor.arguments import Operand, public
from knoll.tensor.base import T, TensorBase
from knoll.tensor.data import tensor_of
from knoll.tensor.dtypes import fitting
from knoll.tensor.elementwise.arithmetic import add, cast
from knoll.tensor.record import apply
from knoll.tensor.shapes.expansion import expand
from knoll.tensor.storage.copying import clone
from knoll.tensor.storage.mutation import change, check_leaf, is_plain, replace, writing
from knoll.tensor.storage.overlap import check_overlap


def zero_(x: T) -> T:
    """Fill with zeros, in place.

    Source: https://pytorch.org/docs/stable/generated/torch.Tensor.zero_.html

    >>> import knoll
    >>> knoll.ones(2).zero_()
    tensor([0., 0.])
    """
    return fill_(x, 0)


@public("fill_")
def fill_(x: T, value: Operand) -> T:
    """Fill with one value, in place.

    Source: https://pytorch.org/docs/stable/generated/torch.Tensor.fill_.html

    >>> import knoll
    >>> knoll.zeros(2).fill_(3)
    tensor([3., 3.])
    """
    check_leaf(x)
    if axes := len(getattr(value, "shape", ())):
        raise StateError(f"fill_ only supports 0-dimension value tensor but got tensor with {axes} dimensions.")
    if isinstance(value, TensorBase):
        check_overlap(x)
    if not is_plain(x, value):
        return replace(x, lambda former: _replaced(former, add(x._over(np.zeros(x.shape, x._dtype)), value)))
    with writing(x) as array:
        overwrite(array, value._realize() if isinstance(value, TensorBase) else fitting(value, x._dtype))
    return x


def _replaced(former: T, new: T) -> T:
    """`new`, repeated, in place of all elements of `former`, which then has a gradient of zero if it has one."""
    wide = expand(cast(new, former._dtype), former.shape)
    return apply(put, former, wide, key=frozen(()), axes=())[0] if former._requires_grad else clone(wide)


@public("copy_")
def copy_(x: T, source: Any) -> T:
    """Take over the numbers of `source`, which broadcasts, in place; the element type stays.

    Source: https://pytorch.org/docs/stable/generated/torch.Tensor.copy_.html

    >>> import knoll
    >>> knoll.zeros(2, 2).copy_(knoll.tensor([1, 2]))
    tensor([[1., 2.],
            [1., 2.]])
    """
    given = type(x)._over(np.asarray(source)) if isinstance(source, float) else tensor_of(type(x), source)
    check_leaf(x)
    if source is x:
        return x
    check_overlap(x)
    if not is_plain(x, given):
        return change(x, lambda former: _replaced(former, given))
    numbers = given._realize()
    try:
        with writing(x) as array:
            overwrite(array, numbers)
    except ValueError as error:
        if isinstance(error, ArgumentError):
            raise
        raise ShapeError(
            f"The size of tensor a ({list(x.shape)}) must match the size of tensor b ({list(numbers.shape)})",
            expected=say("tensor.broadcasts_to", shape=x.shape),
            got=f"{numbers.shape}",
        ) from None
    return x
