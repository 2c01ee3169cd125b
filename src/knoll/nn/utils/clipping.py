"""Gradients that are kept from growing too large."""

from __future__ import annotations

import math
from collections.abc import Generator, Iterable

import numpy as np

from knoll.errors import StateError, warn
from knoll.tensor import Tensor, tensor
from knoll.tensor.arguments import Flag, items, public, real
from knoll.tensor.arguments import tensor as checked_tensor
from knoll.tensor.storage.mutation import writing

Tensors = Tensor | Iterable[Tensor]


@public("clip_grad_norm_")
def clip_grad_norm_(
    parameters: Tensors,
    max_norm: float,
    norm_type: float | str = 2.0,
    error_if_nonfinite: Flag = False,
    foreach: bool | None = None,  # noqa: ARG001 (how PyTorch computes, not what)
) -> Tensor:
    """Make all gradients together no longer than `max_norm`, as if they were one vector; gives the length they had.

    `norm_type` is the power in the norm; inf takes the largest. Raises StateError.
    Source: https://pytorch.org/docs/stable/generated/torch.nn.utils.clip_grad_norm_.html

    >>> from knoll.nn.utils import clip_grad_norm_
    >>> import knoll
    >>> x = knoll.nn.Parameter([3.0, 4.0])
    >>> (x * x).sum().backward()
    >>> clip_grad_norm_([x], max_norm=5.0)
    tensor(10.)
    >>> x.grad
    tensor([3.0000, 4.0000])
    """
    listed = _listed(parameters)
    if isinstance(parameters, Generator) and not listed:
        warn("`parameters` is an empty generator, no gradient clipping will occur.")
    total = get_total_norm(_gradients(listed), norm_type, error_if_nonfinite)
    clip_grads_with_norm_(listed, max_norm, total.item())
    return total


@public("get_total_norm")
def get_total_norm(
    tensors: Tensors,
    norm_type: float | str = 2.0,
    error_if_nonfinite: Flag = False,
    foreach: bool | None = None,  # noqa: ARG001 (how PyTorch computes, not what)
) -> Tensor:
    """The length of all tensors together, as if they were one vector. Raises StateError.

    Source: https://pytorch.org/docs/stable/generated/torch.nn.utils.get_total_norm.html

    >>> import knoll
    >>> from knoll import nn
    >>> nn.utils.get_total_norm([knoll.tensor([3.0]), knoll.tensor([[4.0]])])
    tensor(5.)
    """
    listed = _listed(tensors)
    power = math.inf if norm_type == "inf" else real(norm_type, "get_total_norm", "norm_type")
    if not listed:
        return tensor(0.0)
    norms = [np.linalg.norm(one._realize().ravel(), power) for one in listed]
    total = np.linalg.norm(np.array(norms, np.result_type(*norms)), power)
    if error_if_nonfinite and not math.isfinite(total):
        raise StateError(
            f"The total norm of order {power} for gradients from `parameters` is non-finite, so it cannot be clipped. "
            "To disable this error and scale the gradients by the non-finite norm anyway, set "
            "`error_if_nonfinite=False`"
        )
    return Tensor._over(np.asarray(total))


@public("clip_grads_with_norm_")
def clip_grads_with_norm_(
    parameters: Tensors,
    max_norm: float,
    total_norm: float,
    foreach: bool | None = None,  # noqa: ARG001 (how PyTorch computes, not what)
) -> None:
    """Scale all gradients by `max_norm` / `total_norm`, unless that would make them longer.

    Source: https://pytorch.org/docs/stable/generated/torch.nn.utils.clip_grads_with_norm_.html

    >>> import knoll
    >>> from knoll import nn
    >>> w = nn.Parameter(knoll.zeros(2))
    >>> w.grad = knoll.tensor([3.0, 4.0])
    >>> nn.utils.clip_grads_with_norm_(w, max_norm=1.0, total_norm=5.0)
    >>> w.grad
    tensor([0.6000, 0.8000])
    """
    factor = np.minimum(max_norm / (total_norm + 1e-6), 1.0)
    for gradient in _gradients(_listed(parameters)):
        with writing(gradient) as numbers, np.errstate(invalid="ignore"):
            numbers *= numbers.dtype.type(factor)


@public("clip_grad_value_")
def clip_grad_value_(parameters: Tensors, clip_value: float, foreach: bool | None = None) -> None:  # noqa: ARG001 (PyTorch's)
    """Bring every single element of the gradients between −`clip_value` and `clip_value`.

    Source: https://pytorch.org/docs/stable/generated/torch.nn.utils.clip_grad_value_.html

    >>> from knoll.nn.utils import clip_grad_value_
    >>> import knoll
    >>> x = knoll.nn.Parameter([3.0, -0.25])
    >>> (x * x).sum().backward()
    >>> clip_grad_value_(x, 1.0)
    >>> x.grad
    tensor([ 1.0000, -0.5000])
    """
    limit = clip_value
    for gradient in _gradients(_listed(parameters)):
        with writing(gradient) as numbers:
            np.clip(numbers, -limit, limit, out=numbers)


def _listed(tensors: Tensors) -> list[Tensor]:
    listed = [tensors] if isinstance(tensors, Tensor) else items(tensors, "clip_grad_norm_", "parameters")
    return [checked_tensor(one, "clip_grad_norm_", "parameters") for one in listed]


def _gradients(parameters: list[Tensor]) -> list[Tensor]:
    return [parameter.grad for parameter in parameters if parameter.grad is not None]
