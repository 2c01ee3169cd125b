"""Batch normalisation with remembered statistics disappears into the layer before it, where nobody reads between."""

from __future__ import annotations

import numpy as np
import pytest

from against_meaning import machines, value
from knoll.graph import Graph, evaluate
from knoll.machine import Machine
from knoll.ops.convolution.conv import conv2d
from knoll.ops.elementwise.arithmetic import add
from knoll.ops.linear_algebra.linear import linear
from knoll.plan.passes.fold_batch_norm import fold_batch_norm
from knoll.run.build import build
from knoll.run.compiled import CompiledProgram
from knoll.run.reference import ReferenceProgram
from normalised import arrays_for, normalised

SLIDE = {"stride": (1, 1), "padding": ((1, 1), (1, 1)), "dilation": (1, 1), "groups": 1}


@machines
@pytest.mark.parametrize(("biased", "affine"), [(True, True), (False, True), (True, False), (False, False)])
@pytest.mark.parametrize("groups", [1, 4])
def test_remembered_statistics_fold_into_the_convolution(
    machine: Machine, biased: bool, affine: bool, groups: int
) -> None:
    x, w = value("float64", 2, 4, 9, 9), value("float64", 20, 4 // groups, 3, 3)
    bias = [value("float64", 20)] if biased else []
    others, y = normalised(conv2d(x, w, *bias, **SLIDE | {"groups": groups}), False, affine, "float64")
    graph = Graph((x, w, *bias, *others), (y,))
    program = build(graph, (), machine)
    assert isinstance(program, CompiledProgram)
    assert not any("batch_norm" in step.kernel.title for step in program.plan.forward[0].steps)
    arrays = arrays_for(graph)
    for _ in range(2):  # other parameters, other weights
        np.testing.assert_allclose(
            program.forward(arrays)[0][0], ReferenceProgram(graph).forward(arrays)[0][0], atol=1e-11
        )
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
