"""Max pooling as steps: codes of winners where somebody wants them, gradients only where they are read."""

from __future__ import annotations

from knoll.graph import Graph, Value
from knoll.ops.activation.relu_sigmoid_tanh import relu
from knoll.ops.elementwise.arithmetic import exp
from knoll.ops.pooling.adaptive_max_pool import adaptive_max_pool2d
from knoll.ops.pooling.max_pool import max_pool2d, max_pool2d_dx
from knoll.ops.shapes.reshape import reshape
from knoll.plan.pooling.max_pool import fits, kernel_of, poolable, windows_meet
from planned import POOL, kernels_of, plan_of, value


def test_codes_are_written_only_for_who_reads_them() -> None:
    x = value(2, 3, 6, 6)
    pooled, index = max_pool2d.node(exp(x), **POOL).outputs
    for outputs, notes in (((exp(pooled),), 0), ((exp(pooled), index), 1)):
        plan = plan_of(Graph((x,), outputs))
        assert sum(buffer.note == "codes" for buffer in plan.buffers) == notes
        assert kernels_of(plan).count("PoolIndices") == notes


def test_plain_images_have_no_codes() -> None:
    x = value(2, 3, 6, 6)
    pooled, index = max_pool2d.node(x, **POOL).outputs
    assert kernels_of(plan_of(Graph((x,), (pooled,)))) == ["PlainMaxPool"]
    assert kernels_of(plan_of(Graph((x,), (pooled, index)))) == ["PlainMaxPoolIndices"]
    large = value(1, 1, 8, (1 << 21) + 2)  # more elements than single precision counts
    assert "PlainMaxPoolIndices" not in kernels_of(plan_of(Graph((large,), max_pool2d.node(large, **POOL).outputs)))


def test_the_gradient_spreads_by_codes() -> None:
    x = value(2, 3, 6, 6)
    plan = plan_of(Graph((x,), (relu(max_pool2d(x, **POOL)),)), 0)
    assert "ScatterByCodes" in kernels_of(plan)
    assert "PoolIndices" not in kernels_of(plan)


def test_a_gradient_without_its_pooling_has_no_kernel() -> None:
    """The pooling may stand in another part of a graph that was cut, or its indices may come another way."""
    x = value(2, 3, 6, 6)
    pooled, index = max_pool2d.node(x, **POOL).outputs
    assert fits(max_pool2d_dx.node(pooled, index, size=(6, 6)))
    assert not fits(max_pool2d_dx.node(pooled, Value(index.spec), size=(6, 6)))
    assert not fits(max_pool2d_dx.node(pooled, reshape(index, shape=index.spec.shape), size=(6, 6)))


def test_windows() -> None:
    x = value(2, 3, 6, 6)
    assert poolable(max_pool2d.node(x, **POOL))
    assert not poolable(max_pool2d.node(x, **POOL | {"stride": (1, 1)}))
    assert kernel_of(adaptive_max_pool2d.node(x, size=(3, 2))) == (2, 3)
    beside = max_pool2d.node(value(1, 1, 1, 3), **POOL | {"stride": (1, 1), "padding": (1, 1), "dilation": (2, 2)})
    assert not windows_meet(beside)
    assert fits(max_pool2d.node(x, **POOL))
    assert not fits(adaptive_max_pool2d.node(value(1, 1, 256, 256), size=(1, 1)))
