"""Knoll: convolutional-network layers, compiled for your own shapes and your own processor.

>>> import knoll
>>> x = knoll.tensor([[1.0, -0.5], [-1.0, 3.0]])
>>> knoll.reshape(x, (-1, 1, 2, 2)).shape
(1, 1, 2, 2)
"""
# ruff: noqa: A001, A004 (abs, max, sum and others are PyTorch's names)

from importlib import import_module
from math import e as e
from math import inf as inf
from math import nan as nan
from math import pi as pi
from typing import TYPE_CHECKING

import numpy as np

from knoll.absent import absent
from knoll.graph.spec import DType
from knoll.tensor import (
    Tensor,
    arange,
    as_tensor,
    empty,
    empty_like,
    enable_grad,
    eye,
    from_dlpack,
    from_numpy,
    full,
    full_like,
    inference_mode,
    is_grad_enabled,
    linspace,
    manual_seed,
    no_grad,
    ones,
    ones_like,
    rand,
    rand_like,
    randint,
    randn,
    randn_like,
    randperm,
    set_grad_enabled,
    tensor,
    zeros,
    zeros_like,
)
from knoll.tensor.activation import hardshrink, log_softmax, relu, sigmoid, softmax
from knoll.tensor.arithmetic import (
    add,
    bitwise_and,
    bitwise_or,
    bitwise_xor,
    floor_divide,
    logical_and,
    logical_not,
    logical_or,
    logical_xor,
    matmul,
    maximum,
    minimum,
    remainder,
)
from knoll.tensor.arithmetic import divide as div
from knoll.tensor.arithmetic import divide as divide
from knoll.tensor.arithmetic import divide as true_divide
from knoll.tensor.arithmetic import equal as eq
from knoll.tensor.arithmetic import greater as greater
from knoll.tensor.arithmetic import greater as gt
from knoll.tensor.arithmetic import greater_equal as ge
from knoll.tensor.arithmetic import greater_equal as greater_equal
from knoll.tensor.arithmetic import less as less
from knoll.tensor.arithmetic import less as lt
from knoll.tensor.arithmetic import less_equal as le
from knoll.tensor.arithmetic import less_equal as less_equal
from knoll.tensor.arithmetic import multiply as mul
from knoll.tensor.arithmetic import multiply as multiply
from knoll.tensor.arithmetic import not_equal as ne
from knoll.tensor.arithmetic import not_equal as not_equal
from knoll.tensor.arithmetic import power as pow
from knoll.tensor.arithmetic import subtract as sub
from knoll.tensor.arithmetic import subtract as subtract
from knoll.tensor.broadcasting import atleast_1d, atleast_2d, atleast_3d, broadcast_shapes, broadcast_tensors
from knoll.tensor.calculus import cumulative_trapezoid, gradient, trapezoid, trapz
from knoll.tensor.choose import (
    clamp,
    clamp_max,
    clamp_min,
    copysign,
    fmax,
    fmin,
    heaviside,
    masked_fill,
    nan_to_num,
    where,
)
from knoll.tensor.choose import clamp as clip
from knoll.tensor.compare import allclose, equal
from knoll.tensor.contractions import einsum, kron, tensordot
from knoll.tensor.conversion import is_tensor
from knoll.tensor.correlation import corrcoef, cov
from knoll.tensor.creation import as_tensor as asarray
from knoll.tensor.creation import frombuffer
from knoll.tensor.creation import range_ as range
from knoll.tensor.device import device
from knoll.tensor.distances import cdist
from knoll.tensor.distances import cosine_similarity as cosine_similarity
from knoll.tensor.distances import pairwise_distance as pairwise_distance
from knoll.tensor.distances import pdist as pdist
from knoll.tensor.dtypes import bool_ as bool
from knoll.tensor.dtypes import float16, float32, float64, int8, int16, int32, int64, uint8
from knoll.tensor.exponential import (
    erf,
    erfc,
    erfinv,
    exp,
    exp2,
    expm1,
    float_power,
    ldexp,
    log,
    log1p,
    log2,
    log10,
    logaddexp,
    logaddexp2,
    logit,
    rsqrt,
    sqrt,
    xlogy,
)
from knoll.tensor.generator import Generator, initial_seed
from knoll.tensor.gradients import clone as clone
from knoll.tensor.grouped import index_reduce, scatter_reduce, segment_reduce
from knoll.tensor.histogram import histc, histogram, histogramdd
from knoll.tensor.index_put import index_put
from knoll.tensor.indexing import nonzero
from knoll.tensor.joining import block_diag, cartesian_prod, cat, column_stack, dstack, hstack, stack, vstack
from knoll.tensor.joining import cat as concat
from knoll.tensor.joining import cat as concatenate
from knoll.tensor.joining import vstack as row_stack
from knoll.tensor.layout import is_signed
from knoll.tensor.matrices import cholesky, det, qr, slogdet
from knoll.tensor.matrices import inv as inverse
from knoll.tensor.matrices import pinv as pinverse
from knoll.tensor.matrix_exp import matrix_exp
from knoll.tensor.norms import renorm
from knoll.tensor.parts import (
    diag_embed,
    diagflat,
    diagonal,
    index_add,
    index_copy,
    index_fill,
    masked_scatter,
    select,
    take,
)
from knoll.tensor.places import combinations, nonzero_static, unravel_index
from knoll.tensor.pointwise import absolute as abs
from knoll.tensor.pointwise import absolute as absolute
from knoll.tensor.pointwise import (
    addcdiv,
    addcmul,
    bitwise_left_shift,
    bitwise_not,
    bitwise_right_shift,
    lerp,
    positive,
    reciprocal,
    sgn,
    sign,
    square,
)
from knoll.tensor.pointwise import negative as neg
from knoll.tensor.pointwise import negative as negative
from knoll.tensor.predicates import is_nonzero, isclose, isfinite, isin, isinf, isnan, isneginf, isposinf, signbit
from knoll.tensor.products import (
    addbmm,
    addmm,
    addmv,
    addr,
    baddbmm,
    bmm,
    chain_matmul,
    cross,
    dot,
    inner,
    matrix_power,
    mm,
    mv,
    outer,
)
from knoll.tensor.products import outer as ger
from knoll.tensor.promotion import can_cast, promote_types, result_type
from knoll.tensor.put_in import diagonal_scatter, select_scatter, slice_scatter
from knoll.tensor.random import normal, randint_like
from knoll.tensor.rearrange import (
    broadcast_to,
    diag,
    flip,
    fliplr,
    flipud,
    index_select,
    masked_select,
    meshgrid,
    movedim,
    narrow,
    ravel,
    repeat_interleave,
    roll,
    rot90,
    take_along_dim,
    tile,
    trace,
    tril,
    triu,
)
from knoll.tensor.rearrange import movedim as moveaxis
from knoll.tensor.reductions import all_ as all
from knoll.tensor.reductions import amax, amin, argmax, argmin, argsort, gather, mean, norm, sort, std, topk, var
from knoll.tensor.reductions import any_ as any
from knoll.tensor.reductions import max_ as max
from knoll.tensor.reductions import min_ as min
from knoll.tensor.reductions import sum_ as sum
from knoll.tensor.rounding import ceil, floor, fmod, frac, trunc
from knoll.tensor.rounding import round_even as round
from knoll.tensor.rounding import trunc as fix
from knoll.tensor.sampling import bernoulli, multinomial, poisson
from knoll.tensor.scan import (
    bincount,
    count_nonzero,
    cumprod,
    cumsum,
    logcumsumexp,
    logsumexp,
    median,
    nanmedian,
    prod,
    unique,
)
from knoll.tensor.scatter import scatter, scatter_add
from knoll.tensor.sequences import (
    bartlett_window,
    blackman_window,
    hamming_window,
    hann_window,
    kaiser_window,
    logspace,
    tril_indices,
    triu_indices,
    vander,
)
from knoll.tensor.shaping import flatten, permute, reshape, squeeze, transpose, unflatten, unsqueeze
from knoll.tensor.shaping import matrix_transposed as t
from knoll.tensor.shaping import transpose as swapaxes
from knoll.tensor.shaping import transpose as swapdims
from knoll.tensor.splitting import chunk, dsplit, hsplit, split, tensor_split, unbind, vsplit
from knoll.tensor.statistics import (
    aminmax,
    argwhere,
    bucketize,
    cummax,
    cummin,
    diff,
    dist,
    kthvalue,
    mode,
    msort,
    nanmean,
    nansum,
    quantile,
    searchsorted,
    std_mean,
    unique_consecutive,
    var_mean,
)
from knoll.tensor.trigonometric import (
    acos,
    acosh,
    asin,
    asinh,
    atan,
    atan2,
    atanh,
    cos,
    cosh,
    deg2rad,
    hypot,
    rad2deg,
    sin,
    sinc,
    sinh,
    tan,
    tanh,
)
from knoll.tensor.trigonometric import acos as arccos
from knoll.tensor.trigonometric import acosh as arccosh
from knoll.tensor.trigonometric import asin as arcsin
from knoll.tensor.trigonometric import asinh as arcsinh
from knoll.tensor.trigonometric import atan as arctan
from knoll.tensor.trigonometric import atan2 as arctan2
from knoll.tensor.trigonometric import atanh as arctanh

__version__ = "0.1.0"

float: DType = float32
double: DType = float64
half: DType = float16
long: DType = int64
int: DType = int32
short: DType = int16
dtype = np.dtype  # what element types are: isinstance(knoll.float32, knoll.dtype)
newaxis = None

# Names that need more than tensors, by the module that they stand in: loaded when they are first named.
_PACKAGES = frozenset(
    {
        "accelerator", "amp", "analysis", "animate", "autograd", "backends", "check", "cuda", "data", "distributed",
        "distributions", "document", "draw", "explain", "fx", "hub", "interop", "jit", "linalg", "multiprocessing",
        "nn", "onnx", "optim", "random", "serialization", "train", "utils", "version", "views", "vision",
    }
)  # fmt: skip
_LAZY = {
    **dict.fromkeys(
        (
            "BoolTensor",
            "ByteTensor",
            "CharTensor",
            "DoubleTensor",
            "FloatTensor",
            "HalfTensor",
            "IntTensor",
            "LongTensor",
            "ShortTensor",
            "finfo",
            "get_default_dtype",
            "iinfo",
            "is_autocast_enabled",
            "is_floating_point",
            "numel",
            "set_default_dtype",
        ),
        "tensor.typed",
    ),
    **dict.fromkeys(
        ("channels_last", "channels_last_3d", "contiguous_format", "memory_format", "preserve_format"),
        "tensor.memory_format",
    ),
    **dict.fromkeys(("get_rng_state", "seed", "set_rng_state"), "tensor.seed"),
    "_assert": "fx",
    "Size": "tensor.layout",
    "autocast": "amp",
    "compile": "nn.compile",
    "get_num_threads": "run.threads",
    "load": "interop.saving",
    "save": "interop.saving",
    "set_language": "language",
    "set_num_threads": "run.threads",
    "show": "views.features",
}

if TYPE_CHECKING:
    from knoll import (
        accelerator as accelerator,
    )
    from knoll import (
        amp as amp,
    )
    from knoll import (
        analysis,
        animate,
        autograd,
        check,
        cuda,
        data,
        distributions,
        document,
        draw,
        explain,
        interop,
        linalg,
        nn,
        optim,
        train,
        utils,
        views,
        vision,
    )
    from knoll import (
        backends as backends,
    )
    from knoll import (
        distributed as distributed,
    )
    from knoll import (
        fx as fx,
    )
    from knoll import (
        hub as hub,
    )
    from knoll import (
        jit as jit,
    )
    from knoll import (
        multiprocessing as multiprocessing,
    )
    from knoll import (
        onnx as onnx,
    )
    from knoll import (
        serialization as serialization,
    )
    from knoll import (
        version as version,
    )
    from knoll.amp import autocast as autocast
    from knoll.interop.saving import load, save
    from knoll.language import set_language
    from knoll.nn.compile import compile
    from knoll.run.threads import get_num_threads, set_num_threads
    from knoll.tensor.layout import Size as Size
    from knoll.tensor.memory_format import (
        channels_last as channels_last,
    )
    from knoll.tensor.memory_format import (
        channels_last_3d as channels_last_3d,
    )
    from knoll.tensor.memory_format import (
        contiguous_format as contiguous_format,
    )
    from knoll.tensor.memory_format import (
        memory_format as memory_format,
    )
    from knoll.tensor.memory_format import (
        preserve_format as preserve_format,
    )
    from knoll.tensor.seed import get_rng_state, seed, set_rng_state
    from knoll.tensor.typed import (
        BoolTensor as BoolTensor,
    )
    from knoll.tensor.typed import (
        ByteTensor as ByteTensor,
    )
    from knoll.tensor.typed import (
        CharTensor as CharTensor,
    )
    from knoll.tensor.typed import (
        DoubleTensor as DoubleTensor,
    )
    from knoll.tensor.typed import (
        FloatTensor as FloatTensor,
    )
    from knoll.tensor.typed import (
        HalfTensor as HalfTensor,
    )
    from knoll.tensor.typed import (
        IntTensor as IntTensor,
    )
    from knoll.tensor.typed import (
        LongTensor as LongTensor,
    )
    from knoll.tensor.typed import (
        ShortTensor as ShortTensor,
    )
    from knoll.tensor.typed import (
        finfo as finfo,
    )
    from knoll.tensor.typed import (
        get_default_dtype as get_default_dtype,
    )
    from knoll.tensor.typed import (
        iinfo as iinfo,
    )
    from knoll.tensor.typed import (
        is_autocast_enabled as is_autocast_enabled,
    )
    from knoll.tensor.typed import (
        is_floating_point as is_floating_point,
    )
    from knoll.tensor.typed import (
        numel as numel,
    )
    from knoll.tensor.typed import (
        set_default_dtype as set_default_dtype,
    )
    from knoll.views.features import show
else:

    def __getattr__(name: str) -> object:
        """`knoll.nn`, `knoll.compile` and the like, loaded when they are first named."""
        if name in _PACKAGES:
            return import_module(f"knoll.{name}")
        if name in _LAZY:
            return getattr(import_module(f"knoll.{_LAZY[name]}"), name)
        raise absent("knoll", name, __all__)


def __dir__() -> list[str]:
    """The public names, loaded or not."""
    return sorted({*__all__, *(name for name in globals() if name.startswith("__"))})


__all__ = [
    "Generator",
    "Tensor",
    "abs",
    "absolute",
    "acos",
    "acosh",
    "add",
    "addbmm",
    "addcdiv",
    "addcmul",
    "addmm",
    "addmv",
    "addr",
    "all",
    "allclose",
    "amax",
    "amin",
    "aminmax",
    "analysis",
    "animate",
    "any",
    "arange",
    "arccos",
    "arccosh",
    "arcsin",
    "arcsinh",
    "arctan",
    "arctan2",
    "arctanh",
    "argmax",
    "argmin",
    "argsort",
    "argwhere",
    "as_tensor",
    "asarray",
    "asin",
    "asinh",
    "atan",
    "atan2",
    "atanh",
    "atleast_1d",
    "atleast_2d",
    "atleast_3d",
    "autograd",
    "baddbmm",
    "bartlett_window",
    "bernoulli",
    "bincount",
    "bitwise_and",
    "bitwise_left_shift",
    "bitwise_not",
    "bitwise_or",
    "bitwise_right_shift",
    "bitwise_xor",
    "blackman_window",
    "block_diag",
    "bmm",
    "bool",
    "broadcast_shapes",
    "broadcast_tensors",
    "broadcast_to",
    "bucketize",
    "can_cast",
    "cartesian_prod",
    "cat",
    "cdist",
    "ceil",
    "chain_matmul",
    "check",
    "cholesky",
    "chunk",
    "clamp",
    "clamp_max",
    "clamp_min",
    "clip",
    "clone",
    "column_stack",
    "combinations",
    "compile",
    "concat",
    "concatenate",
    "copysign",
    "corrcoef",
    "cos",
    "cosh",
    "count_nonzero",
    "cov",
    "cross",
    "cuda",
    "cummax",
    "cummin",
    "cumprod",
    "cumsum",
    "cumulative_trapezoid",
    "data",
    "deg2rad",
    "det",
    "device",
    "diag",
    "diag_embed",
    "diagflat",
    "diagonal",
    "diagonal_scatter",
    "diff",
    "dist",
    "distributions",
    "div",
    "divide",
    "document",
    "dot",
    "double",
    "draw",
    "dsplit",
    "dstack",
    "einsum",
    "empty",
    "empty_like",
    "enable_grad",
    "eq",
    "equal",
    "erf",
    "erfc",
    "erfinv",
    "exp",
    "exp2",
    "explain",
    "expm1",
    "eye",
    "fix",
    "flatten",
    "flip",
    "fliplr",
    "flipud",
    "float",
    "float16",
    "float32",
    "float64",
    "float_power",
    "floor",
    "floor_divide",
    "fmax",
    "fmin",
    "fmod",
    "frac",
    "from_dlpack",
    "from_numpy",
    "frombuffer",
    "full",
    "full_like",
    "gather",
    "ge",
    "ger",
    "get_num_threads",
    "get_rng_state",
    "gradient",
    "greater",
    "greater_equal",
    "gt",
    "half",
    "hamming_window",
    "hann_window",
    "hardshrink",
    "heaviside",
    "histc",
    "histogram",
    "histogramdd",
    "hsplit",
    "hstack",
    "hypot",
    "index_add",
    "index_copy",
    "index_fill",
    "index_put",
    "index_reduce",
    "index_select",
    "inference_mode",
    "initial_seed",
    "inner",
    "int",
    "int8",
    "int16",
    "int32",
    "int64",
    "interop",
    "inverse",
    "is_grad_enabled",
    "is_nonzero",
    "is_signed",
    "is_tensor",
    "isclose",
    "isfinite",
    "isin",
    "isinf",
    "isnan",
    "isneginf",
    "isposinf",
    "kaiser_window",
    "kron",
    "kthvalue",
    "ldexp",
    "le",
    "lerp",
    "less",
    "less_equal",
    "linalg",
    "linspace",
    "load",
    "log",
    "log1p",
    "log2",
    "log10",
    "log_softmax",
    "logaddexp",
    "logaddexp2",
    "logcumsumexp",
    "logical_and",
    "logical_not",
    "logical_or",
    "logical_xor",
    "logit",
    "logspace",
    "logsumexp",
    "long",
    "lt",
    "manual_seed",
    "masked_fill",
    "masked_scatter",
    "masked_select",
    "matmul",
    "matrix_exp",
    "matrix_power",
    "max",
    "maximum",
    "mean",
    "median",
    "meshgrid",
    "min",
    "minimum",
    "mm",
    "mode",
    "moveaxis",
    "movedim",
    "msort",
    "mul",
    "multinomial",
    "multiply",
    "mv",
    "nan_to_num",
    "nanmean",
    "nanmedian",
    "nansum",
    "narrow",
    "ne",
    "neg",
    "negative",
    "nn",
    "no_grad",
    "nonzero",
    "nonzero_static",
    "norm",
    "normal",
    "not_equal",
    "ones",
    "ones_like",
    "optim",
    "outer",
    "permute",
    "pinverse",
    "poisson",
    "positive",
    "pow",
    "prod",
    "promote_types",
    "qr",
    "quantile",
    "rad2deg",
    "rand",
    "rand_like",
    "randint",
    "randint_like",
    "randn",
    "randn_like",
    "random",
    "randperm",
    "range",
    "ravel",
    "reciprocal",
    "relu",
    "remainder",
    "renorm",
    "repeat_interleave",
    "reshape",
    "result_type",
    "roll",
    "rot90",
    "round",
    "row_stack",
    "rsqrt",
    "save",
    "scatter",
    "scatter_add",
    "scatter_reduce",
    "searchsorted",
    "seed",
    "segment_reduce",
    "select",
    "select_scatter",
    "set_grad_enabled",
    "set_language",
    "set_num_threads",
    "set_rng_state",
    "sgn",
    "show",
    "sigmoid",
    "sign",
    "signbit",
    "sin",
    "sinc",
    "sinh",
    "slice_scatter",
    "slogdet",
    "softmax",
    "sort",
    "split",
    "sqrt",
    "square",
    "squeeze",
    "stack",
    "std",
    "std_mean",
    "sub",
    "subtract",
    "sum",
    "swapaxes",
    "swapdims",
    "t",
    "take",
    "take_along_dim",
    "tan",
    "tanh",
    "tensor",
    "tensor_split",
    "tensordot",
    "tile",
    "topk",
    "trace",
    "train",
    "transpose",
    "trapezoid",
    "trapz",
    "tril",
    "tril_indices",
    "triu",
    "triu_indices",
    "true_divide",
    "trunc",
    "uint8",
    "unbind",
    "unflatten",
    "unique",
    "unique_consecutive",
    "unravel_index",
    "unsqueeze",
    "utils",
    "vander",
    "var",
    "var_mean",
    "views",
    "vision",
    "vsplit",
    "vstack",
    "where",
    "xlogy",
    "zeros",
    "zeros_like",
]  # fmt: skip
