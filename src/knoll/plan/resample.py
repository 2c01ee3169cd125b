"""Averages, enlarging, shrinking and padding as steps."""

from __future__ import annotations

from typing import TYPE_CHECKING

from knoll.graph import Node
from knoll.kernels.resample import Resample
from knoll.ops.resample2d import tables

if TYPE_CHECKING:
    from knoll.plan.lower import Lowering


def resample2d(lowering: Lowering, node: Node) -> None:
    """One pass over the results."""
    (x,), (value,) = node.inputs, node.outputs
    source, target = lowering.places.get(x, lowering.vectors(x)), lowering.places.blocked(value)
    assert source.images is not None
    rows, columns = tables(x.spec.shape, x.spec.dtype, **node.attributes)
    kernel = Resample(lowering.machine, lowering.element, source.images, target, rows, columns)
    lowering.draft.step(lowering.places.when, kernel, source, lowering.places.new(value, target))
