"""Gradients asked for by name: `grad` returns them, `backward` adds them to the `grad` of leaves."""

from knoll.tensor import enable_grad, inference_mode, no_grad, set_grad_enabled
from knoll.tensor.differentiate import backward, grad

__all__ = ["backward", "enable_grad", "grad", "inference_mode", "no_grad", "set_grad_enabled"]
