"""Labels in machine code against their meaning: what is taken at them, given back to them, and how much they count."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from against_meaning import check, elements, examples, machines, same_with_any_threads, value
from knoll import compile as compile_
from knoll import nn, tensor
from knoll.errors import LabelError
from knoll.graph import Graph
from knoll.machine import Machine, host
from knoll.ops.elementwise.arithmetic import divide
from knoll.ops.loss.nll import label_sum, nll
from knoll.ops.reduction.reduce import sum_
from knoll.run.build import compile_graph


def weighted_mean(dtype: str, n: int, classes: int, images: tuple[int, ...], weighted: bool, ignore: int) -> Graph:
    x, labels, weights = value(dtype, n, classes, *images), value("int64", n, *images), value(dtype, classes)
    more = (weights,) if weighted else ()
    losses = nll(x, labels, *more, ignore=ignore)
    together = label_sum(labels, *more, ignore=ignore, dtype=dtype)
    whole = sum_(losses, axes=tuple(range(losses.spec.rank)), keep=False)
    return Graph((x, labels, *more), (divide(whole, together), losses, together))


def numbers(graph: Graph, classes: int, seed: int = 0) -> list[np.ndarray]:
    random = np.random.default_rng(seed)
    scores, labels, *weights = graph.inputs
    arrays = [random.standard_normal(scores.spec.shape), random.integers(0, classes, labels.spec.shape)]
    arrays += [random.uniform(0.1, 2, weight.spec.shape) for weight in weights]
    return [array.astype(v.spec.dtype) for array, v in zip(arrays, graph.inputs, strict=True)]


@machines
@elements
@examples(4)
@given(
    st.sampled_from([(1, 2), (1, 7), (3, 40), (5, 9), (20, 3)]),
    st.sampled_from([(), (1,), (37,), (5, 3), (1, 2, 9), (33, 40)]),
    st.booleans(),
    st.sampled_from([-100, 1]),
)
def test_weighted_mean_of_likelihoods(
    machine: Machine, dtype: str, size: tuple[int, int], images: tuple[int, ...], weighted: bool, ignore: int
) -> None:
    graph = weighted_mean(dtype, *size, images, weighted, ignore)
    arrays = numbers(graph, size[1])
    arrays[1].flat[0] = 0  # one counts
    check(graph, machine, arrays, wrt=(0,))


@machines
@pytest.mark.parametrize("shape", [(4, 3), (2, 3, 5, 7), (1, 3, 1040)])
def test_ignored_labels_may_be_anything(machine: Machine, shape: tuple[int, ...]) -> None:
    x, labels, weights = value("float32", *shape), value("int64", *shape[:1], *shape[2:]), value("float32", 3)
    for ignore in (255, -1, 1 << 40, -(1 << 40)):
        outputs = nll(x, labels, weights, ignore=ignore), label_sum(labels, weights, ignore=ignore, dtype="float32")
        program = compile_graph(Graph((x, labels, weights), outputs), (0,), machine)
        assert program is not None
        target = np.arange(labels.spec.size).reshape(labels.spec.shape) % 3
        target.flat[::3] = ignore
        scores = np.where(np.expand_dims(target == ignore, 1), np.inf, np.full(shape, 2.0)).astype(np.float32)
        (losses, together), saved = program.forward([scores, target, np.array([np.nan, 3, 5], np.float32)])
        (dx,) = program.backward(saved, [np.where(target == ignore, np.nan, 1).astype(np.float32), np.float32(0)])
        counted = np.where(target == ignore, 0, np.where(target == 1, 3, 5))
        np.testing.assert_array_equal(losses, -2 * counted)
        assert together == counted.sum()
        np.testing.assert_array_equal(dx.sum(1), -counted)


@machines
@elements
def test_what_is_no_number_shows_where_the_label_points(machine: Machine, dtype: str) -> None:
    x, labels, weights = value(dtype, 4, 2), value("int64", 4), value(dtype, 2)
    program = compile_graph(Graph((x, labels, weights), (nll(x, labels, weights),)), (0,), machine)
    assert program is not None
    scores = np.array([[np.nan, 0], [0, np.nan], [-np.inf, 0], [np.inf, 0]], dtype)
    found = program.forward([scores, np.array([0, 0, 0, 0]), np.array([1, 1], dtype)])[0][0]
    np.testing.assert_array_equal(found, [np.nan, 0, np.inf, -np.inf])
    found = program.forward([scores, np.array([0, 0, 0, 0]), np.array([0, 1], dtype)])[0][0]
    np.testing.assert_array_equal(found, [np.nan, 0, np.nan, np.nan])


def test_results_do_not_depend_on_threads() -> None:
    graph = weighted_mean("float32", 3, 5, (70, 71), True, 2)
    program, arrays = compile_graph(graph, (0,), host()), numbers(graph, 5)
    assert program is not None

    def run() -> list[np.ndarray]:
        results, saved = program.forward(arrays)
        return [*results, *program.backward(saved, results)]

    same_with_any_threads(run)


@machines
def test_many_labels_are_counted_exactly(machine: Machine) -> None:
    labels = value("int64", 2, 3, 1 << 20)
    graph = Graph((labels, value("float32", 2)), (label_sum(labels, ignore=1, dtype="float32"),))
    x = value("float32", 2, 1)
    graph = Graph((labels, x), (*graph.outputs, x))
    program = compile_graph(graph, (), machine)
    assert program is not None
    target = np.zeros(labels.spec.shape, np.int64)
    target[0, 0, :7] = 1
    assert program.forward([target, np.zeros((2, 1), np.float32)])[0][0] == 6 * 2**20 - 7


@pytest.mark.parametrize("weights", [None, np.ones(3, np.float32)])
def test_labels_without_a_class_are_refused(weights: np.ndarray | None) -> None:
    graph = weighted_mean("float32", 4, 3, (), weights is not None, -100)
    program = compile_graph(graph, (0,), host())
    assert program is not None
    more = [] if weights is None else [weights]
    with pytest.raises(LabelError, match=r"Target 3 is out of bounds"):
        program.forward([np.zeros((4, 3), np.float32), np.array([0, 1, 3, 2]), *more])


def test_a_compiled_loss_counts_the_labels_of_each_call() -> None:
    loss = nn.NLLLoss(ignore_index=1)
    scores = np.log(np.random.default_rng(0).random((4, 3))).astype(np.float32)
    program = compile_(loss, tensor(scores), tensor(np.array([0, 0, 2, 2])))
    for labels in ([0, 0, 2, 2], [1, 0, 1, 2], [1, 1, 1, 0]):
        np.testing.assert_allclose(program(scores, np.array(labels)), loss(scores, np.array(labels)).item(), rtol=1e-6)
