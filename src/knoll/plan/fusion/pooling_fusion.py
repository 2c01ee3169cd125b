"""Fusion of max pooling and elementwise operations into the convolution before them."""

from __future__ import annotations

from knoll.graph import Node, Value
from knoll.ops.pooling.max_pool import max_pool2d
from knoll.plan.fusion.elementwise_fusion import FusedElementwise, fuse_elementwise
from knoll.plan.lowering_state import Lowering
from knoll.plan.pooling.max_pool import poolable, wants_codes


def fuse_pooling(
    lowering: Lowering, node: Node, pools: bool = True, padded_groups: bool = False
) -> tuple[tuple[int, int], Value | None, FusedElementwise]:
    """The fused pooling window, the indices if their codes are needed, and the fused elementwise operations."""
    value, codes, pool = node.outputs[0], None, (1, 1)
    reader = lowering.only_reader(value)
    if pools and reader is not None and reader.op is max_pool2d and poolable(reader):
        value, index = reader.outputs
        pool, codes = reader.attributes["kernel"], index if wants_codes(lowering, index) else None
        lowering.done.add(reader)
    return pool, codes, fuse_elementwise(lowering, value, padded_groups)
