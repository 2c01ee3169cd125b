"""Tensor: an array with a gradient, and the recordings it is made of."""

from knoll.tensor.autograd.modes import enable_grad, inference_mode, is_grad_enabled, no_grad, set_grad_enabled
from knoll.tensor.creation.filled import empty, empty_like, full, full_like, ones, ones_like, zeros, zeros_like
from knoll.tensor.creation.from_data import as_tensor, from_dlpack, from_numpy, tensor
from knoll.tensor.creation.sequences import arange, linspace
from knoll.tensor.creation.special_matrices import eye
from knoll.tensor.random.rand import rand, rand_like, randint, randn, randn_like, randperm
from knoll.tensor.random.seed import manual_seed
from knoll.tensor.record import apply, grad_mode, recording
from knoll.tensor.tensor import Tensor

__all__ = [
    "Tensor",
    "apply",
    "arange",
    "as_tensor",
    "empty",
    "empty_like",
    "enable_grad",
    "eye",
    "from_dlpack",
    "from_numpy",
    "full",
    "full_like",
    "grad_mode",
    "inference_mode",
    "is_grad_enabled",
    "linspace",
    "manual_seed",
    "no_grad",
    "ones",
    "ones_like",
    "rand",
    "rand_like",
    "randint",
    "randn",
    "randn_like",
    "randperm",
    "recording",
    "set_grad_enabled",
    "tensor",
    "zeros",
    "zeros_like",
]
