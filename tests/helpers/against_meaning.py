"""What a compiled graph gives against what is meant: on every machine of this kind, forward and backward."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
import pytest
from hypothesis import settings

from knoll.graph import Array, Graph, Spec, Value, evaluate
from knoll.machine import NAMED, Machine, host
from knoll.ops.differentiate import differentiate
from knoll.plan.passes import simplify
from knoll.run.build import compile_graph
from knoll.run.compiled import CompiledProgram
from knoll.run.reference import ReferenceProgram
from knoll.run.threads import get_num_threads, set_num_threads

MACHINES = [machine for machine in NAMED.values() if machine.vector_bytes <= host().vector_bytes]
# Of the largest number: some thousand terms summed in another order, exponentials to a unit in the last place.
TOLERANCE: Mapping[str, float] = {"float32": 2e-5, "float64": 1e-12}
USUAL = settings.get_profile("default").max_examples  # what counts of examples are given for

machines = pytest.mark.parametrize("machine", MACHINES, ids=lambda machine: machine.name)
elements = pytest.mark.parametrize("dtype", ["float32", "float64"])


def examples(count: int) -> settings:
    """So many examples for each machine and element type, every one of which is compiled; `thorough` draws more."""
    return settings(max_examples=count * settings.default.max_examples // USUAL, deadline=None)


def value(dtype: str, *shape: int) -> Value:
    """An input of a graph."""
    return Value(Spec(shape, np.dtype(dtype)))


def arrays_for(graph: Graph, seed: int = 0) -> list[Array]:
    """Numbers around zero; weights are smaller the more of them are summed."""
    generator = np.random.default_rng(seed)
    weights = {node.inputs[1] for node in graph.nodes if node.op.name in ("conv2d", "linear")}
    return [
        (generator.standard_normal(v.spec.shape) / (np.prod(v.spec.shape[1:]) ** 0.5 if v in weights else 1)).astype(
            v.spec.dtype
        )
        for v in graph.inputs
    ]


def floats(graph: Graph) -> tuple[int, ...]:
    """The inputs that may have a gradient."""
    return tuple(i for i, v in enumerate(graph.inputs) if v.spec.is_float)


def in_machine_code(graph: Graph, wrt: tuple[int, ...], machine: Machine) -> CompiledProgram:
    """The program of a graph, be it worth machine code or not."""
    program = compile_graph(simplify(graph, bool(wrt)), wrt, machine)
    assert program is not None, "no kernel for this graph"
    return program


def unsimplified(graph: Graph, machine: Machine) -> CompiledProgram:
    """The program of a graph as it is, without passes."""
    program = compile_graph(graph, (), machine)
    assert program is not None, "no kernel for this graph"
    return program


def check(
    graph: Graph,
    machine: Machine,
    arrays: list[Array] | None = None,
    *,
    wrt: tuple[int, ...] | None = None,
    tolerance: Mapping[str, float] = TOLERANCE,
    least: float = 1e-3,
) -> CompiledProgram:
    """Compiled equals meaning: outputs, the same without gradient, and the gradients of all inputs that have one."""
    wrt = differentiate(graph, floats(graph)).wrt if wrt is None else wrt
    arrays = arrays_for(graph) if arrays is None else arrays
    program, meaning = in_machine_code(graph, wrt, machine), ReferenceProgram(graph, differentiate(graph, wrt))
    outputs, saved = program.forward(arrays)
    truths, known = meaning.forward(arrays)
    generator = np.random.default_rng(1)
    seeds = [np.asarray(generator.standard_normal(truth.shape), truth.dtype) for truth in truths]
    gradients = program.backward(saved, seeds), meaning.backward(known, seeds)
    for mine, truth in zip((*outputs, *gradients[0]), (*truths, *gradients[1]), strict=True):
        close(mine, truth, tolerance, least)
    adds_otherwise = any(step.kernel.changing_bytes for phase in program.plan.phases for step in phase.steps)
    for alone, mine in zip(in_machine_code(graph, (), machine).forward(arrays)[0], outputs, strict=True):
        if adds_otherwise:  # weights that are trained are not packed, and summed in another order
            close(alone, mine, tolerance, least)
        else:
            np.testing.assert_array_equal(alone, mine)
    return program


def same_meaning(one: Graph, two: Graph) -> None:
    """Two graphs of the same inputs give the same numbers, to the last bit."""
    x = [np.random.default_rng(0).standard_normal(v.spec.shape) for v in one.inputs]
    for a, b in zip(evaluate(one, x), evaluate(two, x), strict=True):
        np.testing.assert_array_equal(a, b)


def check_twice(graph: Graph, machine: Machine) -> str:
    """Compiled equals meaning, twice in the same memory; the plan in words."""
    programs = [check(graph, machine, arrays_for(graph, seed)) for seed in range(2)]
    return repr(programs[1].plan)


def close(mine: Array, truth: Array, tolerance: Mapping[str, float] = TOLERANCE, least: float = 1e-3) -> None:
    """Equal but for rounding, which goes with the largest number; one below `least` counts as that much."""
    scale = max(float(np.abs(truth).max(initial=0)), least)
    assert (mine.shape, mine.dtype) == (truth.shape, truth.dtype)
    np.testing.assert_allclose(mine, truth, rtol=0, atol=tolerance[truth.dtype.name] * scale)


def same_with_any_threads(run: Callable[[], list[Array]]) -> list[Array]:
    """What `run` gives; to the last bit the same with one thread, with two, and with more than there are parts."""
    before, results = get_num_threads(), []
    try:
        for threads in (1, 2, 40):
            set_num_threads(threads)
            results.append(run())
    finally:
        set_num_threads(before)
    for other in results[1:]:
        for one, two in zip(results[0], other, strict=True):
            np.testing.assert_array_equal(one, two)
    return results[0]
