"""Powers, and their derivatives by the base and by the exponent."""

from __future__ import annotations

import numpy as np

from knoll.graph import Array, Node, Op, Value, by_element
from knoll.ops.elementwise.arithmetic import add, constant, log, multiply, one_less, scaled
from knoll.ops.elementwise.choose import where_false
from knoll.ops.elementwise.comparisons import equal
from knoll.ops.elementwise.elementwise import binary
from knoll.ops.formula import Arithmetic, V
from knoll.ops.quiet import quietly


def _power(a: Array, b: Array) -> Array:
    if b.dtype.kind == "i" and (b < 0).any():  # what is left of 1 / a: of 1 and −1 themselves, of others nothing
        ones = np.where(a == 1, 1, np.where((a == -1) & (b % 2 == 0), 1, np.where(a == -1, -1, 0)))
        return np.where(b < 0, ones, np.power(a, np.maximum(b, 0)))
    if b.ndim == 0 and b == -0.5:
        return np.asarray(1 / np.sqrt(a))  # as in PyTorch: −∞ at −0, NaN at −∞
    return np.asarray(np.power(a, b))


def _power_da(a: Array, b: Array) -> Array:
    """The product of b and a to the power b − 1; nothing where b is 0."""
    return np.asarray(np.where(b == 0, a.dtype.type(0), b * np.power(a, b - 1)))


def _power_db(a: Array, b: Array) -> Array:
    """The power times log a; nothing where a is 0 and b is not negative."""
    return np.asarray(np.where((a == 0) & (b >= 0), a.dtype.type(0), np.power(a, b) * np.log(a)))


def _power_mixed(a: Value, b: Value) -> Value:
    """The derivative of a power by both: a to the power b − 1, times 1 + b · log a."""
    less = one_less(b)
    return add(power(a, less), multiply(b, power_db(a, less)))


def _power_gradient(a: Value, b: Value, dy: Value) -> tuple[Value, Value]:
    """Where b is 0 nothing passes to a, even of an infinite dy: as in PyTorch."""
    da = multiply(dy, power_da(a, b))
    return where_false(equal(b, constant(b, value=0.0)), da), multiply(dy, power_db(a, b))


power_da: Op = binary(
    "power_da",
    _power_da,
    lambda a, b, g: (multiply(g, multiply(b, power_da(a, one_less(b)))), multiply(g, _power_mixed(a, b))),
)
power_db: Op = binary(
    "power_db",
    _power_db,
    lambda a, b, g: (multiply(g, _power_mixed(a, b)), multiply(g, multiply(power_db(a, b), log(a)))),
)
power: Op = binary("power", _power, _power_gradient)


def _multiplied(x: V, exponent: float) -> V:
    """x multiplied with itself, `exponent` times: by squares, so that few products are rounded."""
    times, square = int(abs(exponent)), x
    result = x if times % 2 else None
    while times > 1:
        times, square = times // 2, square * square
        if times % 2:
            result = square if result is None else result * square
    assert result is not None, "a power above zero"
    return result


def _whole_power(x: Array, *, exponent: float) -> tuple[Array]:
    positive = quietly(_multiplied, x, exponent)
    return (np.asarray(positive if exponent > 0 else quietly(np.divide, x.dtype.type(1), positive)),)


def _whole_power_formula(v: Arithmetic[V], x: V, *, exponent: float) -> V:
    positive = _multiplied(x, exponent)
    return positive if exponent > 0 else v.constant(1.0) / positive


def _whole_power_gradient(node: Node, dy: Value) -> tuple[Value]:
    """dy times the exponent and the power that is one less; it depends on x alone."""
    (x,), exponent = node.inputs, node.attributes["exponent"]
    if exponent == 1:
        return (dy,)
    less = x if exponent == 2 else whole_power(x, exponent=exponent - 1)
    return (multiply(dy, scaled(less, exponent)),)


whole_power: Op = Op(
    "whole_power",
    lambda x, **_: (x,),
    _whole_power,
    _whole_power_gradient,
    formula=_whole_power_formula,
    reads=by_element,
)
