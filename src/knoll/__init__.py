"""Knoll: convolutional-network layers, compiled for your own shapes and your own processor.

>>> import knoll
>>> x = knoll.tensor([[1.0, -0.5], [-1.0, 3.0]])
>>> knoll.reshape(x, (-1, 1, 2, 2)).shape
(1, 1, 2, 2)
"""
# ruff: noqa: A001, A004, F403, F405 (each module states its public names; abs, max, sum and others are PyTorch's too)

from importlib import import_module as _import_module
from math import e as e
from math import inf as inf
from math import nan as nan
from math import pi as pi
from typing import TYPE_CHECKING, Final

import numpy as _np

from knoll.absent import absent as _absent
from knoll.calls import advise as _advise
from knoll.graph.spec import DType as _DType
from knoll.tensor import dtypes as _dtypes
from knoll.tensor.autograd.modes import *
from knoll.tensor.conversion import *
from knoll.tensor.creation import sequences as _sequences
from knoll.tensor.creation.filled import *
from knoll.tensor.creation.from_data import *
from knoll.tensor.creation.sequences import *
from knoll.tensor.creation.special_matrices import *
from knoll.tensor.creation.window_functions import *
from knoll.tensor.device import *
from knoll.tensor.dtypes import *
from knoll.tensor.elementwise import arithmetic as _arithmetic
from knoll.tensor.elementwise import comparisons as _comparisons
from knoll.tensor.elementwise import rounding as _rounding
from knoll.tensor.elementwise.activation import *
from knoll.tensor.elementwise.arithmetic import *
from knoll.tensor.elementwise.choose import *
from knoll.tensor.elementwise.comparisons import *
from knoll.tensor.elementwise.exponential import *
from knoll.tensor.elementwise.logic import *
from knoll.tensor.elementwise.pointwise import *
from knoll.tensor.elementwise.predicates import *
from knoll.tensor.elementwise.rounding import *
from knoll.tensor.elementwise.trigonometric import *
from knoll.tensor.indexing.diagonals import *
from knoll.tensor.indexing.gather import *
from knoll.tensor.indexing.index_put import *
from knoll.tensor.indexing.index_update import *
from knoll.tensor.indexing.places import *
from knoll.tensor.indexing.put import *
from knoll.tensor.indexing.scatter import *
from knoll.tensor.indexing.scatter_reductions import *
from knoll.tensor.indexing.slices import *
from knoll.tensor.indexing.view_scatter import *
from knoll.tensor.linear_algebra import matrices as _matrices
from knoll.tensor.linear_algebra.contractions import *
from knoll.tensor.linear_algebra.distances import *
from knoll.tensor.linear_algebra.matrices import *
from knoll.tensor.linear_algebra.matrix_exp import *
from knoll.tensor.linear_algebra.norms import *
from knoll.tensor.linear_algebra.p_norm import *
from knoll.tensor.linear_algebra.products import *
from knoll.tensor.promotion import *
from knoll.tensor.random.generator import *
from knoll.tensor.random.rand import *
from knoll.tensor.random.sampling import *
from knoll.tensor.random.seed import *
from knoll.tensor.reduction import extremes as _extremes
from knoll.tensor.reduction import reduce as _reductions
from knoll.tensor.reduction.calculus import *
from knoll.tensor.reduction.correlation import *
from knoll.tensor.reduction.counting import *
from knoll.tensor.reduction.equality import *
from knoll.tensor.reduction.extremes import *
from knoll.tensor.reduction.histogram import *
from knoll.tensor.reduction.logsumexp import *
from knoll.tensor.reduction.order_statistics import *
from knoll.tensor.reduction.reduce import *
from knoll.tensor.reduction.scan import *
from knoll.tensor.reduction.sorting import *
from knoll.tensor.shapes import shaping as _shaping
from knoll.tensor.shapes.broadcasting import *
from knoll.tensor.shapes.joining import *
from knoll.tensor.shapes.rearrange import *
from knoll.tensor.shapes.repetition import *
from knoll.tensor.shapes.shaping import *
from knoll.tensor.shapes.splitting import *
from knoll.tensor.storage.copying import *
from knoll.tensor.storage.layout import *
from knoll.tensor.tensor import *
from knoll.version import __version__ as __version__

# PyTorch's names for functions that have another one where they stand, and second names

div: Final = divide
true_divide: Final = divide
eq: Final = _comparisons.equal
gt: Final = greater
ge: Final = greater_equal
lt: Final = less
le: Final = less_equal
mul: Final = multiply
ne: Final = not_equal
pow: Final = _arithmetic.power
sub: Final = subtract
clip: Final = clamp
asarray: Final = as_tensor
range: Final = _sequences.range_
concat: Final = cat
concatenate: Final = cat
row_stack: Final = vstack
inverse: Final = _matrices.inv
pinverse: Final = _matrices.pinv
abs: Final = absolute
neg: Final = negative
ger: Final = outer
moveaxis: Final = movedim
all: Final = _reductions.all_
any: Final = _reductions.any_
max: Final = _extremes.max_
min: Final = _extremes.min_
sum: Final = _reductions.sum_
round: Final = _rounding.round_even
fix: Final = trunc
t: Final = _shaping.matrix_transposed
swapaxes: Final = transpose
swapdims: Final = transpose
arccos: Final = acos
arccosh: Final = acosh
arcsin: Final = asin
arcsinh: Final = asinh
arctan: Final = atan
arctan2: Final = atan2
arctanh: Final = atanh

# Types of elements

half: _DType = float16
float: _DType = float32
double: _DType = float64
short: _DType = int16
int: _DType = int32
long: _DType = int64
bool: _DType = _dtypes.bool_
dtype = _np.dtype  # what element types are: isinstance(knoll.float32, knoll.dtype)
newaxis = None

# Names that need more than tensors, by the module that they stand in: loaded when they are first named. Those that only
# programs for PyTorch name are not listed.
_PACKAGES = frozenset(
    {
        "analysis", "animate", "autograd", "check", "cuda", "data", "distributions", "document", "draw", "explain",
        "func", "interop", "linalg", "nn", "optim", "random", "testing", "train", "utils", "views", "vision",
    }
)  # fmt: skip
_UNLISTED_PACKAGES = frozenset(
    {
        "accelerator", "amp", "backends", "distributed", "functional", "fx", "hub", "jit", "multiprocessing",
        "onnx", "return_types", "serialization", "special", "version",
    }
)  # fmt: skip
_NAMES = {
    **dict.fromkeys(("get_rng_state", "seed", "set_rng_state"), "tensor.random.seed"),
    "compile": "nn.compile",
    "get_num_threads": "run.threads",
    "load": "interop.saving",
    "save": "interop.saving",
    "set_language": "language",
    "set_num_threads": "run.threads",
    "show": "views.features",
    "vmap": "func",
}
_UNLISTED_NAMES = {
    **dict.fromkeys(("bfloat16", "finfo", "iinfo"), "tensor.dtypes"),
    **dict.fromkeys(
        (
            "adaptive_avg_pool1d", "adaptive_max_pool1d", "alpha_dropout", "avg_pool1d", "bilinear", "celu", "celu_",
            "channel_shuffle", "conv1d", "conv2d", "conv_transpose1d", "conv_transpose2d", "dropout",
            "feature_alpha_dropout", "group_norm", "layer_norm", "max_pool1d", "max_pool2d", "pixel_shuffle",
            "pixel_unshuffle", "prelu", "relu_", "rms_norm", "rrelu", "rrelu_", "selu", "selu_", "threshold",
            "threshold_",
        ),
        "nn.functional",
    ),
    **dict.fromkeys(
        (
            "abs_", "acos_", "acosh_", "addmv_", "arccos_", "arccosh_", "arcsin_", "arcsinh_", "arctan_", "arctanh_",
            "asin_", "asinh_", "atan_", "atanh_", "ceil_", "clamp_", "clamp_max_", "clamp_min_", "clip_", "cos_",
            "cosh_", "deg2rad_", "detach_", "erf_", "erfc_", "exp2_", "exp_", "expm1_", "fill_", "fix_", "floor_",
            "frac_", "index_put_", "ldexp_", "log10_", "log1p_", "log2_", "log_", "logit_", "nan_to_num_", "neg_",
            "negative_", "rad2deg_", "reciprocal_", "resize_as_", "round_", "rsqrt_", "sigmoid_", "sin_", "sinc_",
            "sinh_", "sqrt_", "square_", "tan_", "tanh_", "trunc_", "xlogy_", "zero_",
        ),
        "tensor.functions_in_place",
    ),
    **dict.fromkeys(
        (
            "BoolTensor", "ByteTensor", "CharTensor", "DoubleTensor", "FloatTensor", "HalfTensor", "IntTensor",
            "LongTensor", "ShortTensor",
        ),
        "tensor.creation.typed",
    ),
    **dict.fromkeys(
        ("channels_last", "channels_last_3d", "contiguous_format", "memory_format", "preserve_format"),
        "tensor.storage.memory_format",
    ),
    **dict.fromkeys(("cosine_similarity", "pairwise_distance", "pdist"), "tensor.linear_algebra.distances"),
    **dict.fromkeys(("is_anomaly_check_nan_enabled", "is_anomaly_enabled"), "tensor.autograd.anomaly"),
    **dict.fromkeys(
        (
            "are_deterministic_algorithms_enabled", "get_default_device", "get_default_dtype",
            "get_deterministic_debug_mode",
            "get_float32_matmul_precision", "get_num_interop_threads", "is_autocast_enabled",
            "is_deterministic_algorithms_warn_only_enabled",
            "is_warn_always_enabled", "set_default_device", "set_default_dtype", "set_default_tensor_type",
            "set_deterministic_debug_mode",
            "set_float32_matmul_precision", "set_flush_denormal", "set_num_interop_threads", "set_warn_always",
            "use_deterministic_algorithms",
        ),
        "settings",
    ),
    "_assert": "fx",
    "set_printoptions": "tensor.print_options",
    **dict.fromkeys(("Size", "is_complex", "is_floating_point", "numel"), "tensor.storage.layout"),
    "autocast": "amp",
}  # fmt: skip

if TYPE_CHECKING:
    # fmt: off
    # isort: off
    from knoll import (
        accelerator as accelerator, amp as amp, analysis as analysis, animate as animate, autograd as autograd,
        backends as backends, check as check, cuda as cuda, data as data, distributed as distributed,
        distributions as distributions, document as document, draw as draw, explain as explain, func as func,
        functional as functional, fx as fx, hub as hub, interop as interop, jit as jit, linalg as linalg,
        multiprocessing as multiprocessing, nn as nn, onnx as onnx, optim as optim, random as random,
        return_types as return_types, serialization as serialization, special as special, testing as testing,
        train as train, utils as utils, version as version, views as views, vision as vision,
    )
    from knoll.amp import autocast as autocast
    from knoll.func import vmap as vmap
    from knoll.interop.saving import load as load, save as save
    from knoll.language import set_language as set_language
    from knoll.nn.compile import compile as compile
    from knoll.nn.functional import (
        adaptive_avg_pool1d as adaptive_avg_pool1d, adaptive_max_pool1d as adaptive_max_pool1d,
        alpha_dropout as alpha_dropout, avg_pool1d as avg_pool1d, bilinear as bilinear, celu as celu, celu_ as celu_,
        channel_shuffle as channel_shuffle, conv2d as conv2d, conv_transpose1d as conv_transpose1d,
        conv_transpose2d as conv_transpose2d, feature_alpha_dropout as feature_alpha_dropout, max_pool1d as max_pool1d,
        max_pool2d as max_pool2d, pixel_shuffle as pixel_shuffle, pixel_unshuffle as pixel_unshuffle, relu_ as relu_,
        rms_norm as rms_norm, rrelu as rrelu, rrelu_ as rrelu_, selu as selu, selu_ as selu_, threshold as threshold,
        threshold_ as threshold_,
    )
    from knoll.nn.functional.conv1d import conv1d as conv1d
    from knoll.nn.functional.dropout import dropout as dropout
    from knoll.nn.functional.group_norm import group_norm as group_norm
    from knoll.nn.functional.layer_norm import layer_norm as layer_norm
    from knoll.nn.functional.prelu import prelu as prelu
    from knoll.run.threads import get_num_threads as get_num_threads, set_num_threads as set_num_threads
    from knoll.settings import (
        are_deterministic_algorithms_enabled as are_deterministic_algorithms_enabled,
        get_default_device as get_default_device, get_default_dtype as get_default_dtype,
        get_deterministic_debug_mode as get_deterministic_debug_mode,
        get_float32_matmul_precision as get_float32_matmul_precision,
        get_num_interop_threads as get_num_interop_threads,
        is_autocast_enabled as is_autocast_enabled,
        is_deterministic_algorithms_warn_only_enabled as is_deterministic_algorithms_warn_only_enabled,
        is_warn_always_enabled as is_warn_always_enabled, set_default_device as set_default_device,
        set_default_dtype as set_default_dtype, set_default_tensor_type as set_default_tensor_type,
        set_deterministic_debug_mode as set_deterministic_debug_mode,
        set_float32_matmul_precision as set_float32_matmul_precision, set_flush_denormal as set_flush_denormal,
        set_num_interop_threads as set_num_interop_threads, set_warn_always as set_warn_always,
        use_deterministic_algorithms as use_deterministic_algorithms,
    )
    from knoll.tensor.autograd.anomaly import (
        is_anomaly_check_nan_enabled as is_anomaly_check_nan_enabled, is_anomaly_enabled as is_anomaly_enabled,
    )
    from knoll.tensor.dtypes import bfloat16 as bfloat16, finfo as finfo, iinfo as iinfo
    from knoll.tensor.linear_algebra.distances import (
        cosine_similarity as cosine_similarity, pairwise_distance as pairwise_distance, pdist as pdist,
    )
    from knoll.tensor.functions_in_place import *
    from knoll.tensor.storage.layout import (
        Size as Size, is_complex as is_complex, is_floating_point as is_floating_point, numel as numel,
    )
    from knoll.tensor.storage.memory_format import (
        channels_last as channels_last, channels_last_3d as channels_last_3d, contiguous_format as contiguous_format,
        memory_format as memory_format, preserve_format as preserve_format,
    )
    from knoll.tensor.print_options import set_printoptions as set_printoptions
    from knoll.tensor.random.seed import get_rng_state as get_rng_state, seed as seed, set_rng_state as set_rng_state
    from knoll.tensor.creation.typed import (
        BoolTensor as BoolTensor, ByteTensor as ByteTensor, CharTensor as CharTensor, DoubleTensor as DoubleTensor,
        FloatTensor as FloatTensor, HalfTensor as HalfTensor, IntTensor as IntTensor, LongTensor as LongTensor,
        ShortTensor as ShortTensor,
    )
    from knoll.views.features import show as show
    # isort: on
    # fmt: on
else:
    __all__ = sorted(
        {
            *_PACKAGES,
            *_NAMES,
            *(
                name
                for name, thing in globals().items()
                if not name.startswith("_")
                and (isinstance(thing, _np.dtype) or getattr(thing, "__module__", "").startswith("knoll."))
            ),
        }
    )

    _advise(__name__)

    def __getattr__(name: str) -> object:
        """`knoll.nn`, `knoll.compile` and the like, loaded when they are first named."""
        if name in _PACKAGES or name in _UNLISTED_PACKAGES:
            return _import_module(f"knoll.{name}")
        module = _NAMES.get(name) or _UNLISTED_NAMES.get(name)
        if module is not None:
            return getattr(_import_module(f"knoll.{module}"), name)
        functions = () if name.startswith("_") else _import_module("knoll.nn.functional").__all__
        raise _absent("knoll", name, __all__, f"knoll.nn.functional.{name}" if name in functions else "")

    def __dir__() -> list[str]:
        """The public names, loaded or not."""
        return sorted({*__all__, *(name for name in globals() if name.startswith("__"))})
