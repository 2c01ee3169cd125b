"""Numbers that kernels use as places in memory: what is checked is what is read, whatever the caller does meanwhile."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

import knoll
from against_meaning import value
from knoll import nn
from knoll.errors import KnollError, LabelError
from knoll.graph import Array, Graph, Value
from knoll.graph.spec import Spec
from knoll.machine import host
from knoll.ops.differentiate import differentiate
from knoll.ops.linear_algebra.linear import linear
from knoll.ops.loss.cross_entropy import cross_entropy
from knoll.run.build import compile_graph
from knoll.run.compiled import CompiledProgram

FAR = 1 << 50


def classifier() -> tuple[CompiledProgram, list[Array]]:
    x, weights, labels = value("float32", 6, 8), value("float32", 5, 8), Value(Spec((6,), np.dtype("int64")))
    graph = Graph((x, weights, labels), (cross_entropy(linear(x, weights), labels),))
    program = compile_graph(graph, differentiate(graph, (0, 1)).wrt, host())
    assert program is not None
    draw = np.random.default_rng(0)
    arrays = [draw.standard_normal(v.spec.shape).astype(np.float32) for v in (x, weights)]
    return program, [*arrays, draw.integers(0, 5, 6)]


def test_labels_that_change_after_the_check_are_not_read() -> None:
    program, arrays = classifier()
    labels = arrays[-1]
    outputs, saved = program.forward(arrays)
    dy = [np.ones(outputs[0].shape, np.float32)]
    truth = [*outputs, *program.backward(saved, dy)]

    def changing(limit: Any) -> Any:
        def rule(copy: Array, *among: Any) -> None:
            limit.rule(copy, *among)
            labels[:] = FAR

        return replace(limit, rule=rule)

    program.index_checks = tuple(map(changing, program.index_checks))
    outputs, saved = program.forward(arrays)
    for mine, true in zip([*outputs, *program.backward(saved, dy)], truth, strict=True):
        np.testing.assert_array_equal(mine, true)
    assert (labels == FAR).all()


def test_a_bound_program_reads_what_it_has_checked() -> None:
    unpool, x = nn.MaxUnpool2d(2), knoll.randn(2, 3, 4, 4)
    pooled, indices = nn.functional.max_pool2d(x, 2, return_indices=True)
    net = nn.Sequential(nn.Conv2d(3, 3, 1))
    program = knoll.compile(lambda x, places: net(unpool(x, places)), pooled, indices)
    arrays = pooled.numpy(), indices.numpy().copy()
    truth = program(*arrays)
    np.testing.assert_array_equal(program(*arrays), truth)
    arrays[1][0, 0, 0, 0] = FAR
    with pytest.raises(KnollError, match="Found an invalid max index"):
        program(*arrays)


def test_labels_that_the_network_computes_are_checked_too() -> None:
    """The indices of a pooling are numbers of the right type and shape, and may name no class."""

    class Odd(nn.Module):
        def forward(self, scores: knoll.Tensor, x: knoll.Tensor) -> knoll.Tensor:
            _, indices = nn.functional.max_pool2d(x, 2, return_indices=True)
            return nn.functional.nll_loss(scores, indices)

    scores, x = knoll.randn(2, 16, 3, 2, 2), knoll.randn(2, 3, 4, 4)
    _, indices = nn.functional.max_pool2d(x, 2, return_indices=True)
    truth = -np.take_along_axis(scores.numpy(), indices.numpy()[:, None], axis=1).mean()
    np.testing.assert_allclose(float(Odd()(scores, x)), truth, rtol=1e-5)
    with pytest.raises(LabelError, match="is out of bounds"):
        Odd()(scores[:, :2], x)
