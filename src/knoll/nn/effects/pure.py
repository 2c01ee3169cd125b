"""Functions and methods that are free of effects: they give new tensors, warn of nothing and read no numbers.

Those that draw random numbers under some arguments may stand here: what was drawn is an input of the recording that
follows from no module, so that the call is not memoised.
"""

from __future__ import annotations

import builtins
import math
from types import FunctionType
from typing import Any

# Of a tensor: what follows from its shape and element type.
_SIZES = "size dim ndimension numel nelement is_floating_point element_size"
_FACTS = "shape ndim dtype device is_cuda"

# Methods of a tensor, and functions of the same names, that give a new tensor.
_NEW = """
abs absolute acos acosh add addbmm addcdiv addcmul addmm addmv addr all amax amin any arccos arcsin arctan argmax
argmin asin asinh atan atan2 atanh baddbmm bmm ceil clamp clip clone copysign cos cosh cumprod cumsum div divide dot eq
erf erfc erfinv exp exp2 expm1 flip fliplr flipud floor floor_divide fmod frac ge greater greater_equal gt heaviside
hypot inner le lerp less less_equal log log10 log1p log2 log_softmax logaddexp logical_and logical_not logical_or
logical_xor logit logsumexp lt masked_fill matmul max maximum mean min minimum mm mul multiply mv ne neg negative norm
outer pow prod reciprocal relu remainder repeat roll round rsqrt sgn sigmoid sign sin sinh softmax sqrt square sub
subtract sum tan tanh topk tril triu true_divide trunc where xlogy
"""
# Those that may give the tensor itself, or another view of its numbers.
_VIEWS = """
T broadcast_to chunk contiguous detach diagonal dropout expand expand_as flatten float mT movedim moveaxis narrow
permute ravel reshape reshape_as select split squeeze swapaxes swapdims t tensor_split to transpose type_as unbind
unflatten unfold unsqueeze view view_as
"""
# Functions alone.
_FUNCTIONS = """
adaptive_avg_pool1d adaptive_avg_pool2d adaptive_max_pool1d adaptive_max_pool2d avg_pool1d avg_pool2d batch_norm cat
celu channel_shuffle concat concatenate conv1d conv2d conv_transpose1d conv_transpose2d cosine_similarity dstack einsum
elu gelu glu group_norm hardshrink hardsigmoid hardswish hardtanh hstack instance_norm interpolate layer_norm leaky_relu
linear local_response_norm logsigmoid max_pool1d max_pool2d max_unpool2d mish normalize pad pixel_shuffle
pixel_unshuffle prelu relu6 rms_norm scaled_dot_product_attention selu silu softplus softshrink softsign stack
tanhshrink tensordot threshold vstack
"""
SIZES, FACTS = frozenset(_SIZES.split()), frozenset(_FACTS.split())
NEW, VIEWS, FUNCTIONS = (frozenset(names.split()) for names in (_NEW, _VIEWS, _FUNCTIONS))
NEEDS_DIM = frozenset({"softmax", "log_softmax"})  # they warn unless `dim` is given
IN_PLACE = frozenset({"add_", "sub_", "mul_", "div_", "clamp_", "relu_"})  # of a tensor that the call has made
OF_NUMBERS = frozenset({abs, bool, divmod, float, int, max, min, round, sum})  # builtins, applied to no tensor
OF_SEQUENCES = frozenset({enumerate, len, list, range, reversed, tuple, zip})
BUILTINS = vars(builtins)


def is_pure(function: Any) -> bool:
    """Whether a function of Knoll is free of effects."""
    if not is_of_knoll(function) or not function.__module__.startswith(("knoll.tensor.", "knoll.nn.functional.")):
        return False
    return function.__name__ in NEW or function.__name__ in VIEWS or function.__name__ in FUNCTIONS


def is_of_knoll(function: Any) -> bool:
    """Whether a function was written in Knoll: one that wraps it may say that it has the module of the other."""
    return isinstance(function, FunctionType) and str(function.__globals__.get("__name__")).startswith("knoll.")


def is_of_numbers(function: Any) -> bool:
    """Whether a function takes numbers and gives numbers: one of Python's own, or of `math`."""
    try:
        return function in OF_NUMBERS or any(function is each for each in vars(math).values())
    except TypeError:  # it has no hash
        return False
