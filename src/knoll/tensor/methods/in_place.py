"""Methods that change a tensor in place, and return it."""

from __future__ import annotations

from typing import Final

from knoll.ops.activation import piecewise
from knoll.ops.activation.relu_sigmoid_tanh import relu, sigmoid, tanh
from knoll.ops.elementwise import functions, pairs
from knoll.ops.elementwise.arithmetic import (
    absolute,
    add,
    ceil,
    cos,
    divide,
    exp,
    floor,
    log,
    multiply,
    negative,
    round_even,
    sign,
    sin,
    sqrt,
    square,
    subtract,
    trunc,
)
from knoll.tensor import conversion
from knoll.tensor.autograd import gradients
from knoll.tensor.base import TensorBase
from knoll.tensor.elementwise import (
    activation,
    arithmetic,
    assignment,
    choose,
    comparisons,
    exponential,
    logic,
    pointwise,
    rounding,
    trigonometric,
)
from knoll.tensor.indexing import diagonals, index_update, scatter_reductions
from knoll.tensor.indexing import index_put as putting
from knoll.tensor.indexing import put as at_places
from knoll.tensor.indexing import scatter as scattering
from knoll.tensor.linear_algebra import norms, products
from knoll.tensor.random import sampling
from knoll.tensor.reduction import scan
from knoll.tensor.shapes import reshaped
from knoll.tensor.storage import resizing
from knoll.tensor.storage.mutation import in_place


class InPlaceMethods(TensorBase):
    """Changes in place; `in_place` makes those of a function whose result takes the tensor's place."""

    __slots__ = ()

    # New numbers

    fill_: Final = assignment.fill_
    zero_: Final = assignment.zero_
    copy_: Final = assignment.copy_
    fill_diagonal_: Final = diagonals.fill_diagonal_
    normal_: Final = sampling.normal_
    uniform_: Final = sampling.uniform_
    random_: Final = sampling.random_
    bernoulli_: Final = sampling.bernoulli_
    exponential_: Final = sampling.exponential_
    geometric_: Final = sampling.geometric_
    cauchy_: Final = sampling.cauchy_
    log_normal_: Final = sampling.log_normal_
    detach_: Final = gradients.detach_
    share_memory_: Final = conversion.share_memory_

    # Arithmetic

    add_: Final = in_place("add_", arithmetic.add, add)
    sub_: Final = in_place("sub_", arithmetic.subtract, subtract)
    subtract_: Final = sub_
    mul_: Final = in_place("mul_", arithmetic.multiply, multiply)
    multiply_: Final = mul_
    div_: Final = in_place("div_", arithmetic.divide, divide)
    divide_: Final = div_
    true_divide_: Final = div_
    floor_divide_: Final = in_place("floor_divide_", arithmetic.floor_divide)
    remainder_: Final = in_place("remainder_", arithmetic.remainder)
    fmod_: Final = in_place("fmod_", rounding.fmod, pairs.fmod)
    pow_: Final = in_place("pow_", arithmetic.power, *arithmetic.POWERS)
    float_power_: Final = in_place("float_power_", exponential.power_of_double)
    neg_: Final = in_place("neg_", pointwise.negative, negative)
    negative_: Final = neg_
    abs_: Final = in_place("abs_", pointwise.absolute, absolute)
    absolute_: Final = abs_
    sign_: Final = in_place("sign_", pointwise.sign, sign)
    sgn_: Final = in_place("sgn_", pointwise.sgn, sign)
    copysign_: Final = in_place("copysign_", choose.copysign, pairs.copysign)
    reciprocal_: Final = in_place("reciprocal_", pointwise.reciprocal, divide)
    square_: Final = in_place("square_", pointwise.square, square)
    lerp_: Final = in_place("lerp_", pointwise.lerp, add)
    addcmul_: Final = in_place("addcmul_", pointwise.addcmul, add)
    addcdiv_: Final = in_place("addcdiv_", pointwise.addcdiv, add)

    # Comparisons and choices

    eq_: Final = in_place("eq_", comparisons.equal)
    ne_: Final = in_place("ne_", comparisons.not_equal)
    not_equal_: Final = ne_
    lt_: Final = in_place("lt_", comparisons.less)
    less_: Final = lt_
    le_: Final = in_place("le_", comparisons.less_equal)
    less_equal_: Final = le_
    gt_: Final = in_place("gt_", comparisons.greater)
    greater_: Final = gt_
    ge_: Final = in_place("ge_", comparisons.greater_equal)
    greater_equal_: Final = ge_
    clamp_: Final = in_place("clamp_", choose.clamp, piecewise.clamp)
    clip_: Final = clamp_
    clamp_min_: Final = in_place("clamp_min_", choose.clamp_min, piecewise.clamp)
    clamp_max_: Final = in_place("clamp_max_", choose.clamp_max, piecewise.clamp)
    masked_fill_: Final = in_place("masked_fill_", choose.masked_fill, written=choose.written_by_mask)
    nan_to_num_: Final = in_place("nan_to_num_", choose.nan_to_num)
    heaviside_: Final = in_place("heaviside_", choose.heaviside)

    # Truths and bits

    logical_and_: Final = in_place("logical_and_", logic.logical_and)
    logical_or_: Final = in_place("logical_or_", logic.logical_or)
    logical_xor_: Final = in_place("logical_xor_", logic.logical_xor)
    logical_not_: Final = in_place("logical_not_", logic.logical_not)
    bitwise_and_: Final = in_place("bitwise_and_", logic.bitwise_and)
    bitwise_or_: Final = in_place("bitwise_or_", logic.bitwise_or)
    bitwise_xor_: Final = in_place("bitwise_xor_", logic.bitwise_xor)
    bitwise_not_: Final = in_place("bitwise_not_", logic.bitwise_not)
    bitwise_left_shift_: Final = in_place("bitwise_left_shift_", logic.bitwise_left_shift)
    bitwise_right_shift_: Final = in_place("bitwise_right_shift_", logic.bitwise_right_shift)

    # Rounding

    floor_: Final = in_place("floor_", rounding.floor, floor)
    ceil_: Final = in_place("ceil_", rounding.ceil, ceil)
    round_: Final = in_place("round_", rounding.round_even, round_even)
    trunc_: Final = in_place("trunc_", rounding.trunc, trunc)
    fix_: Final = trunc_
    frac_: Final = in_place("frac_", rounding.frac, subtract)

    # Exponentials and logarithms

    exp_: Final = in_place("exp_", exponential.exp, exp)
    exp2_: Final = in_place("exp2_", exponential.exp2, functions.exp2)
    expm1_: Final = in_place("expm1_", exponential.expm1, functions.expm1)
    log_: Final = in_place("log_", exponential.log, log)
    log2_: Final = in_place("log2_", exponential.log2, functions.log2)
    log10_: Final = in_place("log10_", exponential.log10, functions.log10)
    log1p_: Final = in_place("log1p_", exponential.log1p, functions.log1p)
    logit_: Final = in_place("logit_", exponential.logit, functions.logit)
    sqrt_: Final = in_place("sqrt_", exponential.sqrt, sqrt)
    rsqrt_: Final = in_place("rsqrt_", exponential.rsqrt, divide)
    erf_: Final = in_place("erf_", exponential.erf, functions.erf)
    erfc_: Final = in_place("erfc_", exponential.erfc, functions.erfc)
    erfinv_: Final = in_place("erfinv_", exponential.erfinv, functions.erfinv)
    ldexp_: Final = in_place("ldexp_", exponential.ldexp, multiply)
    xlogy_: Final = in_place("xlogy_", exponential.xlogy)

    # Trigonometry

    sin_: Final = in_place("sin_", trigonometric.sin, sin)
    cos_: Final = in_place("cos_", trigonometric.cos, cos)
    tan_: Final = in_place("tan_", trigonometric.tan, functions.tan)
    asin_: Final = in_place("asin_", trigonometric.asin, functions.asin)
    arcsin_: Final = asin_
    acos_: Final = in_place("acos_", trigonometric.acos, functions.acos)
    arccos_: Final = acos_
    atan_: Final = in_place("atan_", trigonometric.atan, functions.atan)
    arctan_: Final = atan_
    atan2_: Final = in_place("atan2_", trigonometric.atan2, pairs.atan2)
    arctan2_: Final = atan2_
    sinh_: Final = in_place("sinh_", trigonometric.sinh, functions.sinh)
    cosh_: Final = in_place("cosh_", trigonometric.cosh, functions.cosh)
    tanh_: Final = in_place("tanh_", trigonometric.tanh, tanh)
    asinh_: Final = in_place("asinh_", trigonometric.asinh, functions.asinh)
    arcsinh_: Final = asinh_
    acosh_: Final = in_place("acosh_", trigonometric.acosh, functions.acosh)
    arccosh_: Final = acosh_
    atanh_: Final = in_place("atanh_", trigonometric.atanh, functions.atanh)
    arctanh_: Final = atanh_
    sinc_: Final = in_place("sinc_", trigonometric.sinc)
    hypot_: Final = in_place("hypot_", trigonometric.hypot, pairs.hypot)
    deg2rad_: Final = in_place("deg2rad_", trigonometric.deg2rad, multiply)
    rad2deg_: Final = in_place("rad2deg_", trigonometric.rad2deg, multiply)

    # Activations

    relu_: Final = in_place("relu_", activation.relu, relu)
    sigmoid_: Final = in_place("sigmoid_", activation.sigmoid, sigmoid)

    # Along an axis

    cumsum_: Final = in_place("cumsum_", scan.cumsum)
    cumprod_: Final = in_place("cumprod_", scan.cumprod)
    renorm_: Final = in_place("renorm_", norms.renorm)

    # Products

    addmm_: Final = in_place("addmm_", products.addmm)
    addmv_: Final = in_place("addmv_", products.addmv)
    addr_: Final = in_place("addr_", products.addr)
    addbmm_: Final = in_place("addbmm_", products.addbmm)
    baddbmm_: Final = in_place("baddbmm_", products.baddbmm)

    # Shapes

    squeeze_: Final = reshaped.squeeze_
    unsqueeze_: Final = reshaped.unsqueeze_
    transpose_: Final = reshaped.transpose_
    swapaxes_: Final = reshaped.swapaxes_
    swapdims_: Final = reshaped.swapdims_
    t_: Final = reshaped.t_

    # Memory

    resize_: Final = resizing.resize_
    resize_as_: Final = resizing.resize_as_
    set_: Final = resizing.set_

    # Parts

    tril_: Final = in_place("tril_", diagonals.tril, written=diagonals.written_by_tril)
    triu_: Final = in_place("triu_", diagonals.triu, written=diagonals.written_by_triu)
    scatter_: Final = in_place("scatter_", scattering.scatter)
    scatter_add_: Final = in_place("scatter_add_", scattering.scatter_add)
    scatter_reduce_: Final = in_place("scatter_reduce_", scatter_reductions.scatter_reduce)
    masked_scatter_: Final = in_place("masked_scatter_", index_update.masked_scatter)
    index_add_: Final = in_place("index_add_", index_update.index_add)
    index_copy_: Final = in_place("index_copy_", index_update.index_copy)
    index_fill_: Final = in_place("index_fill_", index_update.index_fill, written=index_update.written_by_fill)
    index_put_: Final = putting.index_put_
    put_: Final = in_place("put_", at_places.put)
    index_reduce_: Final = in_place("index_reduce_", scatter_reductions.index_reduce)

    # Operators

    __iadd__: Final = add_
    __isub__: Final = sub_
    __imul__: Final = mul_
    __itruediv__: Final = div_
    __ifloordiv__: Final = floor_divide_
    __imod__: Final = remainder_
    __ipow__: Final = pow_
    __iand__: Final = bitwise_and_
    __ior__: Final = bitwise_or_
    __ixor__: Final = bitwise_xor_
    __ilshift__: Final = bitwise_left_shift_
    __irshift__: Final = bitwise_right_shift_
