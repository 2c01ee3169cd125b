"""Lowering of sums and means over axes of each sample, and of their gradient, the broadcast."""

from __future__ import annotations

from itertools import pairwise
from math import prod

from knoll.graph import Node, Shape
from knoll.kernels.reduction.axis_reduction import AxisBroadcast, AxisSum
from knoll.ops.reduce import mean
from knoll.plan.lowering import Lowering
from knoll.plan.plain import plain


def sum_(lowering: Lowering, node: Node) -> None:
    """A sum or a mean over adjacent axes."""
    outer, size, inner = _collapsed(node.inputs[0].spec.shape, node.attributes["axes"])
    divisor = size if node.op is mean else 1
    plain(lowering, node, lowering.kernel(AxisSum, outer, size, inner, divisor))


def expand(lowering: Lowering, node: Node) -> None:
    """A broadcast along adjacent axes."""
    seen = _collapsed(node.specs[0].shape, node.attributes["axes"])
    plain(lowering, node, lowering.kernel(AxisBroadcast, *seen, float(node.attributes["scale"])))


def fits(shape: Shape, axes: tuple[int, ...]) -> bool:
    """The axes do not include the batch axis and are adjacent, ignoring axes of size 1."""
    wide = [axis for axis in axes if shape[axis] != 1]
    return len(shape) > 0 and 0 not in axes and all(prod(shape[a + 1 : b]) == 1 for a, b in pairwise(wide))


def _collapsed(shape: Shape, axes: tuple[int, ...]) -> tuple[int, int, int]:
    """The shape of a sample as (outer, size, inner), where `size` is the product of the axes."""
    wide = [axis for axis in axes if shape[axis] != 1]
    if not wide:
        return 1, 1, prod(shape[1:])
    return prod(shape[1 : wide[0]]), prod(shape[axis] for axis in wide), prod(shape[wide[-1] + 1 :])
