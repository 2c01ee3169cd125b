"""Networks with an operation that has no kernel: in segments, with the same results."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from knoll.graph import Graph, Spec, Value
from knoll.machine import host
from knoll.ops.activation.relu_sigmoid_tanh import relu
from knoll.ops.convolution.conv import conv2d
from knoll.ops.differentiate import differentiate
from knoll.ops.elementwise.arithmetic import divide, exp, multiply, sin, subtract
from knoll.ops.normalisation.batch_norm import batch_norm, batch_statistics
from knoll.ops.reduction.reduce import mean
from knoll.ops.shapes.reshape import reshape, stop_gradient
from knoll.run.build import build
from knoll.run.compiled import CompiledProgram
from knoll.run.partitioned import PartitionedProgram
from knoll.run.reference import ReferenceProgram, reference_program


def value(*shape: int) -> Value:
    return Value(Spec(shape, np.dtype(np.float64)))


def convolved(x: Value, w: Value) -> Value:
    return conv2d(x, w, stride=(1, 1), padding=((1, 1), (1, 1)), dilation=(1, 1), groups=1)


def scaled() -> Graph:
    """A convolution, a learned scale for each row (whose gradient has no kernel), another convolution."""
    x, w, scale, v = value(2, 3, 8, 8), value(8, 3, 3, 3), value(8, 1), value(4, 8, 3, 3)
    return Graph((x, w, scale, v), (convolved(relu(multiply(convolved(x, w), scale)), v),))


def computed_weight() -> Graph:
    """A weight that is itself computed."""
    x, w = value(2, 4, 8, 8), value(4, 4, 3, 3)
    return Graph((x, w), (mean(convolved(x, exp(w)), axes=(1, 3), keep=False),))


def normalised() -> Graph:
    """Statistics, through which no gradient goes, cut off from what they are for."""
    x = value(4, 3, 5, 6)
    average, variance, _ = batch_statistics.node(x).outputs
    return Graph((x,), (batch_norm(x, sin(average), variance, epsilon=1e-5, own=True),))


def standardised() -> Graph:
    """Two convolutions whose weights are divided by their sizes."""
    x, w, v = value(2, 3, 8, 8), value(8, 3, 3, 3), value(4, 8, 3, 3)

    def standard(weight: Value) -> Value:
        return divide(weight, exp(mean(multiply(weight, weight), axes=(1, 2, 3), keep=True)))

    return Graph((x, w, v), (convolved(relu(convolved(x, standard(w))), standard(v)),))


def centred() -> Graph:
    """A convolution less its mean over the batch."""
    x, w = value(2, 3, 8, 8), value(8, 3, 3, 3)
    y = convolved(x, w)
    return Graph((x, w), (relu(subtract(y, mean(y, axes=(0,), keep=True))),))


@pytest.mark.parametrize("make", [scaled, computed_weight, normalised, standardised, centred])
def test_segments_equal_the_meaning(make: Any) -> None:
    graph = make()
    wrt = tuple(range(len(graph.inputs)))
    program = build(graph, wrt, host())
    assert isinstance(program, PartitionedProgram)
    reference = ReferenceProgram(graph, differentiate(graph, wrt))
    generator = np.random.default_rng(0)
    arrays = [generator.standard_normal(v.spec.shape) for v in graph.inputs]
    (mine,), saved = program.forward(arrays)
    (truth,), known = reference.forward(arrays)
    np.testing.assert_allclose(mine, truth, atol=1e-11)
    seed = [generator.standard_normal(truth.shape)]
    for d, t in zip(program.backward(saved, seed), reference.backward(known, seed), strict=True):
        np.testing.assert_allclose(d, t, atol=1e-10)


def test_what_weights_are_made_of_runs_before_the_layers() -> None:
    program = build(standardised(), (), host())
    assert isinstance(program, PartitionedProgram)
    assert [type(each.program) for each in program.partitions] == [ReferenceProgram, CompiledProgram]


def test_a_part_as_large_as_the_whole_is_not_cut_again() -> None:
    """A learned scale that is a result too has no kernel for its gradient; the convolution stops gradients."""
    x, w, scale = value(2, 8, 4, 4), value(4, 8, 3, 3), value(8)
    wide = reshape(scale, shape=(8, 1, 1))
    y = multiply(x, wide)
    graph = Graph((x, w, scale), (stop_gradient(convolved(relu(y), w)), wide, y))
    program = build(graph, (2,), host())
    generator = np.random.default_rng(0)
    arrays = [generator.standard_normal(v.spec.shape) for v in graph.inputs]
    for made, meant in zip(program.infer(arrays), reference_program(graph, ()).infer(arrays), strict=True):
        np.testing.assert_allclose(made, meant, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("wrt", [(), (0, 1)])
def test_what_runs_apart_is_machine_code_too(wrt: tuple[int, ...]) -> None:
    program = build(centred(), wrt, host())
    convolutions = [part for part in program.compiled_programs() if any(n.op is conv2d for n in part.graph.nodes)]
    assert len(convolutions) == 1
