"""Comparisons of numbers, what is infinite or no number, and the logic of truth values and of bits."""

from __future__ import annotations

import numpy as np

from knoll.graph import Op
from knoll.ops.elementwise.elementwise import binary, unary

equal: Op = binary("equal", np.equal, None, np.bool_)
not_equal: Op = binary("not_equal", np.not_equal, None, np.bool_)
less: Op = binary("less", np.less, None, np.bool_)
less_equal: Op = binary("less_equal", np.less_equal, None, np.bool_)
greater: Op = binary("greater", np.greater, None, np.bool_)
greater_equal: Op = binary("greater_equal", np.greater_equal, None, np.bool_)

is_nan: Op = unary("is_nan", np.isnan, None, np.bool_)
is_infinite: Op = unary("is_infinite", np.isinf, None, np.bool_)
is_finite: Op = unary("is_finite", np.isfinite, None, np.bool_)

bitwise_not: Op = unary("bitwise_not", np.invert, None, refuse="f")
bitwise_and: Op = binary("bitwise_and", np.bitwise_and, None, refuse="f")
bitwise_or: Op = binary("bitwise_or", np.bitwise_or, None, refuse="f")
bitwise_xor: Op = binary("bitwise_xor", np.bitwise_xor, None, refuse="f")
