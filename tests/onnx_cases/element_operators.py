"""ONNX operators that work element by element, or along one axis."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import reduce
from typing import Any

import numpy as np
from adapter import OPERATORS, REFUSED, Node, OutOfScope, composed, operator

import knoll
from knoll import Tensor
from knoll.nn import functional as F

OPERATORS.update(
    {
        # Activations, with the attributes that ONNX gives them
        "Relu": lambda _, x: F.relu(x),
        "LeakyRelu": lambda node, x: F.leaky_relu(x, node["alpha"]),
        "ThresholdedRelu": lambda node, x: F.threshold(x, node["alpha"], 0.0),
        "Elu": lambda node, x: F.elu(x, node["alpha"]),
        "Celu": lambda node, x: F.celu(x, node["alpha"]),
        "Gelu": lambda node, x: F.gelu(x, approximate=node["approximate"]),
        "HardSwish": lambda _, x: F.hardswish(x),
        "Mish": lambda _, x: F.mish(x),
        "Sigmoid": lambda _, x: F.sigmoid(x),
        "Softplus": lambda _, x: F.softplus(x),
        "Softsign": lambda _, x: F.softsign(x),
        "Tanh": lambda _, x: F.tanh(x),
        # Arithmetic of one
        "Abs": lambda _, x: abs(x),
        "Exp": lambda _, x: x.exp(),
        "Identity": lambda _, x: x,
        "Neg": lambda _, x: -x,
        "Sqrt": lambda _, x: x.sqrt(),
        # Arithmetic of several
        "Max": lambda _, *several: one_by_one(knoll.maximum, several),
        "Mean": lambda _, *several: mean(several),
        "Min": lambda _, *several: one_by_one(knoll.minimum, several),
        "Sum": lambda _, *several: one_by_one(knoll.add, several),
        "Where": lambda _, condition, a, b: knoll.where(condition, a, b),
    }
)
REFUSED["Erf"] = "no such function"


def one_by_one(function: Callable[[Tensor, Tensor], Tensor], several: Sequence[Tensor]) -> Tensor:
    """A function of two, of more."""
    if len(several) > 2:
        composed()
    return reduce(function, several)


def mean(several: Sequence[Tensor]) -> Tensor:
    composed()
    return reduce(knoll.add, several) / len(several)


@operator("HardSigmoid")
def hard_sigmoid(node: Node, x: Tensor) -> Tensor:
    """PyTorch has one slope only, 1/6."""
    composed()
    return F.hardtanh(node["alpha"] * x + node["beta"], 0.0, 1.0)


@operator("PRelu")
def prelu(_: Node, x: Tensor, slope: Tensor) -> Tensor:
    """A slope for all or for each channel, or, which PyTorch cannot say, for each element."""
    if slope.ndim == 1 and slope.shape[0] in (1, x.shape[1]):
        return F.prelu(x, slope)
    composed()
    return knoll.where(x < 0, slope * x, x)


@operator("Selu")
def selu(node: Node, x: Tensor) -> Tensor:
    """PyTorch has the constants of the paper only."""
    if np.allclose((node["alpha"], node["gamma"]), (1.6732632, 1.0507010)):
        return F.selu(x)
    composed()
    return node["gamma"] * F.elu(x, node["alpha"])


@operator("Shrink")
def shrink(node: Node, x: Tensor) -> Tensor:
    """Hard without bias, soft where the bias is the threshold; what lies between is put together."""
    bias, threshold = node["bias"], node["lambd"]
    if bias == threshold:
        return F.softshrink(x, threshold)
    if bias:
        composed()
    return F.hardshrink(x, threshold) - bias * (F.hardshrink(x, threshold).sign())


@operator("Swish")
def swish(node: Node, x: Tensor) -> Tensor:
    if node["alpha"] == 1:
        return F.silu(x)
    composed()
    return x * F.sigmoid(node["alpha"] * x)


@operator("Softmax", "LogSoftmax", "Hardmax")
def along_axis(node: Node, x: Tensor) -> Tensor:
    """Before version 13, all axes from `axis` on counted as one."""
    function = {"Softmax": F.softmax, "LogSoftmax": F.log_softmax, "Hardmax": hard_max}[node.kind]
    if node.opset >= 13:
        return function(x, node["axis"])
    return function(x.flatten(node["axis"]), -1).reshape(x.shape)


def hard_max(x: Tensor, axis: int) -> Tensor:
    """One where the largest stands, zero elsewhere."""
    composed()
    last = x.transpose(axis, -1)
    return F.one_hot(last.argmax(-1), last.shape[-1]).to(x.dtype).transpose(axis, -1)


@operator("Clip")
def clip(node: Node, x: Tensor, least: Tensor | None = None, most: Tensor | None = None) -> Tensor:
    """Ends are inputs from version 11 on, and attributes before."""
    low, high = (node[name] if end is None else end.item() for name, end in (("min", least), ("max", most)))
    return x if low is None and high is None else x.clamp(low, high)


@operator("Dropout")
def dropout(node: Node, x: Tensor, ratio: Tensor | None = None, training: Tensor | None = None) -> Any:
    """The result and what was kept."""
    share = node["ratio"] if ratio is None else ratio.item()
    drops = training is not None and bool(training)
    if drops and share:
        raise OutOfScope("NumPy's random numbers")
    if len(node.outputs) > 1:
        composed()
    return F.dropout(x, 0.5 if share is None else share, training=drops), knoll.ones_like(x, dtype=bool)


@operator("Add", "Sub", "Mul", "Div", "Pow")
def arithmetic(node: Node, a: Tensor, b: Tensor) -> Tensor:
    """Both have one element type, which the result has too; of a power the base says which."""
    function = {"Add": knoll.add, "Sub": knoll.sub, "Mul": knoll.mul, "Div": divide, "Pow": knoll.pow}[node.kind]
    return function(a, _aligned(node, a, b)).to(a.dtype)


def _aligned(node: Node, a: Tensor, b: Tensor) -> Tensor:
    """Before version 7 the second operand could begin at an axis of the first."""
    return b if node["axis"] is None else b.reshape((*b.shape, *(1,) * (a.ndim - node["axis"] - b.ndim)))


def divide(a: Tensor, b: Tensor) -> Tensor:
    """Whole numbers are divided towards zero, as in C."""
    if a.is_floating_point():
        return a / b
    composed()
    return (abs(a) // abs(b)) * a.sign() * b.sign()
