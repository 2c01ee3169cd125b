"""Views that read the same bits as numbers of another type.

Source: PyTorch, `view_dtype` in `aten/src/ATen/native/TensorConversions.cpp`.
"""

from __future__ import annotations

from functools import lru_cache

from knoll.errors import StateError
from knoll.graph import Array, Spec
from knoll.graph.spec import DType
from knoll.messages import say
from knoll.ops.shapes.reinterpret import change, reinterpret, reinterpret_shape
from knoll.tensor.base import T, TensorBase, ViewStep
from knoll.tensor.record import apply
from knoll.tensor.storage.alias import view_of, with_numbers
from knoll.tensor.storage.placement import offset_of, strides_of
from knoll.tensor.storage.strides import Strides, of_elements


def as_type(x: T, dtype: DType) -> T:
    """The bits of x as numbers of this type, in the same memory; no gradient flows. Raises ShapeError, StateError."""
    (result,) = reinterpret_shape(Spec(x.shape, x._dtype), dtype=dtype.name)
    if dtype.itemsize != x._dtype.itemsize:
        _check_layout(x, dtype, result.size)
    return view_of(x, _reading(dtype))


def _check_layout(x: TensorBase, dtype: DType, elements: int) -> None:
    """Raise StateError where elements of another size would not lie as a tensor's do."""
    strides, offset = strides_of(x), offset_of(x)
    said, advice = change(x._dtype, dtype), say("tensor.contiguous_first")
    if elements and strides[-1] != 1:
        raise StateError(f"self.stride(-1) must be 1 {said}, but got {strides[-1]}", advice=advice)
    times = max(1, dtype.itemsize // x._dtype.itemsize)
    if offset % times:
        raise StateError(f"self.storage_offset() must be divisible by {times} {said}, but got {offset}", advice=advice)
    for axis, stride in enumerate(strides[:-1]):
        if stride % times:
            raise StateError(
                f"self.stride({axis}) must be divisible by {times} {said}, but got {stride}", advice=advice
            )


@lru_cache(maxsize=64)
def _reading(dtype: DType) -> ViewStep:
    """From a tensor to its bits as numbers of this type."""

    def of_array(array: Array) -> Array:
        return array.view(dtype)

    def inverse(former: T, part: T) -> T:
        return with_numbers(former, apply(reinterpret, part, dtype=former._dtype.name)[0])

    def strides(x: Spec, before: Strides) -> Strides:
        return of_elements(before, x.dtype.itemsize, dtype.itemsize)

    return ViewStep(reinterpret, {"dtype": dtype.name}, of_array, inverse, strides)
