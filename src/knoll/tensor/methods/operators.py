"""Python's operators on tensors."""

from __future__ import annotations

from typing import Final

from knoll.tensor.arguments import unchecked
from knoll.tensor.base import TensorBase
from knoll.tensor.elementwise import arithmetic, comparisons, logic, pointwise
from knoll.tensor.methods.method import method


class Operators(TensorBase):
    """Operators that make a new tensor; those that change one stand among the changes in place."""

    __slots__ = ()

    __add__: Final = method(unchecked(arithmetic.add))
    __radd__: Final = method(unchecked(arithmetic.add))
    __sub__: Final = method(unchecked(arithmetic.subtract))
    __rsub__: Final = method(arithmetic.reflected_subtract)
    __mul__: Final = method(unchecked(arithmetic.multiply))
    __rmul__: Final = method(unchecked(arithmetic.multiply))
    __truediv__: Final = method(unchecked(arithmetic.divide))
    __rtruediv__: Final = method(arithmetic.reflected_divide)
    __floordiv__: Final = method(unchecked(arithmetic.floor_divide))
    __rfloordiv__: Final = method(arithmetic.reflected_floor_divide)
    __mod__: Final = method(unchecked(arithmetic.remainder))
    __rmod__: Final = method(arithmetic.reflected_remainder)
    __pow__: Final = method(unchecked(arithmetic.power))
    __rpow__: Final = method(arithmetic.reflected_power)
    __matmul__: Final = method(unchecked(arithmetic.matmul))
    __rmatmul__: Final = method(arithmetic.reflected_matmul)
    __and__: Final = method(unchecked(logic.bitwise_and))
    __rand__: Final = method(unchecked(logic.bitwise_and))
    __or__: Final = method(unchecked(logic.bitwise_or))
    __ror__: Final = method(unchecked(logic.bitwise_or))
    __xor__: Final = method(unchecked(logic.bitwise_xor))
    __rxor__: Final = method(unchecked(logic.bitwise_xor))
    __lshift__: Final = method(unchecked(logic.bitwise_left_shift))
    __rlshift__: Final = method(logic.reflected_left_shift)
    __rshift__: Final = method(unchecked(logic.bitwise_right_shift))
    __rrshift__: Final = method(logic.reflected_right_shift)
    __lt__: Final = method(unchecked(comparisons.less))
    __le__: Final = method(unchecked(comparisons.less_equal))
    __gt__: Final = method(unchecked(comparisons.greater))
    __ge__: Final = method(unchecked(comparisons.greater_equal))
    __neg__: Final = method(pointwise.negative)
    __pos__: Final = method(pointwise.positive)
    __abs__: Final = method(pointwise.absolute)
    __invert__: Final = method(logic.bitwise_not)
