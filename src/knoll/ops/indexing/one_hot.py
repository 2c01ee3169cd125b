"""One-hot rows of class numbers."""

from __future__ import annotations

import numpy as np

from knoll.errors import ArgumentError
from knoll.graph import Array, Node, Op, Reads, Roles, Spec, along
from knoll.graph.batching_rules import directly
from knoll.graph.role import BATCHED


def one_hot_shape(numbers: Spec, *, classes: int) -> tuple[Spec]:
    """(…) → (…, classes), int64."""
    return (Spec((*numbers.shape, classes), np.dtype(np.int64)),)


def check_classes(numbers: Array, classes: int) -> None:
    """Raise ArgumentError for a number that is not from 0 to `classes` − 1."""
    if numbers.size and numbers.min() < 0:
        raise ArgumentError("Class values must be non-negative.", got=f"{numbers.min()}")
    if numbers.size and numbers.max() >= classes:
        raise ArgumentError("Class values must be smaller than num_classes.", got=f"{numbers.max()}")


def one_hot_meaning(numbers: Array, *, classes: int) -> tuple[Array]:
    """1 at each number's place, 0 elsewhere."""
    check_classes(numbers, classes)
    return ((numbers[..., None] == np.arange(classes)).astype(np.int64),)


def one_hot_reads(node: Node, _: int) -> tuple[Reads]:
    """The number of its own row."""
    return (along(*range(node.inputs[0].spec.rank)),)


one_hot: Op = Op(
    "one_hot",
    one_hot_shape,
    one_hot_meaning,
    reads=one_hot_reads,
    roles=Roles((BATCHED,), (BATCHED,)),
    batching=directly,
)
