"""Tensor: an array with a gradient, and the recordings it is made of."""

from knoll.tensor.record import apply, grad_mode, recording
from knoll.tensor.tensor import Tensor

__all__ = ["Tensor", "apply", "grad_mode", "recording"]
