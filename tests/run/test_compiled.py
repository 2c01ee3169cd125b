"""Every kernel against the plain meaning: whole graphs, forward and gradients, over random configurations."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from against_meaning import check, close, elements, examples, machines, same_with_any_threads, value
from knoll.graph import Array, Graph, Value
from knoll.machine import Machine, host
from knoll.ops.activation.relu_sigmoid_tanh import relu, sigmoid, tanh
from knoll.ops.convolution.conv import conv2d
from knoll.ops.elementwise.arithmetic import multiply
from knoll.ops.linear_algebra.linear import linear
from knoll.ops.pooling.max_pool import max_pool2d
from knoll.ops.shapes.reshape import reshape
from knoll.run import packed
from knoll.run.build import build
from knoll.run.compiled import SavedContext
from knoll.run.reference import ReferenceProgram, reference_program


def numbers(graph: Graph, seed: int = 0) -> list[np.ndarray[Any, Any]]:
    """Normal numbers, weights scaled by their fan-in: a saturated tanh has a slope that is all rounding error."""
    generator = np.random.default_rng(seed)
    scales = [1.0, *(1 / np.sqrt(np.prod(v.spec.shape[1:])) for v in graph.inputs[1:])]
    drawn = [generator.standard_normal(v.spec.shape) for v in graph.inputs]
    return [(scale * array).astype(v.spec.dtype) for scale, array, v in zip(scales, drawn, graph.inputs, strict=True)]


def check_scaled(graph: Graph, machine: Machine) -> None:
    """Compiled equals meaning, with weights that keep numbers near one."""
    check(graph, machine, numbers(graph))


@st.composite
def convolutions(draw: st.DrawFn) -> dict[str, Any]:
    pair = lambda low, high: st.tuples(st.integers(low, high), st.integers(low, high))  # noqa: E731 (a strategy with two bounds)
    kernel, dilation = draw(pair(1, 5)), draw(pair(1, 3))
    padding = draw(st.tuples(pair(0, 3), pair(0, 3)))
    span = [d * (k - 1) + 1 for k, d in zip(kernel, dilation, strict=True)]
    least = [max(1, s - sum(p)) for s, p in zip(span, padding, strict=True)]
    size = [draw(st.integers(n, n + 12)) for n in least]
    return {
        "n": draw(st.integers(1, 6)),
        "c": draw(st.integers(1, 40)),
        "k": draw(st.integers(1, 40)),
        "size": size,
        "kernel": kernel,
        "slide": {"stride": draw(pair(1, 3)), "padding": padding, "dilation": dilation, "groups": 1},
        "bias": draw(st.booleans()),
    }


def convolution(dtype: str, c: dict[str, Any]) -> tuple[list[Value], Value]:
    inputs = [value(dtype, c["n"], c["c"], *c["size"]), value(dtype, c["k"], c["c"], *c["kernel"])]
    inputs += [value(dtype, c["k"])] if c["bias"] else []
    return inputs, conv2d(*inputs, **c["slide"])


@machines
@elements
@examples(9)
@given(convolutions())
def test_convolution(machine: Machine, dtype: str, configuration: dict[str, Any]) -> None:
    inputs, y = convolution(dtype, configuration)
    check_scaled(Graph(tuple(inputs), (y,)), machine)


@machines
@examples(10)
@given(
    convolutions(),
    st.tuples(st.integers(1, 3), st.integers(1, 3)),
    st.sampled_from([None, relu, sigmoid, tanh]),
    st.booleans(),
)
def test_convolution_and_pooling(
    machine: Machine, configuration: dict[str, Any], pool: tuple[int, int], activation: Any, late: bool
) -> None:
    inputs, y = convolution("float32", configuration)
    if min(a // b for a, b in zip(y.spec.shape[2:], pool, strict=True)) < 1:
        return
    y = activation(y) if activation and not late else y
    y = max_pool2d(y, kernel=pool, stride=pool, padding=(0, 0), dilation=(1, 1), ceil=False)
    y = activation(y) if activation and late else y
    check_scaled(Graph(tuple(inputs), (y,)), machine)


@st.composite
def poolings(draw: st.DrawFn) -> dict[str, Any]:
    pair = lambda low, high: st.tuples(st.integers(low, high), st.integers(low, high))  # noqa: E731 (a strategy with two bounds)
    kernel, dilation = draw(pair(1, 4)), draw(pair(1, 2))
    span = [d * (k - 1) + 1 for k, d in zip(kernel, dilation, strict=True)]
    padding = tuple(draw(st.integers(0, s // 2)) for s in span)
    size = [draw(st.integers(max(1, s - 2 * p), s + 9)) for s, p in zip(span, padding, strict=True)]
    slide = {
        "kernel": kernel,
        "stride": draw(pair(1, 4)),
        "padding": padding,
        "dilation": dilation,
        "ceil": draw(st.booleans()),
    }
    return {"shape": (draw(st.integers(1, 4)), draw(st.integers(1, 40)), *size), "slide": slide}


@machines
@examples(10)
@given(poolings())
def test_pooling(machine: Machine, configuration: dict[str, Any]) -> None:
    x = value("float32", *configuration["shape"])
    check_scaled(Graph((x,), (max_pool2d(x, **configuration["slide"]),)), machine)


@machines
@examples(10)
@given(st.integers(1, 9), st.integers(1, 70), st.integers(1, 70), st.booleans(), st.sampled_from([None, relu, tanh]))
def test_linear(machine: Machine, n: int, inputs: int, outputs: int, bias: bool, activation: Any) -> None:
    values = [value("float32", n, inputs), value("float32", outputs, inputs)] + [value("float32", outputs)] * bias
    y = linear(*values)
    check_scaled(Graph(tuple(values), (activation(y) if activation else y,)), machine)


def practice(n: int, dtype: str = "float32") -> Graph:
    """The practice network."""
    x = y = value(dtype, n, 3, 32, 32)
    parameters: list[Value] = []
    for c, k in ((3, 32), (32, 32), (32, 64)):
        parameters += [value(dtype, k, c, 5, 5), value(dtype, k)]
        y = conv2d(y, *parameters[-2:], stride=(1, 1), padding=((2, 2), (2, 2)), dilation=(1, 1), groups=1)
        y = max_pool2d(y, kernel=(2, 2), stride=(2, 2), padding=(0, 0), dilation=(1, 1), ceil=False)
    y = reshape(y, shape=(n, 1024))
    for c, k in ((1024, 64), (64, 10)):
        parameters += [value(dtype, k, c), value(dtype, k)]
        y = linear(y, *parameters[-2:])
    return Graph((x, *parameters), (y,))


@machines
@pytest.mark.parametrize("n", [1, 5, 70])
def test_practice_network(machine: Machine, n: int) -> None:
    """In float64: among so many float32 windows, rounding decides in one which of two pixels wins."""
    check_scaled(practice(n, "float64"), machine)
    graph = practice(n)
    arrays = numbers(graph)
    outputs, _ = build(graph, (), machine).forward(arrays)
    close(outputs[0], ReferenceProgram(graph).forward(arrays)[0][0])


def test_results_depend_neither_on_threads_nor_on_the_batch() -> None:
    graph = practice(33)
    program, arrays = build(graph, tuple(range(11)), host()), numbers(graph)
    seeds = numbers(Graph((value("float32", 33, 10),), ()))

    def run() -> list[Array]:
        outputs, saved = program.forward(arrays)
        return [*outputs, *program.backward(saved, seeds)]

    together = same_with_any_threads(run)[0]
    alone = [program.forward([arrays[0][i : i + 1], *arrays[1:]])[0][0] for i in range(33)]
    np.testing.assert_array_equal(np.concatenate(alone), together)


def test_images_reshaped_to_images_of_another_size() -> None:
    x, v, w = value("float32", 3, 3, 8, 6), value("float32", 8, 3, 1, 1), value("float32", 5, 4, 3, 3)
    slide: dict[str, Any] = {"stride": (1, 1), "padding": ((1, 1), (1, 1)), "dilation": (1, 1), "groups": 1}
    y = reshape(conv2d(x, v, **slide), shape=(3, 4, 16, 10))
    check_scaled(Graph((x, v, w), (relu(conv2d(y, w, **slide)),)), host())


@pytest.mark.parametrize("n", [1, 2])
def test_products_of_two_operands_that_are_both_repeated(n: int) -> None:
    """In a batch of one sample either could be taken for one that all samples share."""
    x, z, w = value("float32", n, 3), value("float32", n, 4), value("float32", 5, 12)
    outer = multiply(reshape(x, shape=(n, 3, 1)), reshape(z, shape=(n, 1, 4)))
    graph = Graph((x, z, w), (linear(reshape(outer, shape=(n, 12)), w),))
    arrays, seed = numbers(graph), np.ones((n, 5), np.float32)
    for wrt in ((), (2,), (0, 1, 2)):
        found = []
        for program in (build(graph, wrt, host()), reference_program(graph, wrt)):
            outputs, saved = program.forward(arrays)
            found.append([*outputs, *(program.backward(saved, [seed]) if wrt else [])])
        for ours, truth in zip(*found, strict=True):
            np.testing.assert_allclose(ours, truth, rtol=1e-5, atol=1e-5)


def test_nothing_is_released_when_python_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    """Results that outlive the modules of Knoll are freed when their names, as that of the lock, are None already."""
    graph = practice(1)
    _, saved = build(graph, (), host()).forward(numbers(graph))
    monkeypatch.setattr(packed, "memory_lock", None)
    assert isinstance(saved, SavedContext)
    saved.__del__(lambda: True)
    with pytest.raises(TypeError, match="context manager"):
        saved.__del__(lambda: False)
    monkeypatch.undo()
