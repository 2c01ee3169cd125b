"""Pooling, its indices and its way back in machine code against their meaning."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from against_meaning import elements, examples, in_machine_code, machines, same_with_any_threads, value
from knoll.errors import ShapeError
from knoll.graph import Array, Graph, Spec, Value, evaluate, gradient
from knoll.machine import Machine, host
from knoll.ops.adaptive_max_pool import adaptive_max_pool2d
from knoll.ops.conv import conv2d
from knoll.ops.elementwise import add
from knoll.ops.max_pool import max_pool2d
from knoll.ops.max_unpool import max_unpool2d
from knoll.run.bound import Bindings
from knoll.run.build import build, compiled
from knoll.run.compiled import Compiled
from knoll.run.reference import Reference

TILING: dict[str, Any] = {"kernel": (2, 2), "stride": (2, 2), "padding": (0, 0), "dilation": (1, 1), "ceil": False}


def arrays_for(graph: Graph, last: int = 1) -> list[Array]:
    """Small whole numbers, so that windows have ties and sums are exact; indices below `last`."""
    random = np.random.default_rng(0)
    return [
        random.integers(-4, 5, v.spec.shape).astype(v.spec.dtype)
        if v.spec.is_float
        else random.integers(0, last, v.spec.shape)
        for v in graph.inputs
    ]


def check(graph: Graph, machine: Machine, arrays: list[Array] | None = None) -> Compiled:
    """Compiled is meaning to the last bit: outputs, indices among them, and gradients."""
    arrays = arrays_for(graph) if arrays is None else arrays
    wanted = tuple(i for i, v in enumerate(graph.inputs) if v.spec.is_float)
    program, reference = build(graph, wanted, machine), Reference(graph, gradient(graph, wanted, add))
    assert isinstance(program, Compiled), "no kernel for this graph"
    outputs, saved = program.forward(arrays)
    truths, known = reference.forward(arrays)
    random = np.random.default_rng(1)
    seeds = [random.integers(-4, 5, truth.shape).astype(truth.dtype) for truth in truths]
    gradients, true_gradients = program.backward(saved, seeds), reference.backward(known, seeds)
    for mine, truth in zip([*outputs, *gradients], [*truths, *true_gradients], strict=True):
        assert mine.dtype == truth.dtype
        np.testing.assert_array_equal(mine, truth)
    inference = build(graph, (), machine)
    assert isinstance(inference, Compiled)
    for mine, truth in zip(inference.forward(arrays)[0], truths, strict=True):
        np.testing.assert_array_equal(mine, truth)
    return program


pairs = st.tuples(st.integers(1, 4), st.integers(1, 4))
shapes = st.tuples(st.integers(1, 4), st.integers(1, 70))


@st.composite
def slides(draw: st.DrawFn, dilated: bool = True) -> tuple[dict[str, Any], tuple[int, int]]:
    """How a window slides, and an image that it fits."""
    kernel, dilation = draw(pairs), draw(st.tuples(*[st.integers(1, 2 if dilated else 1)] * 2))
    spans = [d * (k - 1) + 1 for k, d in zip(kernel, dilation, strict=True)]
    padding = tuple(draw(st.integers(0, span // 2)) for span in spans)
    height, width = (draw(st.integers(max(1, span - 2 * p), span + 8)) for span, p in zip(spans, padding, strict=True))
    stride = draw(st.one_of(st.just(kernel), pairs))
    slide = {"kernel": kernel, "stride": stride, "padding": padding, "dilation": dilation, "ceil": draw(st.booleans())}
    return slide, (height, width)


@machines
@elements
@examples(4)
@given(shapes, slides())
def test_values_and_indices(machine: Machine, dtype: str, shape: Any, case: Any) -> None:
    x = value(dtype, *shape, *case[1])
    check(Graph((x,), max_pool2d.node(x, **case[0]).outputs), machine)


@machines
@elements
@examples(4)
@given(shapes, st.tuples(st.integers(1, 12), st.integers(1, 12)), st.tuples(st.integers(1, 14), st.integers(1, 14)))
def test_adaptive_pooling(machine: Machine, dtype: str, shape: Any, image: Any, size: Any) -> None:
    x = value(dtype, *shape, *image)
    node = adaptive_max_pool2d.node(x, size=size)
    check(Graph((x,), node.outputs), machine)
    check(Graph((x,), node.outputs[:1]), machine)


@machines
@elements
@examples(4)
@given(shapes, slides(dilated=False))
def test_pooled_and_unpooled_in_one_program(machine: Machine, dtype: str, shape: Any, case: Any) -> None:
    """Whatever the windows: where they overlap, the last of several values stays."""
    x = value(dtype, *shape, *case[1])
    y, index = max_pool2d.node(x, **case[0]).outputs
    z = value(dtype, *y.spec.shape)
    back = max_unpool2d(add(y, z), index, size=case[1])
    check(Graph((x, z), (back,)), machine)
    check(Graph((x, z), (back, index, y)), machine)


@machines
@examples(5)
@given(shapes, slides(dilated=False), st.integers(0, 3))
def test_unpooled_to_a_larger_image(machine: Machine, shape: Any, case: Any, more: int) -> None:
    """Indices then name other places; they are made, and no longer codes."""
    x = value("float32", *shape, *case[1])
    y, index = max_pool2d.node(x, **case[0]).outputs
    check(Graph((x,), (max_unpool2d(y, index, size=(case[1][0], case[1][1] + more)),)), machine)


@machines
@elements
@examples(4)
@given(shapes, st.tuples(st.integers(1, 6), st.integers(1, 6)), st.tuples(st.integers(1, 9), st.integers(1, 9)))
def test_unpooled_by_indices_that_are_given(machine: Machine, dtype: str, shape: Any, pooled: Any, size: Any) -> None:
    x, index = value(dtype, *shape, *pooled), value("int64", *shape, *pooled)
    graph = Graph((x, index), (max_unpool2d(x, index, size=size),))
    check(graph, machine, arrays_for(graph, size[0] * size[1]))


@machines
def test_adaptive_windows_may_be_undone_too(machine: Machine) -> None:
    x = value("float32", 2, 5, 7, 10)
    y, index = adaptive_max_pool2d.node(x, size=(3, 4)).outputs
    check(Graph((x,), (max_unpool2d(y, index, size=(7, 10)),)), machine)


@machines
@elements
@pytest.mark.parametrize("kernel", [(15, 17), (16, 16)])
@pytest.mark.parametrize("stride", [1, 40])
def test_windows_of_many_taps_have_codes_of_two_bytes(
    machine: Machine, dtype: str, kernel: tuple[int, int], stride: int
) -> None:
    slide = {**TILING, "kernel": kernel, "stride": (stride, stride)}
    x = Value(Spec((2, 5, kernel[0] + 2, kernel[1] + 3), np.dtype(dtype)))
    y, index = max_pool2d.node(x, **slide).outputs
    graph = Graph((x,), (y, index, max_unpool2d(y, index, size=x.spec.shape[2:])))
    arrays = [np.random.default_rng(0).permutation(x.spec.size).reshape(x.spec.shape).astype(dtype)]
    program = check(graph, machine, arrays)
    assert [b.element for b in program.plan.buffers if b.note == "codes"] == [
        "uint8" if kernel == (15, 17) else "uint16"
    ]


def test_windows_of_too_many_taps_are_left_to_numpy() -> None:
    x = value("float32", 1, 1, 300, 300)
    assert compiled(Graph((x,), (adaptive_max_pool2d(x, size=(1, 1)),)), (0,), host()) is None


@machines
def test_what_is_no_number_wins_and_is_found(machine: Machine) -> None:
    inf, nan = np.inf, np.nan
    rows = [[1, nan, 2, nan], [-inf] * 4, [-inf, nan, inf, 1], [3, 3, 1, 3], [-0.0, 0.0, 0.0, -0.0]]
    array = np.array(rows, np.float32).reshape(1, 5, 1, 4)
    x = value("float32", 1, 5, 1, 4)
    for slide in ({"kernel": (1, 4)}, {"kernel": (1, 2), "stride": (1, 1), "padding": (0, 1)}, {"kernel": (1, 2)}):
        node = max_pool2d.node(x, **{**TILING, "stride": slide["kernel"], **slide})
        check(Graph((x,), node.outputs), machine, [array])


@machines
def test_windows_that_see_only_padding(machine: Machine) -> None:
    x = value("float32", 2, 3, 1, 3)
    slide = {"kernel": (2, 2), "stride": (1, 1), "padding": (1, 1), "dilation": (2, 2), "ceil": False}
    y, index = max_pool2d.node(x, **slide).outputs
    program = check(Graph((x,), (y, index)), machine)
    assert -1 in program.forward(arrays_for(program.graph)[:1])[0][1]
    unpooled = Graph((x,), (max_unpool2d(y, index, size=(1, 3)),))
    assert compiled(unpooled, (0,), machine) is None
    with pytest.raises(ShapeError, match="invalid max index: -1"):
        build(unpooled, (0,), machine).forward(arrays_for(unpooled))


@pytest.mark.parametrize("bad", [12, -1, 1 << 40, -(1 << 40)])
def test_indices_outside_the_image_are_refused_before_native_code_runs(bad: int) -> None:
    x, index = value("float32", 2, 3, 2, 2), value("int64", 2, 3, 2, 2)
    graph = Graph((x, index), (max_unpool2d(x, index, size=(3, 4)),))
    arrays = arrays_for(graph, 12)
    wrong = arrays[1].copy()
    wrong[1, 2, 0, 1] = bad
    program, inference = compiled(graph, (0,), host()), compiled(graph, (), host())
    assert program is not None
    assert inference is not None
    with pytest.raises(ShapeError, match=f"invalid max index: {bad} .*3x4"):
        inference.forward([arrays[0], wrong])
    bound = Bindings(inference, arrays, (), [0, 1])
    with pytest.raises(ShapeError, match="image 1, channel 2, row 0, column 1"):
        bound(2, arrays[0], wrong)
    _, saved = program.forward(arrays)
    seed = [np.ones((2, 3, 3, 4), np.float32)]
    expected = program.backward(program.forward([arrays[0], arrays[1].copy()])[1], seed)
    arrays[1][1, 2, 0, 1] = bad  # backward reads the indices that were checked
    np.testing.assert_array_equal(program.backward(saved, seed), expected)


@machines
def test_one_program_serves_every_batch(machine: Machine) -> None:
    programs = set()
    for n in (1, 2, 17):
        x = value("float32", n, 5, 6, 6)
        y, index = max_pool2d.node(x, **TILING).outputs
        programs.add(check(Graph((x,), (y, index, max_unpool2d(y, index, size=(6, 6)))), machine))
    assert len(programs) == 1


def test_results_depend_neither_on_threads_nor_on_the_batch() -> None:
    x, index = value("float32", 19, 33, 5, 5), value("int64", 19, 33, 5, 5)
    graph = Graph((x, index), (max_unpool2d(x, index, size=(4, 4)),))  # every place is named more than once
    program, arrays = compiled(graph, (), host()), arrays_for(graph, 16)
    assert program is not None
    together = same_with_any_threads(lambda: program.forward(arrays)[0])[0]
    alone = [program.forward([a[i : i + 1] for a in arrays])[0][0] for i in range(19)]
    np.testing.assert_array_equal(np.concatenate(alone), together)


@machines
@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_weights_learn_from_winners_alone(machine: Machine, bad: float) -> None:
    """What a pixel saw that did not win its window does not count, be it infinite or no number."""
    x, w = value("float32", 1, 1, 8, 8), value("float32", 1, 1, 3, 3)
    convolved = conv2d(x, w, stride=(1, 1), padding=((0, 0), (0, 0)), dilation=(1, 1), groups=1)
    pooled, index = max_pool2d.node(convolved, **TILING).outputs
    random = np.random.default_rng(0)
    image, weight = (random.standard_normal(v.spec.shape).astype(np.float32) for v in (x, w))
    image[0, 0, 4, 4] = bad
    program = in_machine_code(Graph((x, w), (pooled,)), (1,), machine)
    (found,) = program.backward(program.forward([image, weight])[1], [np.ones((1, 1, 3, 3), np.float32)])
    with np.errstate(invalid="ignore"):
        winners = evaluate(Graph((x, w), (index,)), [image, weight])[0].ravel()
    saw = {(4 - place // 6, 4 - place % 6) for place in winners.tolist()}
    expected = np.array([[(r, s) in saw for s in range(3)] for r in range(3)])
    np.testing.assert_array_equal(~np.isfinite(found[0, 0]), expected)
    assert 0 < expected.sum() < 9
