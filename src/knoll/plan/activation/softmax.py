"""Lowering of softmax and log-softmax along one axis of contiguous arrays."""

from __future__ import annotations

from math import prod

from knoll.graph import Node
from knoll.kernels.activation.softmax import Softmax, SoftmaxGradient
from knoll.ops.activation.softmax import log_softmax, log_softmax_dx, safe_softmax
from knoll.plan.lowering_state import Lowering
from knoll.plan.plain import plain


def softmax(lowering: Lowering, node: Node) -> None:
    """Softmax, or its logarithm, or softmax in which rows of −∞ give zeros."""
    kind = node.op is log_softmax, node.op is safe_softmax
    plain(lowering, node, lowering.kernel(Softmax, *around_axis(node), *kind))


def softmax_dx(lowering: Lowering, node: Node) -> None:
    """The gradient of either."""
    log = node.op is log_softmax_dx
    plain(lowering, node, lowering.kernel(SoftmaxGradient, *around_axis(node), log))


def fits(node: Node) -> bool:
    """Along any axis but that of the samples."""
    return bool(node.attributes["axis"] > 0)


def around_axis(node: Node) -> tuple[int, int, int]:
    """The shape of a sample as (outer, size, inner), with the axis in the middle."""
    shape, axis = node.inputs[-1].spec.shape, node.attributes["axis"]
    return prod(shape[1:axis]), shape[axis], prod(shape[axis + 1 :])
