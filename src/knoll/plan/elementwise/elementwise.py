"""Lowering of elementwise operations that are not fused into another kernel."""

from __future__ import annotations

from dataclasses import replace

from knoll.graph import Node
from knoll.kernels.elementwise.epilogue import Operand
from knoll.kernels.elementwise.pointwise import Pointwise
from knoll.kernels.layout.layout import Images
from knoll.plan.buffer_map import images_in, images_of
from knoll.plan.elementwise.repeated import coalesced
from knoll.plan.fusion.elementwise_fusion import FusedElementwise, as_terms, fusable_users
from knoll.plan.lowering_state import Lowering
from knoll.plan.reduction.pixel_sums import sum_terms


def pointwise(lowering: Lowering, node: Node) -> None:
    """One step for a node and the elementwise operations after it that can be fused."""
    if node.outputs[0] not in lowering.batch:
        _unbatched(lowering, node)
        return
    chain = as_terms([node, *fusable_users(lowering, node.outputs[0], repeated=True)])
    wanted = _layout(lowering, chain)
    operands, sources = chain.read(lowering, wanted)
    if sum_terms(lowering, chain.value, chain.terms, operands, sources):
        return
    target = lowering.buffers.blocked(chain.value) if wanted.block == lowering.lanes else wanted
    kernel = lowering.kernel(Pointwise, chain.terms, operands, target)
    result = images_of(chain.value) if target.is_plain else target
    lowering.step(kernel, *sources, lowering.buffers.new(chain.value, result))


def _layout(lowering: Lowering, chain: FusedElementwise) -> Images:
    """The layout of the result: channel blocks if an operand has or needs them, else that of the first operand."""
    batched = [value for value in chain.operands if value in lowering.batch]
    whole = [value for value in batched if value.spec.shape == chain.value.spec.shape]
    lying = [images_in(lowering.buffers.any(value)) for value in whole or batched]
    if chain.value.spec.rank != 4:
        return _plain_layout(lowering, chain)
    by_channel = whole != batched or any(chain.is_per_channel(lowering, value) for value in chain.operands)
    if any(images.block == lowering.lanes for images in lying) or (by_channel and lying[0].block > 1):
        return lowering.vector_layout(chain.value)
    if lying[0].block > 1:
        return replace(images_of(chain.value), block=lying[0].block)
    return _plain_layout(lowering, chain)


def _plain_layout(lowering: Lowering, chain: FusedElementwise) -> Images:
    """The result as a contiguous array: where operands are repeated, with as few axes as that allows."""
    y, operands = chain.value.spec, [value.spec for value in chain.operands if value.spec.size > 1]
    repeats = any(value in lowering.batch and value.spec.shape != y.shape for value in chain.operands)
    return (coalesced(y, operands) if repeats else None) or images_of(chain.value)


def _unbatched(lowering: Lowering, node: Node) -> None:
    """The same for values without a batch axis."""
    (value,) = node.outputs
    images = Images(value.spec.size, 1, 1)
    sources = [lowering.unbatched[v] for v in node.inputs]
    operands: tuple[Operand, ...] = tuple(images if v.spec.shape == value.spec.shape else "scalar" for v in node.inputs)
    kernel = lowering.kernel(Pointwise, as_terms([node]).terms, operands, images)
    lowering.step(kernel, *sources, lowering.unbatched_result(value))


def fits(node: Node) -> bool:
    """Floats."""
    return all(value.spec.is_float for value in node.inputs)


def fits_slopes(node: Node) -> bool:
    """One slope, or one for each channel."""
    x, w = node.inputs[0].spec, node.inputs[-1].spec
    return x.is_float and x.rank > 0 and (w.size == 1 or x.rank in (2, 4))
