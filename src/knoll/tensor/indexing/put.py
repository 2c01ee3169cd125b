"""Values put, or added, at places that are counted in reading order."""

from __future__ import annotations

import math

from knoll.errors import DimensionError, StateError
from knoll.ops.dtypes import scalar_name
from knoll.tensor.arguments import public, unchecked
from knoll.tensor.base import T, TensorBase
from knoll.tensor.dtypes import int64
from knoll.tensor.indexing.index_put import index_put
from knoll.tensor.shapes.shaping import reshape

__all__ = ["put"]


@public("put")
def put(x: T, index: T, source: T, accumulate: bool = False) -> T:
    """x with the values `source` at places counted in reading order; or added there, if they `accumulate`.

    Shapes: of `index` and `source` any, with as many elements. Raises StateError for another element type,
    DimensionError for places that x does not have.
    Source: https://pytorch.org/docs/stable/generated/torch.Tensor.put_.html

    >>> import knoll
    >>> knoll.zeros(2, 2).put(knoll.tensor([1, -1]), knoll.tensor([5.0, 6.0]))
    tensor([[0., 5.],
            [0., 6.]])
    """
    _check(x, index, source)
    whole, places, values = (reshape(each, (-1,)) for each in (x, index, source))
    if not places.shape[0]:
        return reshape(whole, x.shape)
    result: T = unchecked(index_put)(whole, (places,), values, accumulate)
    return reshape(result, x.shape)


def _check(x: TensorBase, index: TensorBase, source: TensorBase) -> None:
    if index._dtype != int64:
        raise StateError(f"put_(): Expected a long tensor for index, but got {scalar_name(index._dtype)}")
    if x._dtype != source._dtype:
        own, given = (scalar_name(each._dtype) for each in (x, source))
        raise StateError(
            "put_(): self and source expected to have the same dtype, "
            f"but got self.dtype = {own} and source.dtype = {given}"
        )
    size, places, values = (math.prod(each.shape) for each in (x, index, source))
    if places != values:
        raise DimensionError(
            "put_(): Expected source and index to have the same number of elements, "
            f"but got source.numel() = {values}, index.numel() = {places}"
        )
    if places and not size:
        raise DimensionError("put_(): Tried to put elements into an empty tensor")
    numbers = index._realize()
    if places and not -size <= numbers.min() <= numbers.max() < size:
        wrong = numbers[(numbers < -size) | (numbers >= size)][0]
        raise DimensionError(f"out of range: tried to access index {wrong} on a tensor of {size} elements.")
