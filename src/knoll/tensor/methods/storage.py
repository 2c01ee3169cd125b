"""Methods about the storage of the elements: how many there are, of which type, and where."""

from __future__ import annotations

from typing import Final

from knoll.tensor import conversion
from knoll.tensor.base import TensorBase
from knoll.tensor.creation import new
from knoll.tensor.methods.method import method
from knoll.tensor.random import sampling
from knoll.tensor.storage import copying, layout, resizing
from knoll.tensor.storage import storage as storages


class StorageMethods(TensorBase):
    """Sizes, element types and memory, conversions, and new tensors of the same element type."""

    __slots__ = ()

    # What is known without the numbers

    dim: Final = layout.dim
    ndimension: Final = dim
    numel: Final = layout.numel
    nelement: Final = numel
    size: Final = layout.size
    element_size: Final = layout.element_size
    is_complex: Final = layout.is_complex
    is_floating_point: Final = layout.is_floating_point
    is_signed: Final = layout.is_signed
    is_contiguous: Final = layout.is_contiguous
    stride: Final = layout.stride
    data_ptr: Final = layout.data_ptr
    storage: Final = storages.storage
    untyped_storage: Final = storages.untyped_storage
    storage_offset: Final = storages.storage_offset
    is_set_to: Final = resizing.is_set_to
    is_shared: Final = conversion.is_shared

    # Copies

    clone: Final = method(copying.clone)
    contiguous: Final = method(copying.contiguous)
    cpu: Final = method(conversion.to_cpu)
    cuda: Final = method(conversion.to_cuda)
    pin_memory: Final = method(conversion.pin_memory)
    to: Final = conversion.to
    type_as: Final = conversion.to

    # New tensors like this one

    new_tensor: Final = method(new.new_tensor)
    new_zeros: Final = method(new.new_zeros)
    new_ones: Final = method(new.new_ones)
    new_empty: Final = method(new.new_empty)
    new_full: Final = method(new.new_full)
    bernoulli: Final = method(sampling.bernoulli)
    multinomial: Final = method(sampling.multinomial)

    # Last, because these hide the names of Python's own types from the lines that follow

    short: Final = method(conversion.to_short)
    char: Final = method(conversion.to_char)
    double: Final = method(conversion.to_double)
    half: Final = method(conversion.to_half)
    long: Final = method(conversion.to_long)
    byte: Final = method(conversion.to_byte)
    float: Final = method(conversion.to_float)
    int: Final = method(conversion.to_int)
    bool: Final = method(conversion.to_bool)
    type: Final = conversion.typed
