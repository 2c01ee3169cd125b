"""Integers that kernels use as indices: those that the caller gives, which are checked before a call, in any shape."""

from __future__ import annotations

import numpy as np

from knoll.graph import Value
from knoll.ops.loss.multi_margin import labels_in_range
from knoll.ops.shapes.reshape import reshape

VIEWS = frozenset({reshape, labels_in_range})  # the integers of their operand, in the same memory
INDICES = frozenset({np.dtype(np.int64), np.dtype(np.int32)})


def viewed(value: Value) -> Value:
    """The value whose integers these are, in their order."""
    while value.node is not None and value.node.op in VIEWS:
        value = value.node.inputs[0]
    return value


def are_given(value: Value) -> bool:
    """Whether the caller gives these indices."""
    return viewed(value).node is None and value.spec.dtype in INDICES
