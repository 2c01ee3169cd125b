"""Which activations keep the order of numbers, so that the largest stays the largest and NaN comes of NaN alone."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from knoll.graph import Node


def keeps_order(node: Node) -> bool:
    """Whether a node's operation keeps the order of numbers, with its attributes.

    Where it makes unequal numbers equal (all negative ones, for ReLU) its slope is zero.
    """
    return node.op.name in MONOTONE and MONOTONE[node.op.name](node)


def _always(_: Node) -> bool:
    return True


def _slope_is_positive(node: Node) -> bool:
    """Zero would do but for −∞, which times zero is no number."""
    return bool(node.attributes["negative_slope"] > 0)


def _falls_below(node: Node) -> bool:
    return bool(node.attributes["value"] <= node.attributes["threshold"])


def _alpha_is_positive(node: Node) -> bool:
    return bool(node.attributes["alpha"] > 0)


def _joins_its_line(node: Node) -> bool:
    """Whether softplus meets the line x so late that the step of log(1 + exp(−threshold)) is lost to rounding."""
    beta, threshold = node.attributes["beta"], node.attributes["threshold"]
    step = math.exp(-threshold) if threshold > 0 else 1.0
    return bool(beta > 0 and step < np.finfo(node.specs[0].dtype).eps * threshold / 4)


MONOTONE: dict[str, Callable[[Node], bool]] = {
    **dict.fromkeys(("relu", "sigmoid", "tanh", "hardtanh", "hardsigmoid", "hardshrink", "selu"), _always),
    **dict.fromkeys(("log_sigmoid", "softsign"), _always),
    "leaky_relu": _slope_is_positive,
    "threshold": _falls_below,
    "softshrink": lambda node: bool(node.attributes["lambd"] >= 0),
    "elu": _alpha_is_positive,
    "celu": _alpha_is_positive,
    "softplus": _joins_its_line,
}
