"""Functions of one real number with a derivative in closed form: powers, logarithms, circular and hyperbolic ones.

Source of the derivatives: https://dlmf.nist.gov/4.7, 4.20 and 4.34
"""
# ruff: noqa: ARG005 (rules are given everything, and use what they need)

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from knoll.graph import Array, Op
from knoll.ops.elementwise import NO_INTEGERS, binary, unary
from knoll.ops.inverse_error import inverse_error, inverse_error_slope

_erf = np.vectorize(math.erf, otypes=[np.float64])


def _function(name: str, meaning: Callable[[Array], Array], derivative: Callable[[Array], Array]) -> Op:
    """y = f(x), and dx = dy · f′(x)."""
    dx = binary(f"{name}_dx", lambda dy, x: dy * derivative(x), None)
    return unary(name, meaning, lambda x, y, dy: dx(dy, x), refuse=NO_INTEGERS)


def _error_function(x: Array) -> Array:
    return (_erf(x) if x.size else x).astype(x.dtype)


log1p: Op = _function("log1p", np.log1p, lambda x: 1 / (1 + x))
log2: Op = _function("log2", np.log2, lambda x: 1 / (x * math.log(2)))
log10: Op = _function("log10", np.log10, lambda x: 1 / (x * math.log(10)))
expm1: Op = _function("expm1", np.expm1, np.exp)
exp2: Op = _function("exp2", np.exp2, lambda x: np.exp2(x) * math.log(2))
tan: Op = _function("tan", np.tan, lambda x: 1 + np.tan(x) ** 2)
asin: Op = _function("asin", np.arcsin, lambda x: 1 / np.sqrt((1 - x) * (1 + x)))
acos: Op = _function("acos", np.arccos, lambda x: -1 / np.sqrt((1 - x) * (1 + x)))
atan: Op = _function("atan", np.arctan, lambda x: 1 / (1 + x * x))
sinh: Op = _function("sinh", np.sinh, np.cosh)
cosh: Op = _function("cosh", np.cosh, np.sinh)
asinh: Op = _function("asinh", np.arcsinh, lambda x: 1 / np.hypot(1, x))
acosh: Op = _function("acosh", np.arccosh, lambda x: 1 / np.sqrt((x - 1) * (x + 1)))
atanh: Op = _function("atanh", np.arctanh, lambda x: 1 / ((1 - x) * (1 + x)))
erf: Op = _function("erf", _error_function, lambda x: 2 / math.sqrt(math.pi) * np.exp(-x * x))
erfinv: Op = _function("erfinv", inverse_error, inverse_error_slope)
