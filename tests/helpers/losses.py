"""Graphs with a loss, and numbers for them."""

from __future__ import annotations

import numpy as np

from against_meaning import check, value
from knoll.graph import Array, Graph, Value
from knoll.machine import Machine
from knoll.ops.loss.cross_entropy import cross_entropy
from knoll.ops.reduction.reduce import mean, sum_


def over_everything(losses: Value, reduction: str) -> Value:
    if reduction == "none":
        return losses
    return (mean if reduction == "mean" else sum_)(losses, axes=tuple(range(losses.spec.rank)), keep=False)


def classification(n: int, classes: int, dtype: str, reduction: str = "mean") -> Graph:
    x, labels = value(dtype, n, classes), value("int64", n)
    return Graph((x, labels), (over_everything(cross_entropy(x, labels), reduction),))


def numbers(graph: Graph, classes: int = 1, seed: int = 0) -> list[Array]:
    generator = np.random.default_rng(seed)
    return [
        (3 * generator.standard_normal(v.spec.shape)).astype(v.spec.dtype)
        if v.spec.is_float
        else generator.integers(0, classes, v.spec.shape)
        for v in graph.inputs
    ]


def check_loss(graph: Graph, machine: Machine, classes: int = 1) -> None:
    """Compiled equals meaning for class numbers below `classes`."""
    check(graph, machine, numbers(graph, classes))
