"""What a compiled graph gives against what is meant."""

from __future__ import annotations

from typing import Any

import numpy as np

from knoll.graph import Graph, Spec, Value, gradient
from knoll.machine import NAMED, Machine, host
from knoll.ops.elementwise import add
from knoll.plan.rewrite import rewritten
from knoll.run.build import compiled
from knoll.run.compiled import Compiled
from knoll.run.reference import Reference

MACHINES = [m for m in NAMED.values() if m.vector_bytes <= host().vector_bytes]
TOLERANCE = {"float32": 2e-5, "float64": 1e-12}


def value(dtype: str, *shape: int) -> Value:
    """An input of a graph."""
    return Value(Spec(shape, np.dtype(dtype)))


def arrays_for(graph: Graph) -> list[np.ndarray[Any, Any]]:
    """Numbers around zero; weights are smaller the more of them are summed."""
    generator = np.random.default_rng(0)
    weights = {node.inputs[1] for node in graph.nodes if node.op.name in ("conv2d", "linear")}
    return [
        (generator.standard_normal(v.spec.shape) / (np.prod(v.spec.shape[1:]) ** 0.5 if v in weights else 1)).astype(
            v.spec.dtype
        )
        for v in graph.inputs
    ]


def in_machine_code(graph: Graph, wanted: tuple[int, ...], machine: Machine) -> Compiled:
    """The program of a graph, be it worth machine code or not."""
    program = compiled(rewritten(graph), wanted, machine)
    assert program is not None, "no kernel for this graph"
    return program


def check(graph: Graph, machine: Machine, loosely: float = 1) -> None:
    """Compiled equals meaning: outputs, with and without gradient, and the gradients of all inputs."""
    wanted = tuple(range(len(graph.inputs)))
    arrays, generator = arrays_for(graph), np.random.default_rng(1)
    program, meaning = in_machine_code(graph, wanted, machine), Reference(graph, gradient(graph, wanted, add))
    (mine,), saved = program.forward(arrays)
    (truth,), known = meaning.forward(arrays)
    close(mine, truth, loosely)
    seed = generator.standard_normal(truth.shape).astype(truth.dtype)
    for one, other in zip(program.backward(saved, [seed]), meaning.backward(known, [seed]), strict=True):
        close(one, other, loosely)
    close(in_machine_code(graph, (), machine).forward(arrays)[0][0], truth, loosely)


def close(mine: np.ndarray[Any, Any], truth: np.ndarray[Any, Any], loosely: float = 1) -> None:
    """Equal but for rounding."""
    scale = max(float(np.abs(truth).max()), 1e-3)
    assert mine.shape == truth.shape
    np.testing.assert_allclose(mine, truth, rtol=0, atol=loosely * TOLERANCE[truth.dtype.name] * scale)
