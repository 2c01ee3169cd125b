"""Operations that look at one element at a time as steps."""

from __future__ import annotations

from typing import TYPE_CHECKING

from knoll.graph import Node
from knoll.kernels.layout import Images
from knoll.kernels.pointwise import Pointwise
from knoll.kernels.term import Term

if TYPE_CHECKING:
    from knoll.plan.lower import Lowering


def pointwise(lowering: Lowering, node: Node) -> None:
    """One formula for each element, in whichever layout the first input lies."""
    if node.outputs[0] not in lowering.batch:
        _whole(lowering, node)
        return
    first = lowering.places.any(node.inputs[0])
    assert first.images is not None
    wanted = Images(first.images.c, first.images.h, first.images.w, first.images.block)
    sources = [lowering.places.get(value, wanted) for value in node.inputs]
    layout = lowering.places.blocked(node.outputs[0]) if wanted.block == lowering.lanes else wanted
    layouts = tuple(source.images for source in sources if source.images is not None)
    kernel = Pointwise(lowering.machine, lowering.element, (_term(node),), layouts, layout)
    lowering.draft.step(lowering.places.when, kernel, *sources, lowering.places.new(node.outputs[0], layout))


def _term(node: Node) -> Term:
    return Term(node.op.name, tuple(range(len(node.inputs))), tuple(sorted(node.attributes.items())))


def _whole(lowering: Lowering, node: Node) -> None:
    """The same for parameters and sums."""
    (value,) = node.outputs
    images = Images(value.spec.size, 1, 1)
    sources = [lowering.wholes[v] for v in node.inputs]
    kernel = Pointwise(lowering.machine, lowering.element, (_term(node),), (images,) * len(sources), images)
    lowering.draft.step(lowering.places.when, kernel, *sources, lowering.whole_result(value))


def fits(node: Node) -> bool:
    """Nothing is repeated."""
    return all(v.spec.is_float and v.spec.shape == node.specs[0].shape and v.spec.rank > 0 for v in node.inputs)
