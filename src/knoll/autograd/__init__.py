"""Gradients asked for by name: `grad` returns them, `backward` adds them to the `grad` of leaves."""

from knoll.autograd import function, functional
from knoll.autograd.gradcheck import gradcheck, gradgradcheck
from knoll.calls import advise
from knoll.tensor import Tensor, enable_grad, inference_mode, no_grad, set_grad_enabled
from knoll.tensor.arguments import tensor, truthy
from knoll.tensor.autograd.anomaly import detect_anomaly, set_detect_anomaly
from knoll.tensor.autograd.differentiate import backward, grad
from knoll.tensor.autograd.function import Function


def Variable(data: Tensor, requires_grad: bool = False, volatile: bool = False) -> Tensor:  # noqa: N802, ARG001 (PyTorch's)
    """The tensor itself, as since PyTorch 0.4; a detached alias of it where a gradient is asked for anew.

    >>> import knoll
    >>> knoll.autograd.Variable(knoll.zeros(2), requires_grad=True)
    tensor([0., 0.], requires_grad=True)
    """
    given: Tensor = tensor(data, "Variable", "data")
    return given.detach().requires_grad_() if truthy(requires_grad, "Variable", "requires_grad") else given


__all__ = [
    "Function",
    "Variable",
    "backward",
    "detect_anomaly",
    "enable_grad",
    "function",
    "functional",
    "grad",
    "gradcheck",
    "gradgradcheck",
    "inference_mode",
    "no_grad",
    "set_detect_anomaly",
    "set_grad_enabled",
]

advise(__name__)
