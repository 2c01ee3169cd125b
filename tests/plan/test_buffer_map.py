"""The buffers of each value: layouts that are asked for, copies that are made once, the caller's own."""

from __future__ import annotations

import pytest

from knoll.graph import Graph
from knoll.kernels.layout.layout import Images
from knoll.ops.elementwise.arithmetic import exp
from knoll.plan.buffer_map import BufferMap, images_of, value_name
from knoll.plan.plan import Kind
from planned import LANES, lowering_of, value


def begun() -> tuple[BufferMap, Graph]:
    x = value(2, 20, 5, 6)
    graph = Graph((x,), (exp(x),))
    return lowering_of(graph).buffers, graph


def test_arrays_that_are_no_images_have_one_pixel() -> None:
    assert images_of(value(2, 3, 4, 5)) == Images(3, 4, 5)
    assert images_of(value(2, 3, 4)) == Images(12, 1, 1)
    assert images_of(value(2)) == Images(1, 1, 1)


def test_a_layout_is_made_once() -> None:
    buffers, graph = begun()
    (x,) = graph.inputs
    wanted = Images(20, 5, 6, LANES)
    first = buffers.get(x, wanted)
    assert buffers.get(x, wanted) is first
    assert first.images == wanted
    assert [step.kernel.title for step in buffers.draft.steps[buffers.phase_key]] == ["reorder"]


@pytest.mark.parametrize("order", [1, -1])
def test_one_copy_has_the_largest_halo_that_was_requested(order: int) -> None:
    buffers, graph = begun()
    (x,) = graph.inputs
    wanted = [Images(20, 5, 6, LANES, halo) for halo in (((1, 1), (0, 0)), ((0, 2), (3, 0)))][::order]
    for images in wanted:
        buffers.request(x, images)
    assert {buffers.get(x, images).number for images in wanted} == {buffers.get(x, wanted[0]).number}
    assert buffers.get(x, wanted[0]).images == Images(20, 5, 6, LANES, ((1, 2), (3, 0)))
    assert buffers.blocked(x).halo == ((1, 2), (3, 0))


def test_the_callers_buffer_serves_once_in_the_plain_layout() -> None:
    buffers, graph = begun()
    (y,) = graph.outputs
    buffers.outputs[y] = given = buffers.draft.buffer(Kind.BATCH, "float32", images_of(y).size, "output", images_of(y))
    assert buffers.new(y, Images(20, 5, 6, LANES)) is not given
    assert buffers.new(y, images_of(y)) is given
    assert buffers.new(y, images_of(y)) is not given


def test_what_is_deferred_is_drafted_when_it_is_read() -> None:
    buffers, graph = begun()
    (y,), made = graph.outputs, []
    buffers.deferred[y] = lambda: made.append(buffers.new(y, images_of(y)))
    assert buffers.holds(y)
    assert not made
    assert [buffers.plain(y), buffers.any(y)] == made * 2
    assert len(made) == 1


def test_names() -> None:
    _, graph = begun()
    assert [value_name(v) for v in (*graph.inputs, *graph.outputs)] == ["input", "exp"]
