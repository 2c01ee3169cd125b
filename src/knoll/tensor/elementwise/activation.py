"""Activations that PyTorch has as functions of tensors, too: ReLU, sigmoid, hard shrinkage, softmax."""

from __future__ import annotations

from numpy.typing import DTypeLike

from knoll.graph import Op
from knoll.ops.activation import relu_sigmoid_tanh
from knoll.ops.activation import softmax as shares
from knoll.ops.activation.piecewise import hardshrink as hardshrink_op
from knoll.ops.reduction.reduce import normalised
from knoll.tensor.arguments import public
from knoll.tensor.base import T
from knoll.tensor.dtypes import dtype_of
from knoll.tensor.elementwise.arithmetic import cast
from knoll.tensor.elementwise.pointwise import in_floats
from knoll.tensor.record import apply

__all__ = ["hardshrink", "log_softmax", "relu", "sigmoid", "softmax"]


@public("relu")
def relu(x: T) -> T:
    """max(0, x); NaN stays.

    Source: https://pytorch.org/docs/stable/generated/torch.relu.html

    >>> import knoll
    >>> knoll.relu(knoll.tensor([-1.0, 2.0]))
    tensor([0., 2.])
    """
    return apply(relu_sigmoid_tanh.relu, x)[0]


@public("sigmoid")
def sigmoid(x: T, *, out: T | None = None) -> T:
    """1 / (1 + exp(−x)); integers give float32.

    Source: https://pytorch.org/docs/stable/generated/torch.sigmoid.html

    >>> import knoll
    >>> knoll.sigmoid(knoll.tensor([0.0, 2.0]))
    tensor([0.5000, 0.8808])
    """
    return in_floats(relu_sigmoid_tanh.sigmoid, x)


@public("hardshrink")
def hardshrink(x: T, lambd: float = 0.5) -> T:
    """Hard shrinkage: 0 where |x| is at most `lambd`, else x; NaN stays.

    >>> import knoll
    >>> knoll.hardshrink(knoll.tensor([-1.0, 0.5, 2.0]))
    tensor([-1.,  0.,  2.])
    """
    return apply(hardshrink_op, x, lambd=lambd)[0]


@public("softmax")
def softmax(x: T, dim: int, dtype: DTypeLike | None = None, *, out: T | None = None) -> T:
    """exp(x) as a share of its sum along `dim`, computed in `dtype` if that is given.

    Source: https://pytorch.org/docs/stable/generated/torch.nn.functional.softmax.html

    >>> import knoll
    >>> knoll.softmax(knoll.tensor([1000.0, 1000.0]), 0)
    tensor([0.5000, 0.5000])
    """
    return _along_axis(shares.softmax, x, dim, dtype)


@public("log_softmax")
def log_softmax(x: T, dim: int, dtype: DTypeLike | None = None, *, out: T | None = None) -> T:
    """The logarithm of `softmax`, without overflow.

    Source: https://pytorch.org/docs/stable/generated/torch.log_softmax.html

    >>> import knoll
    >>> knoll.log_softmax(knoll.tensor([0.0, 1000.0]), dim=0)
    tensor([-1000.,     0.])
    """
    return _along_axis(shares.log_softmax, x, dim, dtype)


def _along_axis(op: Op, x: T, dim: int, dtype: DTypeLike | None) -> T:
    x = x if dtype is None else cast(x, dtype_of(dtype))
    axis = (*normalised((dim,), len(x.shape)), 0)[0]
    return apply(op, x, axis=axis)[0]
