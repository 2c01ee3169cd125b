"""Functions of two real numbers: an angle, a length, a remainder, a size with a sign.

Source of the derivatives: https://dlmf.nist.gov/4.24
"""

from __future__ import annotations

import numpy as np

from knoll.graph import Op, Value
from knoll.ops.elementwise.arithmetic import add, constant, divide, multiply, negative, sign, square, subtract, trunc
from knoll.ops.elementwise.choose import where_false
from knoll.ops.elementwise.comparisons import equal
from knoll.ops.elementwise.elementwise import NO_INTEGERS, binary


def _squares(a: Value, b: Value) -> Value:
    """a² + b², and 1 where both are 0: an angle without direction has the slopes 0."""
    squares = add(square(a), square(b))
    return add(squares, subtract(constant(squares, value=1.0), sign(squares)))


def _copysign_da(a: Value, b: Value, dy: Value) -> Value:
    """dy times what made the sign of a that of b; nothing where a is 0."""
    ratio = divide(copysign(a, b), a)
    return multiply(dy, where_false(equal(a, constant(a, value=0.0)), ratio))


atan2: Op = binary(
    "atan2",
    np.arctan2,
    lambda a, b, dy: (
        multiply(dy, divide(b, _squares(a, b))),
        negative(multiply(dy, divide(a, _squares(a, b)))),
    ),
)
hypot: Op = binary(
    "hypot",
    np.hypot,
    lambda a, b, dy: (multiply(dy, divide(a, hypot(a, b))), multiply(dy, divide(b, hypot(a, b)))),
    refuse=NO_INTEGERS,
)
fmod: Op = binary("fmod", np.fmod, lambda a, b, dy: (dy, negative(multiply(dy, trunc(divide(a, b))))))
copysign: Op = binary("copysign", np.copysign, lambda a, b, dy: (_copysign_da(a, b, dy), constant(dy, value=0.0)))
