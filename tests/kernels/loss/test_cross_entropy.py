"""Cross entropy of rows in machine code against its meaning; labels without a score."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import knoll
from against_meaning import TOLERANCE, elements, examples, machines, value
from knoll import nn
from knoll.errors import LabelError
from knoll.graph import Graph
from knoll.machine import Machine, host
from knoll.ops.differentiate import differentiate
from knoll.ops.elementwise.arithmetic import add
from knoll.ops.loss.cross_entropy import cross_entropy
from knoll.run.bound import Bindings
from knoll.run.build import compile_graph
from knoll.run.reference import ReferenceProgram
from losses import check_loss, classification, numbers

Loss = Callable[[int, int, str], Graph]


@machines
@elements
@examples(9)
@given(st.integers(1, 20), st.integers(1, 70), st.sampled_from(["mean", "sum", "none"]))
def test_cross_entropy(machine: Machine, dtype: str, n: int, classes: int, reduction: str) -> None:
    check_loss(classification(n, classes, dtype, reduction), machine, classes)


@machines
@elements
def test_what_is_no_number_shows(machine: Machine, dtype: str) -> None:
    inf, nan = np.inf, np.nan
    x = np.array([[1, nan, 2], [1, inf, 2], [-inf, -inf, -inf], [1, -inf, 2], [1000, 0, -1000]], dtype)
    graph, labels = classification(5, 3, dtype, "none"), np.array([0, 0, 0, 0, 0])
    program = compile_graph(graph, (0,), machine)
    assert program is not None
    (mine,), saved = program.forward([x, labels])
    with np.errstate(all="ignore"):
        reference = ReferenceProgram(graph, differentiate(graph, (0,)))
        (truth,), known = reference.forward([x, labels])
        (dx,) = reference.backward(known, [np.ones(5, dtype)])
    np.testing.assert_allclose(mine, truth, rtol=TOLERANCE[dtype])
    np.testing.assert_allclose(program.backward(saved, [np.ones(5, dtype)])[0], dx, atol=TOLERANCE[dtype])


@pytest.mark.parametrize("label", [-1, 3, 1 << 40, -(1 << 40)])
def test_labels_without_a_score_are_refused_on_every_way(label: int) -> None:
    graph, x, labels = classification(4, 3, "float32"), np.zeros((4, 3), np.float32), np.array([0, 1, label, 2])
    program = compile_graph(graph, (), host())
    assert program is not None
    with pytest.raises(LabelError, match=rf"Target {label} is out of bounds"):
        program.forward([x, labels])
    both = compile_graph(graph, (0,), host())
    assert both is not None
    changing = np.array([0, 1, 2, 2])
    _, saved = both.forward([x, changing])
    expected = both.backward(both.forward([x, changing.copy()])[1], [np.float32(1)])
    changing[2] = label  # backward reads the labels that were checked
    np.testing.assert_array_equal(both.backward(saved, [np.float32(1)]), expected)
    bound = Bindings(program, [x, np.zeros(4, np.int64)], (), [0, 1])
    with pytest.raises(LabelError, match="position 2"):
        bound(len(x), [x, labels])
    with pytest.raises(LabelError, match="position 2"):
        nn.CrossEntropyLoss()(knoll.tensor(x), knoll.tensor(labels))


def test_labels_may_serve_two_losses() -> None:
    few, many, labels = value("float32", 2, 3), value("float32", 2, 5), value("int64", 2)
    both = add(cross_entropy(many, labels), cross_entropy(few, labels))
    program = compile_graph(Graph((few, many, labels), (both,)), (), host())
    assert program is not None
    scores = [np.zeros(v.spec.shape, np.float32) for v in (few, many)]
    with pytest.raises(LabelError, match="Target 3 is out of bounds"):
        program.forward([*scores, np.array([0, 3])])
    np.testing.assert_allclose(program.forward([*scores, np.array([0, 2])])[0][0], np.log(15), rtol=1e-6)


@machines
def test_a_bound_program_gives_the_same_loss(machine: Machine) -> None:
    graph = classification(6, 5, "float32")
    arrays, program = numbers(graph, 5), compile_graph(graph, (), machine)
    assert program is not None
    bound = Bindings(program, arrays, (), [0, 1])
    for seed in range(3):
        arrays = numbers(graph, 5, seed)
        np.testing.assert_array_equal(bound(len(arrays[0]), list(arrays))[0], program.forward(arrays)[0][0])
