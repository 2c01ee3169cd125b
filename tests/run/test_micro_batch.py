"""Micro-batches: larger for a single step, and where Winograd's weights are many and images small; results
do not depend on them.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from knoll.graph import Graph, Spec, Value
from knoll.machine import NAMED, host
from knoll.ops.activation.relu_sigmoid_tanh import relu
from knoll.ops.activation.softmax import softmax
from knoll.ops.convolution.conv import conv2d, meaning
from knoll.ops.linear_algebra.linear import linear
from knoll.ops.normalisation.batch_norm import batch_norm, batch_statistics
from knoll.plan.lower import lower
from knoll.run.build import compile_graph
from knoll.run.compiled import CompiledProgram
from knoll.run.micro_batch import micro_batch_of, preferred_samples
from knoll.run.threads import get_num_threads, set_num_threads

SLIDE: dict[str, Any] = {"stride": (1, 1), "padding": ((1, 1), (1, 1)), "dilation": (1, 1), "groups": 1}


def program(channels: int, size: int) -> CompiledProgram:
    shapes = (8, channels, size, size), (channels, channels, 3, 3)
    x, w = (Value(Spec(shape, np.dtype("float32"))) for shape in shapes)
    y = conv2d(x, w, **SLIDE)
    return CompiledProgram(Graph((x, w), (y,)), lower(Graph((x, w), (y,)), frozenset({x, y}), NAMED["x86-64-v3"]), 1)


@pytest.mark.parametrize(("channels", "size", "most"), [(128, 4, 36), (512, 4, 8), (128, 7, 12), (64, 4, 4)])
def test_small_images_with_many_weights_make_it_larger(channels: int, size: int, most: int) -> None:
    assert micro_batch_of(program(channels, size).plan) == most


def test_a_single_step_takes_more_samples() -> None:
    x = Value(Spec((8, 1000), np.dtype("float32")))
    graph = Graph((x,), (softmax(x, axis=1),))
    assert micro_batch_of(lower(graph, frozenset({x, *graph.outputs}), NAMED["x86-64-v3"])) == 16


@pytest.mark.parametrize(("elements", "most"), [(1, 2048), (10, 204), (1000, 16)])
def test_samples_of_few_numbers_go_together(elements: int, most: int) -> None:
    x = Value(Spec((8, elements), np.dtype("float32")))
    graph = Graph((x,), (relu(x),))
    assert micro_batch_of(lower(graph, frozenset({x, *graph.outputs}), NAMED["x86-64-v3"])) == most


@pytest.mark.parametrize("samples", [1, 63, 1000, 5000, 40001])
def test_samples_of_few_numbers_have_equal_results_on_any_number_of_threads(
    samples: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    x, w, v = (Value(Spec(shape, np.dtype("float32"))) for shape in ((samples, 2), (16, 2), (1, 16)))
    graph = Graph((x, w, v), (linear(relu(linear(x, w)), v),))
    generator = np.random.default_rng(0)
    arrays = [generator.standard_normal(value.spec.shape).astype(np.float32) for value in graph.inputs]
    program = compile_graph(graph, (0, 1, 2), host())
    assert program is not None
    results = []
    for threads in (1, 2, 3, 4):
        monkeypatch.setattr(program, "threads", lambda _, threads=threads: threads)
        outputs, saved = program.forward(arrays)
        results.append([*outputs, *program.backward(saved, [np.cos(outputs[0])])])
    for result in results[1:]:
        for one, other in zip(results[0], result, strict=True):
            np.testing.assert_array_equal(one, other)


@pytest.mark.parametrize("threads", [1, 2])
@pytest.mark.parametrize("samples", [1, 2, 7, 16, 19, 40])
def test_all_samples_are_computed(threads: int, samples: int) -> None:
    before, generator = get_num_threads(), np.random.default_rng(0)
    shapes = (samples, 128, 4, 4), (128, 128, 3, 3)
    x, w = (generator.standard_normal(shape).astype(np.float32) for shape in shapes)
    set_num_threads(threads)
    try:
        (y,), _ = program(128, 4).forward([x, w])
    finally:
        set_num_threads(before)
    np.testing.assert_allclose(y, meaning(x, w, **SLIDE)[0], rtol=1e-3, atol=1e-3)


def test_a_phase_whose_weights_are_many_takes_more_samples(monkeypatch: pytest.MonkeyPatch) -> None:
    """A deep layer behind a batch normalisation: 64 samples share a pass over its weights, in groups of as many."""
    x, first, second = (
        Value(Spec(s, np.dtype("float32"))) for s in ((150, 32, 8, 8), (256, 32, 1, 1), (256, 256, 3, 3))
    )
    inner = conv2d(x, first, **SLIDE | {"stride": (2, 2), "padding": ((0, 0), (0, 0))})
    mean, variance, _ = batch_statistics.node(inner).outputs
    y = conv2d(batch_norm(inner, mean, variance, epsilon=1e-5, own=True), second, **SLIDE)
    results = {}
    generator = np.random.default_rng(0)
    arrays = [generator.standard_normal(v.spec.shape).astype(np.float32) for v in (x, first, second)]
    seed = [generator.standard_normal(y.spec.shape).astype(np.float32)]
    for threads in (1, 2):
        program = compile_graph(Graph((x, first, second), (y,)), (0, 1, 2), host())
        assert program is not None
        assert [preferred_samples(phase) for phase in program.plan.forward if phase.by_samples] == [1, 64]
        monkeypatch.setattr(program, "threads", lambda _, threads=threads: threads)
        outputs, saved = program.forward(arrays)
        results[threads] = [*outputs, *program.backward(saved, seed)]
    for one, two in zip(results[1], results[2], strict=True):
        np.testing.assert_array_equal(one, two)
