"""Batch normalisation with stored statistics, made part of the layer before it.

Knoll does so by itself where no gradient is wanted; this makes it one layer for good.
Source: https://pytorch.org/docs/stable/generated/torch.nn.utils.fuse_conv_bn_eval.html
"""

from __future__ import annotations

import copy
from functools import partial
from typing import Any, TypeVar

from knoll.errors import StateError
from knoll.messages import say
from knoll.nn.module import Module
from knoll.nn.parameter import Parameter
from knoll.nn.utils.checks import module
from knoll.tensor import Tensor, ones_like, zeros_like
from knoll.tensor.arguments import public

__all__ = ["fuse_conv_bn_eval", "fuse_conv_bn_weights", "fuse_linear_bn_eval", "fuse_linear_bn_weights"]

Layer = TypeVar("Layer", bound=Module)
Maybe = Tensor | None


def fuse_conv_bn_eval(conv: Layer, bn: Module, transpose: bool = False) -> Layer:
    """A convolution that gives what this one and the batch norm after it give. Raises StateError in training.

    >>> from knoll import nn
    >>> nn.utils.fuse_conv_bn_eval(nn.Conv2d(1, 2, 3, bias=False).eval(), nn.BatchNorm2d(2).eval())
    Conv2d(1, 2, kernel_size=(3, 3), stride=(1, 1))
    """
    return _fused(conv, bn, partial(fuse_conv_bn_weights, transpose=transpose))


@public("fuse_conv_bn_weights")
def fuse_conv_bn_weights(
    conv_w: Tensor,
    conv_b: Maybe,
    bn_rm: Tensor,
    bn_rv: Tensor,
    bn_eps: float,
    bn_w: Maybe,
    bn_b: Maybe,
    transpose: bool = False,
) -> tuple[Parameter, Parameter]:
    """Weight and bias of a convolution that gives what one with these, and a batch norm after it, give.

    Source: https://pytorch.org/docs/stable/generated/torch.nn.utils.fuse_conv_bn_weights.html

    >>> import knoll
    >>> from knoll import nn
    >>> w, one, zero = knoll.ones(1, 1, 3, 3), knoll.ones(1), knoll.zeros(1)
    >>> weight, bias = nn.utils.fuse_conv_bn_weights(w, None, 2 * one, one, 0.0, 3 * one, zero)
    >>> weight[0, 0, 0], bias
    (tensor([3., 3., 3.]), Parameter containing:
    tensor([-6.], requires_grad=True))
    """
    shape = [1] * conv_w.ndim
    shape[1 if transpose else 0] = -1
    return _weights(conv_w, conv_b, bn_rm, bn_rv, bn_eps, bn_w, bn_b, shape)


def fuse_linear_bn_eval(linear: Layer, bn: Module) -> Layer:
    """A linear layer that gives what this one and the batch norm after it give. Raises StateError.

    Source: https://pytorch.org/docs/stable/generated/torch.nn.utils.fuse_linear_bn_eval.html

    >>> import knoll
    >>> from knoll import nn
    >>> linear, bn, x = nn.Linear(4, 3).eval(), nn.BatchNorm1d(3).eval(), knoll.rand(2, 4)
    >>> fused = nn.utils.fuse_linear_bn_eval(linear, bn)
    >>> bool((fused(x) - bn(linear(x))).abs().max() < 1e-5)
    True
    """
    features, normalised = getattr(linear, "out_features", None), getattr(bn, "num_features", None)
    if features != normalised and normalised != 1:
        raise StateError(
            "To fuse, linear.out_features == bn.num_features or bn.num_features == 1", got=f"{features}, {normalised}"
        )
    return _fused(linear, bn, fuse_linear_bn_weights)


@public("fuse_linear_bn_weights")
def fuse_linear_bn_weights(
    linear_w: Tensor, linear_b: Maybe, bn_rm: Tensor, bn_rv: Tensor, bn_eps: float, bn_w: Maybe, bn_b: Maybe
) -> tuple[Parameter, Parameter]:
    """Weight and bias of a linear layer that gives what one with these, and a batch norm after it, give.

    Source: https://pytorch.org/docs/stable/generated/torch.nn.utils.fuse_linear_bn_weights.html

    >>> import knoll
    >>> from knoll import nn
    >>> w, one, zero = knoll.ones(1, 2), knoll.ones(1), knoll.zeros(1)
    >>> weight, bias = nn.utils.fuse_linear_bn_weights(w, None, 2 * one, one, 0.0, 3 * one, zero)
    >>> weight, bias
    (Parameter containing:
    tensor([[3., 3.]]), Parameter containing:
    tensor([-6.], requires_grad=True))
    """
    return _weights(linear_w, linear_b, bn_rm, bn_rv, bn_eps, bn_w, bn_b, [-1, 1])


def _fused(layer: Layer, bn: Any, weights: Any) -> Layer:
    if module(layer).training or module(bn).training:
        raise StateError("Fusion only for eval!")
    if getattr(bn, "running_mean", None) is None or not isinstance(getattr(layer, "weight", None), Tensor):
        raise StateError(say("nn.not_fused", layer=type(layer).__name__, norm=type(bn).__name__))
    fused: Any = copy.deepcopy(layer)
    given = (bn.running_mean, bn.running_var, bn.eps, bn.weight, bn.bias)
    fused.weight, fused.bias = weights(fused.weight, fused.bias, *given)
    result: Layer = fused
    return result


def _weights(
    weight: Tensor,
    bias: Maybe,
    mean: Tensor,
    variance: Tensor,
    eps: float,
    scale: Maybe,
    shift: Maybe,
    shape: list[int],
) -> tuple[Parameter, Parameter]:
    """Weight and bias times the factor of the batch norm, with its shift."""
    factor = (ones_like(mean) if scale is None else scale) * (variance + eps).rsqrt()
    moved = ((zeros_like(mean) if bias is None else bias) - mean) * factor
    moved = moved if shift is None else moved + shift
    return (
        Parameter((weight * factor.reshape(*shape)).detach(), weight.requires_grad),
        Parameter(moved.detach(), True if bias is None else bias.requires_grad),
    )
