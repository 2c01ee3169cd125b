"""What Python and NumPy ask of a tensor: its length, its numbers as theirs, how it looks, how it is stored."""

from __future__ import annotations

from typing import Any, Final, SupportsIndex

from knoll.deferred import html_of
from knoll.errors import ArgumentTypeError
from knoll.tensor import conversion, display, ufuncs
from knoll.tensor.base import TensorBase
from knoll.tensor.indexing import subscript
from knoll.tensor.storage import copying


class PythonProtocols(TensorBase):
    """The special methods of `Tensor` that are no operators, and the methods that give Python's or NumPy's numbers."""

    __slots__ = ()

    def __len__(self) -> int:
        if not self.shape:
            raise ArgumentTypeError("len() of a 0-d tensor")
        return self.shape[0]

    def __float__(self) -> float:
        return float(conversion.scalar(self))

    def __int__(self) -> int:
        return int(conversion.scalar(self))

    def __repr__(self) -> str:
        return display.text(self)

    def _repr_html_(self) -> str | None:
        return html_of("views.tensor_display", "tensor_html", self)

    def __format__(self, spec: str) -> str:
        return conversion.formatted(self, spec)

    def __reduce_ex__(self, protocol: SupportsIndex) -> tuple[Any, ...]:
        return copying.reduced(self)

    __array_priority__: int = 1000

    __bool__: Final = conversion.to_bool_scalar
    __index__: Final = conversion.to_index
    __array__: Final = conversion.array
    __array_ufunc__: Final = ufuncs.array_ufunc
    __array_wrap__: Final = ufuncs.array_wrap
    __dlpack__: Final = conversion.dlpack
    __dlpack_device__: Final = conversion.dlpack_device
    __contains__: Final = subscript.contains

    item: Final = conversion.item
    tolist: Final = conversion.tolist
    numpy: Final = conversion.numpy
