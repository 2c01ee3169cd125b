"""What a convolution does before it writes: pooling if it is the only reader, then formulas."""

from __future__ import annotations

import pytest

from knoll.graph import Graph
from knoll.ops.activation.relu_sigmoid_tanh import relu
from knoll.ops.convolution.conv import conv2d
from knoll.ops.elementwise.arithmetic import exp
from knoll.ops.pooling.max_pool import max_pool2d
from knoll.plan.fusion.pooling_fusion import fuse_pooling
from knoll.plan.plan import Kind
from planned import POOL, SLIDE, lowering_of, value


@pytest.mark.parametrize(
    ("pooling", "expected"),
    [
        ({}, (2, 2)), ({"kernel": (3, 2), "stride": (3, 2)}, (3, 2)), ({"stride": (1, 1)}, (1, 1)),
        ({"padding": (1, 1)}, (1, 1)), ({"ceil": True}, (1, 1)), ({"kernel": (6, 6), "stride": (6, 6)}, (1, 1)),
    ],
)  # fmt: skip
def test_windows_that_tile_and_fit_registers_are_fused(pooling: dict[str, object], expected: tuple[int, int]) -> None:
    x, w = value(2, 3, 12, 12), value(8, 3, 3, 3)
    y = conv2d(x, w, **SLIDE)
    lowering = lowering_of(Graph((x, w), (relu(max_pool2d(y, **POOL | pooling)),)))
    assert y.node is not None
    pool, codes, fused = fuse_pooling(lowering, y.node)
    assert pool == expected
    assert codes is None
    names = [term.op.name for term in fused.terms]
    assert names == (["relu"] if expected != (1, 1) else [])


def test_codes_are_wanted_where_the_indices_are_read() -> None:
    x, w = value(2, 3, 12, 12), value(8, 3, 3, 3)
    y = conv2d(x, w, **SLIDE)
    pooled, index = max_pool2d.node(y, **POOL).outputs
    lowering = lowering_of(Graph((x, w), (pooled, exp(pooled))))
    assert y.node is not None
    assert fuse_pooling(lowering, y.node)[1] is None
    lowering.buffers.outputs[index] = lowering.draft.buffer(Kind.BATCH, "int64", 8, "output")
    lowering.done.clear()
    assert fuse_pooling(lowering, y.node)[1] is index


def test_a_kernel_that_cannot_pool_leaves_it_alone() -> None:
    x, w = value(2, 3, 12, 12), value(8, 3, 3, 3)
    y = conv2d(x, w, **SLIDE)
    lowering = lowering_of(Graph((x, w), (max_pool2d(y, **POOL),)))
    assert y.node is not None
    assert fuse_pooling(lowering, y.node, pools=False)[0] == (1, 1)
    assert not lowering.done
