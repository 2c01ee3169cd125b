"""Knoll: convolutional-network layers, compiled for your own shapes and your own processor.

>>> import knoll
>>> x = knoll.tensor([[1.0, -0.5], [-1.0, 3.0]])
>>> knoll.reshape(x, (-1, 1, 2, 2)).shape
(1, 1, 2, 2)
"""
# ruff: noqa: A001, A004 (abs, max, sum and their kin are PyTorch's names)

from importlib import import_module
from typing import TYPE_CHECKING

from knoll.graph.spec import DType
from knoll.tensor import (
    Tensor,
    arange,
    as_tensor,
    cuda,
    empty,
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
from knoll.tensor.arithmetic import (
    add,
    bitwise_and,
    bitwise_or,
    bitwise_xor,
    logical_and,
    logical_not,
    logical_or,
    logical_xor,
    matmul,
    maximum,
    minimum,
)
from knoll.tensor.arithmetic import divide as div
from knoll.tensor.arithmetic import multiply as mul
from knoll.tensor.arithmetic import power as pow
from knoll.tensor.arithmetic import subtract as sub
from knoll.tensor.compare import allclose, equal
from knoll.tensor.conversion import is_tensor
from knoll.tensor.device import device
from knoll.tensor.dtypes import bool_ as bool
from knoll.tensor.dtypes import float16, float32, float64, int8, int16, int32, int64, uint8
from knoll.tensor.pointwise import absolute as abs
from knoll.tensor.pointwise import (
    bitwise_not,
    ceil,
    clamp,
    cos,
    exp,
    floor,
    isfinite,
    isinf,
    isnan,
    log,
    log_softmax,
    relu,
    sigmoid,
    sign,
    sin,
    softmax,
    sqrt,
    square,
    tanh,
    where,
)
from knoll.tensor.pointwise import round_even as round
from knoll.tensor.reductions import all_ as all
from knoll.tensor.reductions import any_ as any
from knoll.tensor.reductions import argmax, argmin, argsort, gather, mean, norm, sort, std, topk, var
from knoll.tensor.reductions import max_ as max
from knoll.tensor.reductions import min_ as min
from knoll.tensor.reductions import sum_ as sum
from knoll.tensor.shaping import (
    cat,
    chunk,
    flatten,
    permute,
    reshape,
    split,
    squeeze,
    stack,
    transpose,
    unbind,
    unflatten,
    unsqueeze,
)

__version__ = "0.1.0"

float: DType = float32
double: DType = float64
half: DType = float16
long: DType = int64
int: DType = int32

# Names that need more than tensors, by the module that they stand in: loaded when they are first named.
_PACKAGES = frozenset({"autograd", "check", "data", "interop", "nn", "optim", "train", "vision"})
_LAZY = {
    "compile": "nn.compile",
    "get_num_threads": "run.threads",
    "load": "interop.saving",
    "save": "interop.saving",
    "set_language": "language",
    "set_num_threads": "run.threads",
    "show": "views.features",
}

if TYPE_CHECKING:
    from knoll import autograd, check, data, interop, nn, optim, train, vision
    from knoll.interop.saving import load, save
    from knoll.language import set_language
    from knoll.nn.compile import compile
    from knoll.run.threads import get_num_threads, set_num_threads
    from knoll.views.features import show
else:

    def __getattr__(name: str) -> object:
        """`knoll.nn`, `knoll.compile` and the like, loaded when they are first named."""
        if name in _PACKAGES:
            return import_module(f"knoll.{name}")
        if name in _LAZY:
            return getattr(import_module(f"knoll.{_LAZY[name]}"), name)
        raise AttributeError(f"module 'knoll' has no attribute {name!r}")


def __dir__() -> list[str]:
    """The public names, loaded or not."""
    return sorted({*__all__, *(name for name in globals() if name.startswith("__"))})


__all__ = [
    "Tensor",
    "abs",
    "add",
    "all",
    "allclose",
    "any",
    "arange",
    "argmax",
    "argmin",
    "argsort",
    "as_tensor",
    "autograd",
    "bitwise_and",
    "bitwise_not",
    "bitwise_or",
    "bitwise_xor",
    "bool",
    "cat",
    "ceil",
    "check",
    "chunk",
    "clamp",
    "compile",
    "cos",
    "cuda",
    "data",
    "device",
    "div",
    "double",
    "empty",
    "enable_grad",
    "equal",
    "exp",
    "eye",
    "flatten",
    "float",
    "float16",
    "float32",
    "float64",
    "floor",
    "from_dlpack",
    "from_numpy",
    "full",
    "full_like",
    "gather",
    "get_num_threads",
    "half",
    "inference_mode",
    "int",
    "int8",
    "int16",
    "int32",
    "int64",
    "interop",
    "is_grad_enabled",
    "is_tensor",
    "isfinite",
    "isinf",
    "isnan",
    "linspace",
    "load",
    "log",
    "log_softmax",
    "logical_and",
    "logical_not",
    "logical_or",
    "logical_xor",
    "long",
    "manual_seed",
    "matmul",
    "max",
    "maximum",
    "mean",
    "min",
    "minimum",
    "mul",
    "nn",
    "no_grad",
    "norm",
    "ones",
    "ones_like",
    "optim",
    "permute",
    "pow",
    "rand",
    "rand_like",
    "randint",
    "randn",
    "randn_like",
    "randperm",
    "relu",
    "reshape",
    "round",
    "save",
    "set_grad_enabled",
    "set_language",
    "set_num_threads",
    "show",
    "sigmoid",
    "sign",
    "sin",
    "softmax",
    "sort",
    "split",
    "sqrt",
    "square",
    "squeeze",
    "stack",
    "std",
    "sub",
    "sum",
    "tanh",
    "tensor",
    "topk",
    "train",
    "transpose",
    "uint8",
    "unbind",
    "unflatten",
    "unsqueeze",
    "var",
    "vision",
    "where",
    "zeros",
    "zeros_like",
]  # fmt: skip
