"""Methods of `Tensor` that are further functions, changes in place, and PyTorch's second names."""

from __future__ import annotations

from typing import Final

from knoll.tensor import (
    activation,
    arithmetic,
    choose,
    compare,
    contractions,
    conversion,
    correlation,
    exponential,
    grouped,
    inplace,
    layout,
    matrices,
    new,
    norms,
    parts,
    places,
    pointwise,
    predicates,
    products,
    put_in,
    rearrange,
    reshaped,
    rounding,
    sampling,
    scan,
    splitting,
    statistics,
    trigonometric,
)
from knoll.tensor import histogram as histograms
from knoll.tensor import index_put as putting
from knoll.tensor import matrix_exp as exponentials
from knoll.tensor import scatter as scattering
from knoll.tensor.base import TensorBase
from knoll.tensor.inplace import in_place


class FurtherMethods(TensorBase):
    """Functions of this package under PyTorch's names; what does not change a tensor stands first."""

    __slots__ = ()

    positive: Final = pointwise.positive
    deg2rad: Final = trigonometric.deg2rad
    rad2deg: Final = trigonometric.rad2deg
    erfc: Final = exponential.erfc
    sinc: Final = trigonometric.sinc
    signbit: Final = predicates.signbit
    isposinf: Final = predicates.isposinf
    isneginf: Final = predicates.isneginf
    atan2: Final = trigonometric.atan2
    hypot: Final = trigonometric.hypot
    fmod: Final = rounding.fmod
    clamp_min: Final = choose.clamp_min
    clamp_max: Final = choose.clamp_max
    fmax: Final = choose.fmax
    fmin: Final = choose.fmin
    copysign: Final = choose.copysign
    xlogy: Final = exponential.xlogy
    heaviside: Final = choose.heaviside
    logaddexp: Final = exponential.logaddexp
    logaddexp2: Final = exponential.logaddexp2
    ldexp: Final = exponential.ldexp
    float_power: Final = exponential.float_power
    sgn: Final = pointwise.sgn
    is_nonzero: Final = predicates.is_nonzero
    bitwise_left_shift: Final = pointwise.bitwise_left_shift
    bitwise_right_shift: Final = pointwise.bitwise_right_shift
    aminmax: Final = statistics.aminmax
    nansum: Final = statistics.nansum
    nanmean: Final = statistics.nanmean
    quantile: Final = statistics.quantile
    kthvalue: Final = statistics.kthvalue
    mode: Final = statistics.mode
    cummax: Final = statistics.cummax
    cummin: Final = statistics.cummin
    msort: Final = statistics.msort
    diff: Final = statistics.diff
    histc: Final = histograms.histc
    argwhere: Final = statistics.argwhere
    unique_consecutive: Final = statistics.unique_consecutive
    dist: Final = statistics.dist
    cov: Final = correlation.cov
    tensor_split: Final = splitting.tensor_split
    hsplit: Final = splitting.hsplit
    vsplit: Final = splitting.vsplit
    dsplit: Final = splitting.dsplit
    diagonal: Final = parts.diagonal
    select: Final = parts.select
    unfold: Final = parts.unfold
    sum_to_size: Final = parts.sum_to_size
    diag_embed: Final = parts.diag_embed
    diagflat: Final = parts.diagflat
    take: Final = parts.take
    index_add: Final = parts.index_add
    index_copy: Final = parts.index_copy
    index_fill: Final = parts.index_fill
    masked_scatter: Final = parts.masked_scatter
    index_put: Final = putting.index_put
    where: Final = parts.where_else
    is_signed: Final = layout.is_signed
    equal: Final = compare.equal
    allclose: Final = compare.allclose
    nanmedian: Final = scan.nanmedian
    logcumsumexp: Final = scan.logcumsumexp
    corrcoef: Final = correlation.corrcoef
    histogram: Final = histograms.histogram
    nonzero_static: Final = places.nonzero_static
    scatter_reduce: Final = grouped.scatter_reduce
    index_reduce: Final = grouped.index_reduce
    select_scatter: Final = put_in.select_scatter
    slice_scatter: Final = put_in.slice_scatter
    diagonal_scatter: Final = put_in.diagonal_scatter
    renorm: Final = norms.renorm
    hardshrink: Final = activation.hardshrink
    bernoulli: Final = sampling.bernoulli
    multinomial: Final = sampling.multinomial
    short: Final = conversion.to_short
    char: Final = conversion.to_char
    addmv: Final = products.addmv
    addr: Final = products.addr
    baddbmm: Final = products.baddbmm
    addbmm: Final = products.addbmm
    inner: Final = products.inner
    kron: Final = contractions.kron
    cross: Final = products.cross
    matrix_exp: Final = exponentials.matrix_exp
    matrix_power: Final = products.matrix_power
    det: Final = matrices.det
    slogdet: Final = matrices.slogdet
    qr: Final = matrices.qr
    cholesky: Final = matrices.cholesky
    new_zeros: Final = new.new_zeros
    new_ones: Final = new.new_ones
    new_empty: Final = new.new_empty
    new_full: Final = new.new_full
    new_tensor: Final = new.new_tensor
    inverse: Final = matrices.inv
    pinverse: Final = matrices.pinv

    # Changes in place

    div_: Final = in_place("div_", arithmetic.divide)
    neg_: Final = in_place("neg_", pointwise.negative)
    abs_: Final = in_place("abs_", pointwise.absolute)
    sign_: Final = in_place("sign_", pointwise.sign)
    floor_: Final = in_place("floor_", rounding.floor)
    ceil_: Final = in_place("ceil_", rounding.ceil)
    round_: Final = in_place("round_", rounding.round_even)
    square_: Final = in_place("square_", pointwise.square)
    relu_: Final = in_place("relu_", activation.relu)
    exp_: Final = in_place("exp_", exponential.exp)
    log_: Final = in_place("log_", exponential.log)
    sqrt_: Final = in_place("sqrt_", exponential.sqrt)
    sin_: Final = in_place("sin_", trigonometric.sin)
    cos_: Final = in_place("cos_", trigonometric.cos)
    sigmoid_: Final = in_place("sigmoid_", activation.sigmoid)
    tanh_: Final = in_place("tanh_", trigonometric.tanh)
    bitwise_not_: Final = in_place("bitwise_not_", pointwise.bitwise_not)
    logical_not_: Final = in_place("logical_not_", arithmetic.logical_not)
    masked_fill_: Final = in_place("masked_fill_", choose.masked_fill, choose.written_by_mask)
    clamp_min_: Final = in_place("clamp_min_", choose.clamp_min)
    clamp_max_: Final = in_place("clamp_max_", choose.clamp_max)
    acos_: Final = in_place("acos_", trigonometric.acos)
    acosh_: Final = in_place("acosh_", trigonometric.acosh)
    addcdiv_: Final = in_place("addcdiv_", pointwise.addcdiv)
    addcmul_: Final = in_place("addcmul_", pointwise.addcmul)
    asin_: Final = in_place("asin_", trigonometric.asin)
    asinh_: Final = in_place("asinh_", trigonometric.asinh)
    atan_: Final = in_place("atan_", trigonometric.atan)
    atanh_: Final = in_place("atanh_", trigonometric.atanh)
    cosh_: Final = in_place("cosh_", trigonometric.cosh)
    sinh_: Final = in_place("sinh_", trigonometric.sinh)
    tan_: Final = in_place("tan_", trigonometric.tan)
    erf_: Final = in_place("erf_", exponential.erf)
    erfinv: Final = exponential.erfinv
    erfinv_: Final = in_place("erfinv_", exponential.erfinv)
    exp2_: Final = in_place("exp2_", exponential.exp2)
    expm1_: Final = in_place("expm1_", exponential.expm1)
    frac_: Final = in_place("frac_", rounding.frac)
    trunc_: Final = in_place("trunc_", rounding.trunc)
    lerp_: Final = in_place("lerp_", pointwise.lerp)
    log10_: Final = in_place("log10_", exponential.log10)
    log1p_: Final = in_place("log1p_", exponential.log1p)
    log2_: Final = in_place("log2_", exponential.log2)
    logit_: Final = in_place("logit_", exponential.logit)
    nan_to_num_: Final = in_place("nan_to_num_", choose.nan_to_num)
    reciprocal_: Final = in_place("reciprocal_", pointwise.reciprocal)
    rsqrt_: Final = in_place("rsqrt_", exponential.rsqrt)
    erfc_: Final = in_place("erfc_", exponential.erfc)
    sgn_: Final = in_place("sgn_", pointwise.sgn)
    sinc_: Final = in_place("sinc_", trigonometric.sinc)
    deg2rad_: Final = in_place("deg2rad_", trigonometric.deg2rad)
    rad2deg_: Final = in_place("rad2deg_", trigonometric.rad2deg)
    atan2_: Final = in_place("atan2_", trigonometric.atan2)
    hypot_: Final = in_place("hypot_", trigonometric.hypot)
    fmod_: Final = in_place("fmod_", rounding.fmod)
    copysign_: Final = in_place("copysign_", choose.copysign)
    xlogy_: Final = in_place("xlogy_", exponential.xlogy)
    heaviside_: Final = in_place("heaviside_", choose.heaviside)
    ldexp_: Final = in_place("ldexp_", exponential.ldexp)
    float_power_: Final = in_place("float_power_", exponential.power_of_double)
    bitwise_left_shift_: Final = in_place("bitwise_left_shift_", pointwise.bitwise_left_shift)
    bitwise_right_shift_: Final = in_place("bitwise_right_shift_", pointwise.bitwise_right_shift)
    cumsum_: Final = in_place("cumsum_", scan.cumsum)
    cumprod_: Final = in_place("cumprod_", scan.cumprod)
    scatter_: Final = in_place("scatter_", scattering.scatter)
    scatter_add_: Final = in_place("scatter_add_", scattering.scatter_add)
    tril_: Final = in_place("tril_", rearrange.tril, rearrange.written_by_tril)
    triu_: Final = in_place("triu_", rearrange.triu, rearrange.written_by_triu)
    addmm_: Final = in_place("addmm_", products.addmm)
    index_add_: Final = in_place("index_add_", parts.index_add)
    index_copy_: Final = in_place("index_copy_", parts.index_copy)
    index_fill_: Final = in_place("index_fill_", parts.index_fill, parts.written_by_fill)
    masked_scatter_: Final = in_place("masked_scatter_", parts.masked_scatter)
    index_put_: Final = putting.index_put_
    addmv_: Final = in_place("addmv_", products.addmv)
    addr_: Final = in_place("addr_", products.addr)
    baddbmm_: Final = in_place("baddbmm_", products.baddbmm)
    addbmm_: Final = in_place("addbmm_", products.addbmm)
    eq_: Final = in_place("eq_", arithmetic.equal)
    ne_: Final = in_place("ne_", arithmetic.not_equal)
    lt_: Final = in_place("lt_", arithmetic.less)
    le_: Final = in_place("le_", arithmetic.less_equal)
    gt_: Final = in_place("gt_", arithmetic.greater)
    ge_: Final = in_place("ge_", arithmetic.greater_equal)
    logical_and_: Final = in_place("logical_and_", arithmetic.logical_and)
    logical_or_: Final = in_place("logical_or_", arithmetic.logical_or)
    logical_xor_: Final = in_place("logical_xor_", arithmetic.logical_xor)
    fill_diagonal_: Final = parts.fill_diagonal_
    random_: Final = sampling.random_
    bernoulli_: Final = sampling.bernoulli_
    exponential_: Final = sampling.exponential_
    geometric_: Final = sampling.geometric_
    cauchy_: Final = sampling.cauchy_
    log_normal_: Final = sampling.log_normal_
    scatter_reduce_: Final = in_place("scatter_reduce_", grouped.scatter_reduce)
    index_reduce_: Final = in_place("index_reduce_", grouped.index_reduce)
    renorm_: Final = in_place("renorm_", norms.renorm)
    squeeze_: Final = reshaped.squeeze_
    unsqueeze_: Final = reshaped.unsqueeze_
    transpose_: Final = reshaped.transpose_
    t_: Final = reshaped.t_
    swapaxes_: Final = reshaped.swapaxes_
    swapdims_: Final = reshaped.swapdims_

    # Second names

    absolute: Final = pointwise.absolute
    negative: Final = pointwise.negative
    multiply: Final = arithmetic.multiply
    subtract: Final = arithmetic.subtract
    divide: Final = arithmetic.divide
    true_divide: Final = arithmetic.divide
    not_equal: Final = arithmetic.not_equal
    greater: Final = arithmetic.greater
    greater_equal: Final = arithmetic.greater_equal
    less: Final = arithmetic.less
    less_equal: Final = arithmetic.less_equal
    fix: Final = rounding.trunc
    moveaxis: Final = rearrange.movedim
    ger: Final = products.outer
    ndimension: Final = layout.rank
    arccos: Final = trigonometric.acos
    arccosh: Final = trigonometric.acosh
    arcsin: Final = trigonometric.asin
    arcsinh: Final = trigonometric.asinh
    arctan: Final = trigonometric.atan
    arctanh: Final = trigonometric.atanh
    arctan2: Final = trigonometric.atan2
    absolute_: Final = abs_
    negative_: Final = neg_
    multiply_: Final = inplace.multiply_
    subtract_: Final = inplace.subtract_
    divide_: Final = div_
    true_divide_: Final = div_
    not_equal_: Final = ne_
    greater_: Final = gt_
    greater_equal_: Final = ge_
    less_: Final = lt_
    less_equal_: Final = le_
    fix_: Final = trunc_
    arctan2_: Final = atan2_
    arccos_: Final = acos_
    arccosh_: Final = acosh_
    arcsin_: Final = asin_
    arcsinh_: Final = asinh_
    arctan_: Final = atan_
    arctanh_: Final = atanh_
