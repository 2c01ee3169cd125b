"""Sums and means over axes of each sample as steps, and the way back."""

from __future__ import annotations

from itertools import pairwise
from math import prod

from knoll.graph import Node, Shape
from knoll.kernels.reduction.axis_reduction import AxisBroadcast, AxisSum
from knoll.ops.reduce import mean
from knoll.plan.lowering import Lowering
from knoll.plan.plain import plain


def sum_(lowering: Lowering, node: Node) -> None:
    """A sum or a mean over axes that follow each other."""
    outer, size, inner = _collapsed(node.inputs[0].spec.shape, node.attributes["axes"])
    divisor = size if node.op is mean else 1
    plain(lowering, node, lowering.kernel(AxisSum, outer, size, inner, divisor))


def expand(lowering: Lowering, node: Node) -> None:
    """One number for all places of the axes."""
    seen = _collapsed(node.specs[0].shape, node.attributes["axes"])
    plain(lowering, node, lowering.kernel(AxisBroadcast, *seen, float(node.attributes["scale"])))


def fits(shape: Shape, axes: tuple[int, ...]) -> bool:
    """Samples stay apart, and the axes follow each other, but for those of one place."""
    wide = [axis for axis in axes if shape[axis] != 1]
    return len(shape) > 0 and 0 not in axes and all(prod(shape[a + 1 : b]) == 1 for a, b in pairwise(wide))


def _collapsed(shape: Shape, axes: tuple[int, ...]) -> tuple[int, int, int]:
    """What stands before the axes in a sample, the axes together, and what stands after them."""
    wide = [axis for axis in axes if shape[axis] != 1]
    if not wide:
        return 1, 1, prod(shape[1:])
    return prod(shape[1 : wide[0]]), prod(shape[axis] for axis in wide), prod(shape[wide[-1] + 1 :])
