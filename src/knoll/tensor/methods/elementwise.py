"""Methods that compute with each element by itself."""

from __future__ import annotations

from typing import Final

from knoll.tensor.base import TensorBase
from knoll.tensor.elementwise import (
    activation,
    arithmetic,
    choose,
    comparisons,
    exponential,
    logic,
    pointwise,
    predicates,
    rounding,
    trigonometric,
)
from knoll.tensor.methods.method import method
from knoll.tensor.reduction import equality


class ElementwiseMethods(TensorBase):
    """Arithmetic, comparisons, roundings and functions of one number."""

    __slots__ = ()

    # Arithmetic

    add: Final = method(arithmetic.add)
    sub: Final = method(arithmetic.subtract)
    subtract: Final = sub
    mul: Final = method(arithmetic.multiply)
    multiply: Final = mul
    div: Final = method(arithmetic.divide)
    divide: Final = div
    true_divide: Final = div
    floor_divide: Final = method(arithmetic.floor_divide)
    remainder: Final = method(arithmetic.remainder)
    fmod: Final = method(rounding.fmod)
    pow: Final = method(arithmetic.power)
    float_power: Final = method(exponential.float_power)
    neg: Final = method(pointwise.negative)
    negative: Final = neg
    positive: Final = method(pointwise.positive)
    abs: Final = method(pointwise.absolute)
    absolute: Final = method(pointwise.absolute)
    sign: Final = method(pointwise.sign)
    sgn: Final = method(pointwise.sgn)
    signbit: Final = method(predicates.signbit)
    copysign: Final = method(choose.copysign)
    reciprocal: Final = method(pointwise.reciprocal)
    square: Final = method(pointwise.square)
    lerp: Final = method(pointwise.lerp)
    addcmul: Final = method(pointwise.addcmul)
    addcdiv: Final = method(pointwise.addcdiv)

    # Comparisons and choices

    eq: Final = method(comparisons.equal)
    ne: Final = method(comparisons.not_equal)
    not_equal: Final = ne
    lt: Final = method(comparisons.less)
    less: Final = lt
    le: Final = method(comparisons.less_equal)
    less_equal: Final = le
    gt: Final = method(comparisons.greater)
    greater: Final = gt
    ge: Final = method(comparisons.greater_equal)
    greater_equal: Final = ge
    isclose: Final = method(predicates.isclose)
    allclose: Final = equality.allclose
    equal: Final = equality.equal
    maximum: Final = method(arithmetic.maximum)
    minimum: Final = method(arithmetic.minimum)
    fmax: Final = method(choose.fmax)
    fmin: Final = method(choose.fmin)
    clamp: Final = method(choose.clamp)
    clip: Final = clamp
    clamp_min: Final = method(choose.clamp_min)
    clamp_max: Final = method(choose.clamp_max)
    where: Final = method(choose.where_else)
    masked_fill: Final = method(choose.masked_fill)
    nan_to_num: Final = method(choose.nan_to_num)
    heaviside: Final = method(choose.heaviside)

    # Truths and bits

    isnan: Final = method(predicates.isnan)
    isinf: Final = method(predicates.isinf)
    isposinf: Final = method(predicates.isposinf)
    isneginf: Final = method(predicates.isneginf)
    isfinite: Final = method(predicates.isfinite)
    is_nonzero: Final = predicates.is_nonzero
    logical_and: Final = method(logic.logical_and)
    logical_or: Final = method(logic.logical_or)
    logical_xor: Final = method(logic.logical_xor)
    logical_not: Final = method(logic.logical_not)
    bitwise_and: Final = method(logic.bitwise_and)
    bitwise_or: Final = method(logic.bitwise_or)
    bitwise_xor: Final = method(logic.bitwise_xor)
    bitwise_not: Final = method(logic.bitwise_not)
    bitwise_left_shift: Final = method(logic.bitwise_left_shift)
    bitwise_right_shift: Final = method(logic.bitwise_right_shift)

    # Rounding

    floor: Final = method(rounding.floor)
    ceil: Final = method(rounding.ceil)
    round: Final = method(rounding.round_even)
    trunc: Final = method(rounding.trunc)
    fix: Final = trunc
    frac: Final = method(rounding.frac)

    # Exponentials and logarithms

    exp: Final = method(exponential.exp)
    exp2: Final = method(exponential.exp2)
    expm1: Final = method(exponential.expm1)
    log: Final = method(exponential.log)
    log2: Final = method(exponential.log2)
    log10: Final = method(exponential.log10)
    log1p: Final = method(exponential.log1p)
    logit: Final = method(exponential.logit)
    sqrt: Final = method(exponential.sqrt)
    rsqrt: Final = method(exponential.rsqrt)
    erf: Final = method(exponential.erf)
    erfc: Final = method(exponential.erfc)
    erfinv: Final = method(exponential.erfinv)
    logaddexp: Final = method(exponential.logaddexp)
    logaddexp2: Final = method(exponential.logaddexp2)
    ldexp: Final = method(exponential.ldexp)
    xlogy: Final = method(exponential.xlogy)

    # Trigonometry

    sin: Final = method(trigonometric.sin)
    cos: Final = method(trigonometric.cos)
    tan: Final = method(trigonometric.tan)
    asin: Final = method(trigonometric.asin)
    arcsin: Final = asin
    acos: Final = method(trigonometric.acos)
    arccos: Final = acos
    atan: Final = method(trigonometric.atan)
    arctan: Final = atan
    atan2: Final = method(trigonometric.atan2)
    arctan2: Final = atan2
    sinh: Final = method(trigonometric.sinh)
    cosh: Final = method(trigonometric.cosh)
    tanh: Final = method(trigonometric.tanh)
    asinh: Final = method(trigonometric.asinh)
    arcsinh: Final = asinh
    acosh: Final = method(trigonometric.acosh)
    arccosh: Final = acosh
    atanh: Final = method(trigonometric.atanh)
    arctanh: Final = atanh
    sinc: Final = method(trigonometric.sinc)
    hypot: Final = method(trigonometric.hypot)
    deg2rad: Final = method(trigonometric.deg2rad)
    rad2deg: Final = method(trigonometric.rad2deg)

    # Activations

    relu: Final = method(activation.relu)
    sigmoid: Final = method(activation.sigmoid)
    hardshrink: Final = method(activation.hardshrink)
