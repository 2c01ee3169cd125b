"""Arrays side by side and apart again, parameters too, compiled, against the meaning."""

from __future__ import annotations

from weakref import ref

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from against_meaning import (
    arrays_for,
    check,
    elements,
    examples,
    in_machine_code,
    machines,
    same_with_any_threads,
    value,
)
from knoll.graph import Graph
from knoll.kernels.layout.copy import Copy
from knoll.machine import Machine, host
from knoll.ops.activation.relu_sigmoid_tanh import tanh
from knoll.ops.convolution.conv import conv2d
from knoll.ops.elementwise.arithmetic import add
from knoll.ops.linear_algebra.linear import linear
from knoll.ops.shapes.reshape import concatenate, permute, split
from knoll.run.stamp import Identity
from planned import plan_of, steps_of

SLIDE = {"stride": (1, 1), "padding": ((1, 1), (1, 1)), "dilation": (1, 1), "groups": 1}


@machines
@examples(6)
@given(st.lists(st.integers(1, 40), min_size=1, max_size=4), st.integers(1, 4), st.integers(1, 4))
def test_images(machine: Machine, channels: list[int], h: int, w: int) -> None:
    parts = [value("float64", 3, c, h, w) for c in channels]
    check(Graph(tuple(parts), (tanh(concatenate(*map(tanh, parts), axis=1)),)), machine)


@machines
@pytest.mark.parametrize("first", [3, 12, 32])
@pytest.mark.parametrize("second", [5, 200, 421])
def test_channels_that_begin_within_a_block_are_copied_by_few_nests(machine: Machine, first: int, second: int) -> None:
    parts = [value("float32", 2, c, 3, 5) for c in (first, second)]
    graph = Graph(tuple(parts), (tanh(concatenate(*map(tanh, parts), axis=1)),))
    check(graph, machine)
    copies = [step.kernel for step in steps_of(plan_of(graph)) if isinstance(step.kernel, Copy)]
    assert len(copies) >= 2
    assert max(len(kernel.nests) for kernel in copies) <= 4


@machines
@pytest.mark.parametrize("shape", [(3, 5), (3, 17), (2, 3, 7)])
def test_rows(machine: Machine, shape: tuple[int, ...]) -> None:
    parts = [value("float64", *shape), value("float64", *shape)]
    check(Graph(tuple(parts), (concatenate(*parts, axis=1),)), machine)


@machines
def test_shortcut_beside_a_convolution(machine: Machine) -> None:
    """As in a U-Net: what went down joins what comes up, and both are read by a convolution with padding."""
    x, w, v = value("float64", 2, 5, 6, 7), value("float64", 12, 5, 3, 3), value("float64", 4, 17, 3, 3)
    check(Graph((x, w, v), (conv2d(concatenate(x, conv2d(x, w, **SLIDE), axis=1), v, **SLIDE),)), machine)


@machines
@elements
@pytest.mark.parametrize(("shape", "axis"), [((3, 40), 1), ((3, 9, 2, 5), 1), ((2, 3, 9), 2), ((2, 9, 17), 1)])
@pytest.mark.parametrize("early", [False, True])
def test_parts(shape: tuple[int, ...], axis: int, early: bool, dtype: str, machine: Machine) -> None:
    x = value(dtype, *shape)
    parts = split.node(tanh(x) if early else x, axis=axis, sizes=(2, shape[axis] - 3, 1)).outputs
    check(Graph((x,), (*map(tanh, parts), parts[1])), machine)


@machines
def test_parts_of_what_is_turned_round(machine: Machine) -> None:
    x = value("float32", 3, 5, 6, 17)
    parts = split.node(permute(x, axes=(0, 2, 1, 3)), axis=1, sizes=(2, 2, 2)).outputs
    check(Graph((x,), (add(add(parts[0], tanh(parts[1])), parts[2]),)), machine)


@machines
@elements
def test_a_parameter_comes_apart(dtype: str, machine: Machine) -> None:
    x, w, b = value(dtype, 3, 5), value(dtype, 9, 5), value(dtype, 9)
    ws, bs = (split.node(each, axis=0, sizes=(4, 5)).outputs for each in (w, b))
    graph = Graph((x, w, b), tuple(linear(x, *each) for each in zip(ws, bs, strict=True)))
    check(graph, machine)
    program, arrays = in_machine_code(graph, (0, 1, 2), host()), arrays_for(graph)

    def run() -> list[np.ndarray]:
        results, saved = program.forward(arrays)
        return [*results, *program.backward(saved, [np.sin(result) for result in results])]

    same_with_any_threads(run)


@elements
def test_a_part_may_be_a_result(dtype: str) -> None:
    x, w = value(dtype, 3, 5), value(dtype, 9, 5)
    parts = split.node(w, axis=0, sizes=(4, 5)).outputs
    graph = Graph((x, w), (linear(x, parts[0]), parts[1]))
    program, arrays = in_machine_code(graph, (), host()), arrays_for(graph)
    identities = [Identity(is_parameter=True) for _ in arrays]
    stamps = [(ref(identity), 0) for identity in identities]
    for _ in range(2):  # weights that have not changed are laid out once
        results, _ = program.forward(arrays, stamps)
        np.testing.assert_array_equal(results[1], arrays[1][4:])
