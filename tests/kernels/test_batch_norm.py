"""Batch normalisation against its meaning: statistics of the batch and remembered ones, forward and gradients."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from against_meaning import check, elements, examples, machines, same_with_any_threads, value
from knoll.graph import Array, Graph, Value, evaluate
from knoll.machine import Machine, host
from knoll.ops.batch_norm import batch_norm, batch_statistics
from knoll.ops.conv import conv2d
from knoll.ops.elementwise import add, relu, tanh
from knoll.ops.linear import linear
from knoll.plan.passes.fold_batch_norm import fold_batch_norm
from knoll.run.build import build, compiled
from knoll.run.compiled import Compiled
from knoll.run.reference import Reference

TOLERANCE = {"float32": 3e-5, "float64": 1e-11}
SLIDE = {"stride": (1, 1), "padding": ((1, 1), (1, 1)), "dilation": (1, 1), "groups": 1}


def arrays_for(graph: Graph) -> list[Array]:
    """Normal numbers; one number for each channel is positive, as variances are."""
    generator = np.random.default_rng(0)
    arrays = []
    for v in graph.inputs:
        numbers = generator.standard_normal(v.spec.shape)
        arrays.append((np.abs(numbers) + 0.5 if v.spec.rank == 1 else numbers).astype(v.spec.dtype))
    return arrays


def check_normalised(graph: Graph, machine: Machine) -> None:
    """Compiled equals meaning; the variances that go in are positive."""
    check(graph, machine, arrays_for(graph), tolerance=TOLERANCE)


def normalised(x: Value, own: bool, learned: bool, dtype: str) -> tuple[list[Value], Value]:
    """Inputs besides x, and the normalised x."""
    c = x.spec.shape[1]
    if own:
        given, statistics = [], batch_statistics.node(x).outputs[:2]
    else:
        given = [value(dtype, c), value(dtype, c)]
        statistics = tuple(given)
    parameters = [value(dtype, c), value(dtype, c)] if learned else []
    return given + parameters, batch_norm(x, *statistics, *parameters, epsilon=1e-5, own=own)


@machines
@elements
@examples(5)
@given(st.integers(2, 40), st.integers(1, 70), st.integers(1, 6), st.integers(1, 6), st.booleans(), st.booleans())
def test_kernels(machine: Machine, dtype: str, n: int, c: int, h: int, w: int, own: bool, learned: bool) -> None:
    # The variance of a handful of numbers may be next to nothing, and dx all rounding: float32 gets 32 of them.
    x = value(dtype, n if dtype == "float64" else max(n, -(-32 // (h * w))), c, h, w)
    others, y = normalised(x, own, learned, dtype)
    check_normalised(Graph((x, *others), (y,)), machine)


@machines
@pytest.mark.parametrize("own", [True, False])
def test_rows_of_features(machine: Machine, own: bool) -> None:
    x = value("float64", 9, 21)
    others, y = normalised(x, own, True, "float64")
    check_normalised(Graph((x, *others), (y,)), machine)


def build_or_fail(graph: Graph, machine: Machine) -> Compiled:
    program = compiled(graph, (), machine)
    assert program is not None
    return program


def test_layers_between_statistics() -> None:
    """Two normalisations, one above the other, with a shortcut around the second: five phases and their way back."""
    dtype = "float64"
    x, w1, w2 = value(dtype, 5, 3, 8, 8), value(dtype, 6, 3, 3, 3), value(dtype, 6, 6, 3, 3)
    first, y = normalised(conv2d(x, w1, **SLIDE), True, True, dtype)
    y = relu(y)
    second, z = normalised(conv2d(y, w2, **SLIDE), True, True, dtype)
    check_normalised(Graph((x, w1, w2, *first, *second), (tanh(add(z, y)),)), host())


def test_bits_do_not_depend_on_threads() -> None:
    x = value("float32", 33, 20, 9, 9)
    others, y = normalised(x, True, True, "float32")
    graph = Graph((x, *others), (y,))
    program, arrays = build(graph, (0, 1, 2), host()), arrays_for(graph)

    def run() -> list[Array]:
        (out,), saved = program.forward(arrays)
        return [out, *program.backward(saved, [out])]

    same_with_any_threads(run)


@machines
@pytest.mark.parametrize(("biased", "learned"), [(True, True), (False, True), (True, False), (False, False)])
@pytest.mark.parametrize("groups", [1, 4])
def test_remembered_statistics_fold_into_the_convolution(
    machine: Machine, biased: bool, learned: bool, groups: int
) -> None:
    x, w = value("float64", 2, 4, 9, 9), value("float64", 20, 4 // groups, 3, 3)
    bias = [value("float64", 20)] if biased else []
    others, y = normalised(conv2d(x, w, *bias, **SLIDE | {"groups": groups}), False, learned, "float64")
    graph = Graph((x, w, *bias, *others), (y,))
    program = build(graph, (), machine)
    assert isinstance(program, Compiled)
    assert not any("batch_norm" in step.kernel.title for step in program.plan.forward[0].steps)
    arrays = arrays_for(graph)
    for _ in range(2):  # other parameters, other weights
        np.testing.assert_allclose(program.forward(arrays)[0][0], Reference(graph).forward(arrays)[0][0], atol=1e-11)
        arrays = [array + 0.25 for array in arrays]


def test_remembered_statistics_fold_into_a_linear_layer() -> None:
    x, w, b = value("float64", 3, 7), value("float64", 5, 7), value("float64", 5)
    others, y = normalised(linear(x, w, b), False, True, "float64")
    graph = Graph((x, w, b, *others), (y,))
    assert [node.op.name for node in fold_batch_norm(graph).nodes] == ["fold_weight", "fold_bias", "linear"]
    arrays = arrays_for(graph)
    truth = evaluate(graph, arrays)[0]
    np.testing.assert_allclose(evaluate(fold_batch_norm(graph), arrays)[0], truth, atol=1e-11)


def test_what_others_read_is_not_folded() -> None:
    x, w = value("float64", 2, 4, 9, 9), value("float64", 20, 4, 3, 3)
    between = conv2d(x, w, **SLIDE)
    others, y = normalised(between, False, True, "float64")
    for outputs in ((y, between), (add(y, between),)):
        graph = Graph((x, w, *others), outputs)
        assert fold_batch_norm(graph) is graph
    _, own = normalised(between, True, False, "float64")
    graph = Graph((x, w), (own,))
    assert fold_batch_norm(graph) is graph


def test_features_that_are_not_channels_are_not_folded() -> None:
    """Even as many of them: a linear layer over four axes makes the last, normalisation goes by the second."""
    x, w = value("float64", 2, 3, 4, 5), value("float64", 3, 5)
    others, y = normalised(linear(x, w), False, True, "float64")
    graph = Graph((x, w, *others), (y,))
    assert fold_batch_norm(graph) is graph


def test_weights_used_twice_stay_compiled() -> None:
    x, w = value("float64", 3, 4, 6, 6), value("float64", 4, 4, 3, 3)
    check_normalised(Graph((x, w), (conv2d(relu(conv2d(x, w, **SLIDE)), w, **SLIDE),)), host())


def test_one_pixel_with_room_around_it() -> None:
    x, w = value("float64", 4, 33, 1, 1), value("float64", 5, 33, 3, 3)
    others, y = normalised(x, True, True, "float64")
    graph = Graph((x, *others, w), (conv2d(y, w, **SLIDE),))
    arrays = arrays_for(graph)
    truth = evaluate(graph, arrays)[0]
    np.testing.assert_allclose(build_or_fail(graph, host()).forward(arrays)[0][0], truth, atol=1e-11)
