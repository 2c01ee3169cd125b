"""The state of a lowering: phases of nodes, only readers, parameters that are packed once."""

from __future__ import annotations

from knoll.graph import Graph
from knoll.ops.activation.relu_sigmoid_tanh import relu
from knoll.ops.convolution.conv import conv2d
from knoll.ops.elementwise.arithmetic import add, exp
from knoll.ops.normalisation.batch_norm import batch_norm, batch_statistics
from knoll.plan import matrix_packing
from knoll.plan.plan import Kind
from planned import LANES, SLIDE, lowering_of, plan_of, value


def test_who_reads_a_sum_over_samples_runs_in_the_next_level() -> None:
    x = value(4, 3, 5, 5)
    before = relu(x)
    mean, variance, _ = batch_statistics.node(before).outputs
    after = batch_norm(before, mean, variance, epsilon=1e-5, own=True)
    lowering = lowering_of(Graph((x,), (exp(after),)))
    phases = {node.op.name: repr(key) for node, key in lowering.phase_keys.items()}
    assert phases == {
        "relu": "forward", "batch_statistics": "forward", "batch_norm": "forward 1", "exp": "forward 1",
    }  # fmt: skip


def test_the_only_reader_is_alone_and_of_no_output() -> None:
    x = value(2, 3)
    y, z = relu(x), exp(x)
    graph = Graph((x,), (exp(y), add(z, relu(z))))
    lowering = lowering_of(graph)
    assert lowering.only_reader(y) is graph.outputs[0].node
    assert lowering.only_reader(z) is None
    assert lowering.only_reader(x) is None
    lowering.buffers.outputs[y] = lowering.draft.buffer(Kind.BATCH, "float32", 3, "output")
    assert lowering.only_reader(y) is None


def test_a_parameter_is_packed_once_for_each_layout() -> None:
    x, w, b = value(2, 3, 5, 5), value(8, 3, 1, 1), value(8)
    lowering = lowering_of(Graph((x, w, b), (conv2d(x, w, b, **SLIDE),)))
    first = lowering.per_channel(b)
    assert lowering.per_channel(b) is first
    assert (first.kind, first.size) == (Kind.PACKED, LANES)
    assert lowering.pack(b, matrix_packing.contiguous(4), 16) is not first
    assert sum(len(steps) for steps in lowering.draft.steps.values()) == 2


def trained(normalises: bool) -> Graph:
    """Three convolutions of 64 channels, with or without a batch normalisation between them."""
    x, *weights = value(2, 64, 8, 8), *(value(64, 64, 3, 3) for _ in range(3))
    y = x
    for w in weights:
        y = relu(conv2d(y, w, **SLIDE))
        if normalises:
            mean, variance, _ = batch_statistics.node(y).outputs
            y = batch_norm(y, mean, variance, epsilon=1e-5, own=True)
    return Graph((x, *weights), (y,))


def test_weights_that_are_trained_share_memory_for_their_packed_layouts() -> None:
    """Between sums over samples those of one layer at a time are live: direct, and at Winograd's points."""
    plan = plan_of(trained(normalises=True), 1, 2, 3)
    packed = [buffer for buffer in plan.buffers if buffer.note in ("packed", "points")]
    assert {buffer.kind for buffer in packed} == {Kind.REDUCED}
    layer = 4 * 64 * 64 * (9 + 36)
    assert sum(buffer.bytes for buffer in packed) == 5 * layer  # x has no gradient
    assert plan.bytes_for_each(Kind.REDUCED) < 2 * layer
    assert repr(plan.forward[0]).startswith("forward pack (by parts)\n  pack(")
    assert not plan.prepare.steps


def test_weights_that_are_not_trained_are_packed_once_for_all_calls() -> None:
    for graph, wanted in ((trained(normalises=True), (0,)), (trained(normalises=False), (1, 2, 3))):
        packed = [buffer for buffer in plan_of(graph, *wanted).buffers if buffer.note in ("packed", "points")]
        assert {buffer.kind for buffer in packed} == {Kind.PACKED}
    frozen = plan_of(trained(normalises=True), 1, 3)
    assert len({step.buffers[0] for step in frozen.prepare.steps if step.kernel.title == "pack"}) == 1


def test_pooling_windows_cover_whole_windows() -> None:
    lowering = lowering_of(Graph((x := value(2, 3),), (relu(x),)))
    assert lowering.covered((7, 9), (2, 3)) == (6, 9)
    assert lowering.lanes == LANES
