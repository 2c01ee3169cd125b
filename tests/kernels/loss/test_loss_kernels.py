"""Losses in machine code against their meaning: alone, over everything, and joined with a network."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from against_meaning import check, elements, examples, floats, in_machine_code, machines, same_with_any_threads, value
from knoll.graph import Array, Graph
from knoll.machine import Machine, host
from knoll.ops.elementwise.arithmetic import absolute, square, subtract
from knoll.ops.loss.binary_cross_entropy import logits_cross_entropy
from knoll.ops.loss.huber import huber, huber_slope
from knoll.run.build import compile_graph
from knoll.run.compiled import CompiledProgram
from losses import check_loss, classification, numbers, over_everything

Loss = Callable[[int, int, str], Graph]


def regression(shape: tuple[int, ...], dtype: str, reduction: str, squared: bool) -> Graph:
    x, y = value(dtype, *shape), value(dtype, *shape)
    return Graph((x, y), (over_everything((square if squared else absolute)(subtract(x, y)), reduction),))


@machines
@elements
@examples(7)
@given(
    st.one_of(
        st.tuples(st.integers(1, 20)),
        st.tuples(st.integers(1, 20), st.integers(1, 70)),
        st.tuples(st.integers(1, 5), st.integers(1, 9), st.integers(1, 17), st.integers(1, 17)),
    ),
    st.sampled_from(["mean", "sum"]),
    st.booleans(),
)
def test_differences(machine: Machine, dtype: str, shape: tuple[int, ...], reduction: str, squared: bool) -> None:
    check_loss(regression(shape, dtype, reduction, squared), machine)


@machines
@elements
@examples(4)
@given(
    st.sampled_from([(7,), (3, 37), (2, 3, 5, 7)]),
    st.sampled_from(["mean", "none"]),
    st.sampled_from(["huber", "smooth", "binary"]),
)
def test_losses_of_single_elements(
    machine: Machine, dtype: str, shape: tuple[int, ...], reduction: str, kind: str
) -> None:
    x, y = value(dtype, *shape), value(dtype, *shape)
    if kind == "binary":
        losses = logits_cross_entropy(x, y)
    else:
        losses = huber(subtract(x, y), delta=1.5, scale=1.0 if kind == "huber" else 1 / 1.5)
    graph = Graph((x, y), (over_everything(losses, reduction),))
    arrays = numbers(graph)
    check(graph, machine, [arrays[0], np.abs(arrays[1] / 10)])


@machines
@elements
def test_infinite_differences(machine: Machine, dtype: str) -> None:
    x = np.array([np.inf, -np.inf, np.nan, 1e30, 0, -0.5], dtype)
    for op in (huber, huber_slope):
        given_ = value(dtype, 1, len(x))
        program = compile_graph(Graph((given_,), (op(given_, delta=1.0, scale=2.0),)), (), machine)
        assert program is not None
        with np.errstate(all="ignore"):
            truth = op.meaning(x[None], delta=1.0, scale=2.0)[0]
        np.testing.assert_array_equal(program.forward([x[None]])[0][0], truth)


@machines
def test_long_samples_are_summed_in_stretches(machine: Machine) -> None:
    check_loss(regression((3, 5003), "float32", "mean", squared=True), machine)
    x = value("float32", 2, 1 << 20)
    program = compile_graph(Graph((x,), (over_everything(x, "mean"),)), (0,), machine)
    assert program is not None
    (mine,), _ = program.forward([np.full(x.spec.shape, 0.1, np.float32)])
    longest = 1024 / 4 + (1 << 20) / 1024  # additions one after the other, not the 2¹⁹ of a plain sum
    assert abs(float(mine) - 0.1) < 0.1 * longest * 2.0**-24


@machines
def test_one_program_serves_every_batch(machine: Machine) -> None:
    for reduction in ("mean", "sum"):
        programs = [compile_graph(classification(n, 10, "float32", reduction), (0,), machine) for n in (2, 3, 64)]
        assert len(set(programs)) == 1
        for n in (1, 2, 3, 64):
            check_loss(classification(n, 10, "float32", reduction), machine, 10)


def test_results_do_not_depend_on_threads() -> None:
    for graph in (classification(33, 37, "float32"), regression((33, 2100), "float32", "mean", squared=True)):
        program, arrays = in_machine_code(graph, floats(graph), host()), numbers(graph, 37)

        def run(program: CompiledProgram = program, arrays: list[Array] = arrays) -> list[Array]:
            outputs, saved = program.forward(arrays)
            return [*outputs, *program.backward(saved, [np.float32(1)])]

        same_with_any_threads(run)
