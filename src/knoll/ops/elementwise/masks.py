"""Masks as numbers, 1 where a comparison holds and 0 elsewhere: what kernels make of truth values.

A pass puts these operations in the place of comparisons (`plan/passes/masks.py`). They have no gradient.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

import numpy as np

from knoll.graph import Array, Op
from knoll.ops.elementwise import comparisons
from knoll.ops.elementwise.elementwise import Binary, Unary, binary, unary
from knoll.ops.formula import Arithmetic, V


def _comparison(op: Op, compare: Binary, condition: str) -> Op:
    """A comparison of two arrays by one of LLVM's conditions."""

    def formula(v: Arithmetic[V], a: V, b: V) -> V:
        return a.compare(condition, b).select(v.constant(1.0), v.zero())

    return binary(f"{op.name}_mask", compare, lambda *_: (None, None), formula=formula)


def _magnitude(op: Op, test: Unary, condition: str) -> Op:
    """A comparison of the magnitude with infinity."""

    def formula(v: Arithmetic[V], x: V) -> V:
        return v.absolute(x).compare(condition, v.constant(np.inf)).select(v.constant(1.0), v.zero())

    return unary(f"{op.name}_mask", test, lambda *_: None, formula=formula)


def _or(a: Array, b: Array) -> Array:
    return np.maximum(a, b)


def _not_formula(v: Arithmetic[V], x: V) -> V:
    return x.compare("oeq", v.zero()).select(v.constant(1.0), v.zero())


def _either_formula(v: Arithmetic[V], a: V, b: V) -> V:
    return a.compare("une", v.zero()).select(a, b)


# Comparisons of numbers, each with the operation that gives a mask of its operands' element type
COMPARISONS: Mapping[Op, Op] = MappingProxyType(
    {
        comparisons.equal: _comparison(comparisons.equal, np.equal, "oeq"),
        comparisons.not_equal: _comparison(comparisons.not_equal, np.not_equal, "une"),
        comparisons.less: _comparison(comparisons.less, np.less, "olt"),
        comparisons.less_equal: _comparison(comparisons.less_equal, np.less_equal, "ole"),
        comparisons.greater: _comparison(comparisons.greater, np.greater, "ogt"),
        comparisons.greater_equal: _comparison(comparisons.greater_equal, np.greater_equal, "oge"),
        comparisons.is_nan: _magnitude(comparisons.is_nan, np.isnan, "uno"),
        comparisons.is_infinite: _magnitude(comparisons.is_infinite, np.isinf, "oeq"),
        comparisons.is_finite: _magnitude(comparisons.is_finite, np.isfinite, "olt"),
    }
)

# Operations on truth values, each with the one that does the same with masks
CONNECTIVES: Mapping[Op, Op] = MappingProxyType(
    {
        comparisons.bitwise_not: unary("not_mask", lambda x: x == 0, lambda *_: None, formula=_not_formula),
        comparisons.bitwise_and: binary(
            "and_mask",
            np.multiply,
            lambda *_: (None, None),
            formula=lambda v, a, b: a * b,  # noqa: ARG005 (each formula gets the arithmetic)
        ),
        comparisons.bitwise_or: binary("or_mask", _or, lambda *_: (None, None), formula=_either_formula),
        comparisons.bitwise_xor: _comparison(comparisons.bitwise_xor, np.not_equal, "une"),
    }
)
