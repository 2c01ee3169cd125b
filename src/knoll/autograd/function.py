"""Functions with a gradient of their own, where PyTorch keeps them: `torch.autograd.function`.

Source: https://pytorch.org/docs/stable/notes/extending.html#extending-torch-autograd
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, ParamSpec

from knoll.calls import advise
from knoll.errors import StateError
from knoll.tensor import Tensor, is_grad_enabled, no_grad
from knoll.tensor.autograd.function import Function, FunctionCtx

__all__ = ["Function", "FunctionCtx", "once_differentiable"]

P = ParamSpec("P")


class _NotTwice(Function):
    """The gradients themselves, which have none."""

    @staticmethod
    def forward(ctx: FunctionCtx, *gradients: Tensor | None) -> tuple[Tensor | None, ...]:  # noqa: ARG004 (keeps nothing)
        """The gradients as they are."""
        return gradients

    @staticmethod
    def backward(ctx: FunctionCtx, *grad_outputs: Tensor) -> Any:  # noqa: ARG004 (whatever arrives)
        """Refuse. Raises StateError."""
        raise StateError("trying to differentiate twice a function that was marked with @once_differentiable")


def once_differentiable(fn: Callable[P, Any]) -> Callable[P, Any]:
    """A `backward` that is not recorded: a decorator for one that computes by other means than tensors.

    What asks for the gradient of its gradients raises StateError.

    >>> import knoll
    >>> from knoll.autograd.function import Function, once_differentiable
    >>> class Cube(Function):
    ...     @staticmethod
    ...     def forward(ctx, x):
    ...         ctx.save_for_backward(x)
    ...         return x**3
    ...
    ...     @staticmethod
    ...     @once_differentiable
    ...     def backward(ctx, dy):
    ...         (x,) = ctx.saved_tensors
    ...         return knoll.from_numpy(3 * dy.numpy() * x.detach().numpy() ** 2)
    >>> x = knoll.tensor([2.0], requires_grad=True)
    >>> Cube.apply(x).backward()
    >>> x.grad
    tensor([12.])
    """

    @wraps(fn)
    def unrecorded(*args: P.args, **kwargs: P.kwargs) -> Any:
        with no_grad():
            gradients = fn(*args, **kwargs)
        if not is_grad_enabled() or not any(isinstance(each, Tensor) and each.requires_grad for each in args):
            return gradients
        several = gradients if isinstance(gradients, tuple) else (gradients,)
        return _NotTwice.apply(*(None if each is None else each.detach().requires_grad_() for each in several))

    return unrecorded


advise(__name__)
