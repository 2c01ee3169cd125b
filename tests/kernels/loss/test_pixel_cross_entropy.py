"""Cross entropy of images in machine code against its meaning: weights, smoothing, ignored labels."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from against_meaning import (
    check,
    elements,
    examples,
    machines,
    same_with_any_threads,
    value,
)
from knoll.graph import Array, Graph
from knoll.machine import Machine, host
from knoll.ops.loss.cross_entropy import cross_entropy
from knoll.run.build import compile_graph
from losses import numbers, over_everything


@machines
@elements
@examples(4)
@given(
    st.sampled_from([(1, 2), (1, 7), (3, 40), (5, 9), (2, 70)]),
    st.sampled_from([(), (1,), (37,), (5, 3), (1, 2, 9), (33, 40)]),
    st.booleans(),
    st.sampled_from([-100, 0, 2]),
    st.sampled_from([0.0, 0.3]),
    st.sampled_from(["mean", "sum", "none"]),
)
def test_cross_entropy_of_images_with_all_that_labels_may_count(
    machine: Machine,
    dtype: str,
    size: tuple[int, int],
    images: tuple[int, ...],
    weighted: bool,
    ignore: int,
    smoothing: float,
    reduction: str,
) -> None:
    (n, classes) = size
    x, labels, weights = value(dtype, n, classes, *images), value("int64", n, *images), value(dtype, classes)
    inputs = (x, labels, weights) if weighted else (x, labels)
    losses = cross_entropy(*inputs, ignore=ignore, smoothing=smoothing)
    graph = Graph(inputs, (over_everything(losses, reduction),))
    arrays = [*numbers(graph, classes)[:2], np.abs(numbers(graph)[-1])][: len(inputs)]  # no weight is negative
    check(graph, machine, arrays, wrt=(0,))


@machines
@pytest.mark.parametrize("shape", [(4, 3), (2, 3, 5, 7), (1, 3, 40)])
def test_ignored_labels_may_be_anything(machine: Machine, shape: tuple[int, ...]) -> None:
    x, labels = value("float32", *shape), value("int64", *shape[:1], *shape[2:])
    for ignore in (255, -1, 1 << 40, -(1 << 40), 1 << 32):
        graph = Graph((x, labels), (cross_entropy(x, labels, ignore=ignore),))
        program = compile_graph(graph, (0,), machine)
        assert program is not None
        scores, target = numbers(graph, 3)
        target.flat[::3] = ignore
        (losses,), saved = program.forward([scores, target])
        (dx,) = program.backward(saved, [np.full(losses.shape, np.inf, np.float32)])
        assert (losses[target == ignore] == 0).all()
        assert (losses[target != ignore] > 0).all()
        assert (np.moveaxis(dx, 1, -1)[target == ignore] == 0).all(), "what does not count has no gradient at all"


def test_threads_share_one_image() -> None:
    shape = (1, 3, 70, 71)
    x, labels = value("float32", *shape), value("int64", 1, 70, 71)
    program = compile_graph(Graph((x, labels), (cross_entropy(x, labels),)), (0,), host())
    assert program is not None
    arrays = numbers(Graph((x, labels), ()), 3)

    def run() -> list[Array]:
        (losses,), saved = program.forward(arrays)
        return [losses, *program.backward(saved, [losses])]

    same_with_any_threads(run)
