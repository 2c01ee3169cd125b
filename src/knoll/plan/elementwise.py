"""Lowering of elementwise operations that are not fused into another kernel."""

from __future__ import annotations

from knoll.graph import Node
from knoll.kernels.elementwise.pointwise import Pointwise
from knoll.kernels.layout.layout import Images
from knoll.plan.buffer_map import images_of
from knoll.plan.elementwise_fusion import FusedElementwise, as_terms, fusable_users
from knoll.plan.lowering import Lowering


def pointwise(lowering: Lowering, node: Node) -> None:
    """One step for a node and the elementwise operations after it that can be fused."""
    if node.outputs[0] not in lowering.batch:
        _unbatched(lowering, node)
        return
    chain = as_terms([node, *fusable_users(lowering, node.outputs[0])])
    wanted = _layout(lowering, chain)
    operands, sources = chain.read(lowering, wanted)
    target = lowering.buffers.blocked(chain.value) if wanted.block == lowering.lanes else wanted
    kernel = lowering.kernel(Pointwise, chain.terms, operands, target)
    lowering.step(kernel, *sources, lowering.buffers.new(chain.value, target))


def _layout(lowering: Lowering, chain: FusedElementwise) -> Images:
    """The layout of the result: channel blocks if an operand has or needs them, else that of the first operand."""
    found = [lowering.buffers.any(value).images for value in chain.operands if value in lowering.batch]
    lying = [images for images in found if images is not None]
    if images_of(chain.value).is_plain and chain.value.spec.rank != 4:
        return images_of(chain.value)
    by_channel = any(chain.is_per_channel(lowering, value) for value in chain.operands)
    if any(images.block == lowering.lanes for images in lying) or (by_channel and lying[0].block > 1):
        return lowering.vector_layout(chain.value)
    return Images(lying[0].c, lying[0].h, lying[0].w, lying[0].block)


def _unbatched(lowering: Lowering, node: Node) -> None:
    """The same for values without a batch axis."""
    (value,) = node.outputs
    images = Images(value.spec.size, 1, 1)
    sources = [lowering.unbatched[v] for v in node.inputs]
    kernel = lowering.kernel(Pointwise, as_terms([node]).terms, (images,) * len(sources), images)
    lowering.step(kernel, *sources, lowering.unbatched_result(value))


def fits(node: Node) -> bool:
    """Operands that are broadcast have no batch axis."""
    (y,), given = node.specs, [value.spec for value in node.inputs]
    full = [spec.shape == y.shape for spec in given]
    return (
        all(spec.is_float for spec in given)
        and (y.rank > 0 or all(full))
        and any(full)
        and all(same or spec.rank < y.rank or spec.shape[0] == 1 for same, spec in zip(full, given, strict=True))
    )


def fits_slopes(node: Node) -> bool:
    """One slope, or one for each channel."""
    x, w = node.inputs[0].spec, node.inputs[-1].spec
    return x.is_float and x.rank > 0 and (w.size == 1 or x.rank in (2, 4))
