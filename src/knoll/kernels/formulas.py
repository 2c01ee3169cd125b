"""What is done with one element: the formula of each operation, over whole vectors.

Each formula is the twin of an operation's meaning; both carry the operation's name. It takes the kernel, its operands
and the operation's attributes.
"""

from __future__ import annotations

from collections.abc import Callable

from knoll.kernels.batch_norm import factor, normalised
from knoll.kernels.loss_formulas import LOSSES
from knoll.kernels.mathematics import exp, log, magnitude, sigmoid, tanh
from knoll.kernels.piecewise import PIECEWISE
from knoll.kernels.smooth import SMOOTH
from knoll.llvm.builder import Kernel, Number


def _relu(k: Kernel, x: Number) -> Number:
    """Zero where negative; NaN stays."""
    return k.zero().compare("ogt", x).select(k.zero(), x)


def _sign(k: Kernel, x: Number) -> Number:
    below = x.compare("olt", k.zero()).select(k.constant(-1.0), k.zero())
    return x.compare("ogt", k.zero()).select(k.constant(1.0), below)


def _relu_dx(k: Kernel, dy: Number, y: Number) -> Number:
    """The gradient where positive, and where NaN."""
    return y.compare("ugt", k.zero()).select(dy, k.zero())


def _sigmoid_dx(k: Kernel, dy: Number, y: Number) -> Number:
    return dy * y * (k.constant(1.0) - y)


def _tanh_dx(k: Kernel, dy: Number, y: Number) -> Number:
    return dy * (k.constant(1.0) - y * y)


FORMULAS: dict[str, Callable[..., Number]] = {
    "add": lambda k, a, b: a + b,
    "subtract": lambda k, a, b: a - b,
    "multiply": lambda k, a, b: a * b,
    "divide": lambda k, a, b: a / b,
    "negative": lambda k, x: Number(k, k.vector, k.emit(f"fneg {k.vector} {x.name}")),
    "absolute": magnitude,
    "square": lambda k, x: x * x,
    "sign": _sign,
    "exp": exp,
    "log": log,
    "relu": _relu,
    "sigmoid": sigmoid,
    "tanh": tanh,
    "relu_dx": _relu_dx,
    "sigmoid_dx": _sigmoid_dx,
    "tanh_dx": _tanh_dx,
    "factor": factor,
    "batch_norm": normalised,
    "batch_norm_through": lambda k, dy, multiplier: dy * multiplier,
    **LOSSES,
    **PIECEWISE,
    **SMOOTH,
}
