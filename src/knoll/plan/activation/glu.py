"""Lowering of gated linear units over contiguous arrays."""

from __future__ import annotations

from knoll.graph import Node
from knoll.kernels.activation.glu import Glu, GluGradient
from knoll.plan.activation.softmax import around_axis
from knoll.plan.lowering_state import Lowering
from knoll.plan.plain import plain


def glu(lowering: Lowering, node: Node) -> None:
    """The first half, times the sigmoid of the second."""
    outer, size, inner = around_axis(node)
    plain(lowering, node, lowering.kernel(Glu, outer, size * inner // 2))


def glu_dx(lowering: Lowering, node: Node) -> None:
    """The gradient of both halves."""
    outer, size, inner = around_axis(node)
    plain(lowering, node, lowering.kernel(GluGradient, outer, size * inner // 2))
