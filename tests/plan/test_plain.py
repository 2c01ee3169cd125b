"""Steps over contiguous arrays: operands by samples, weights as a whole."""

from __future__ import annotations

from knoll.graph import Graph
from knoll.kernels.activation.glu import Glu
from knoll.ops.activation.glu import glu
from knoll.ops.convolution.conv import conv2d
from knoll.plan.plain import plain
from planned import MACHINE, SLIDE, kernels_of, lowering_of, plan_of, steps_of, value


def test_images_in_blocks_are_first_made_plain() -> None:
    x, w = value(2, 3, 6, 6), value(8, 3, 3, 3)
    plan = plan_of(Graph((x, w), (glu(conv2d(x, w, **SLIDE), axis=1),)))
    assert kernels_of(plan)[-2:] == ["reorder", "Glu"]
    assert all(buffer.images.is_plain for buffer in steps_of(plan)[-1].buffers if buffer.images)


def test_a_step_reads_its_operands_and_writes_a_new_buffer() -> None:
    x = value(2, 10)
    node = glu.node(x, axis=1)
    lowering = lowering_of(Graph((x,), node.outputs))
    plain(lowering, node, Glu(MACHINE, "float32", 1, 5))
    ((step,),) = lowering.draft.steps.values()
    source, target = step.buffers
    assert source is lowering.buffers.layouts[x][0]
    assert target is lowering.buffers.layouts[node.outputs[0]][0]
    assert target.size == 5
