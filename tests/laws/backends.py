"""One call of a layer, run in different ways: in machine code for one machine, in plain NumPy, or as Knoll chooses."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any

import numpy as np
import pytest

import knoll
from knoll import nn
from knoll.graph import Array, Graph, Node
from knoll.machine import NAMED, Machine, host
from knoll.plan.passes import simplify
from knoll.plan.roles.batch_axis import has_kernel
from knoll.run.build import compile_graph
from knoll.run.compiled import CompiledProgram
from knoll.run.partitioned import PartitionedProgram
from knoll.run.program import Program
from knoll.run.reference import ReferenceProgram, reference_program
from knoll.tensor import trace_cache

MACHINES = [machine for machine in NAMED.values() if machine.vector_bytes <= host().vector_bytes]
MACHINES += [replace(machine, multiply_adds=2) for machine in MACHINES if machine.vector_bytes == 64]

Backend = Callable[[Graph, tuple[int, ...]], Program]


class NoKernel(Exception):  # noqa: N818 (no fault, but an answer)
    """A graph that cannot run in machine code, with the operations that have no kernel."""


def in_machine_code(machine: Machine) -> Backend:
    """Every graph in machine code, or NoKernel."""

    def backend(graph: Graph, wrt: tuple[int, ...]) -> Program:
        graph = simplify(graph, bool(wrt))
        program = compile_graph(graph, wrt, machine)
        if program is None:
            raise NoKernel(", ".join(str(node.op) for node in graph.nodes if not has_kernel(node)) or str(graph))
        return program

    return backend


as_chosen: Backend = trace_cache.program_for
in_numpy: Backend = reference_program


@contextmanager
def built(backend: Backend) -> Iterator[list[Program]]:
    """Let every program inside be built in one way; gives them in the order in which they were asked for."""
    programs: list[Program] = []

    def program_for(graph: Graph, wrt: tuple[int, ...]) -> Program:
        programs.append(backend(graph, wrt))
        return programs[-1]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(trace_cache, "program_for", program_for)
        yield programs


@dataclass(frozen=True)
class Outcome:
    """What a call gave: its results, the gradients that `backward` left, the layer's buffers after it."""

    results: tuple[Array, ...]
    gradients: dict[str, Array]
    buffers: dict[str, Array]
    programs: list[Program]

    @property
    def terms(self) -> int:
        """How many terms the longest sum on the way has."""
        return max(map(terms_of, self.programs), default=1)

    @property
    def everything(self) -> dict[str, Array]:
        """All arrays by name."""
        return {f"result {i}": array for i, array in enumerate(self.results)} | self.gradients | self.buffers


def flat(result: Any) -> list[Any]:
    """The tensors of a result."""
    return [part for entry in result for part in flat(entry)] if isinstance(result, (tuple, list)) else [result]


def seed_for(result: Array) -> Array:
    """The same gradient for the same shape, each sample's the same in any batch."""
    each = (
        [np.random.default_rng(i).standard_normal(result.shape[1:]) for i in range(len(result))] if result.ndim else 1
    )
    return np.asarray(each).astype(result.dtype).reshape(result.shape)


def outcome(
    backend: Backend,
    layer: nn.Module,
    arrays: Sequence[Array],
    gradient: bool = True,
    seed: Array | None = None,
    call: Callable[..., Any] | None = None,
) -> Outcome:
    """Call a layer, or `call` with the layer's parameters, and go backward from the first result."""
    knoll.manual_seed(7)
    layer.zero_grad()
    inputs = [knoll.tensor(array, requires_grad=gradient and array.dtype.kind == "f") for array in arrays]
    with built(backend) as programs, knoll.set_grad_enabled(gradient):
        results = flat((call or layer)(*inputs))
        first = results[0]
        if gradient and first.requires_grad:
            first.backward(knoll.tensor(seed_for(first.detach().numpy()) if seed is None else seed))
    named: dict[str, Any] = {f"gradient of input {i}": tensor for i, tensor in enumerate(inputs)}
    named |= {f"gradient of {name}": parameter for name, parameter in layer.named_parameters()}
    found = Outcome(
        tuple(result.detach().numpy() for result in results),
        {name: tensor.grad.numpy().copy() for name, tensor in named.items() if tensor.grad is not None},
        {name: buffer.detach().numpy().copy() for name, buffer in layer.named_buffers()},
        programs,
    )
    layer.zero_grad()
    return found


def nodes_of(program: Program) -> Iterable[Node]:
    """Every operation of a program, backward too."""
    if isinstance(program, PartitionedProgram):
        return [node for segment in program.partitions for node in nodes_of(segment.program)]
    assert isinstance(program, (CompiledProgram, ReferenceProgram))
    both = program.differentiated if isinstance(program, ReferenceProgram) else None
    return (both.joint if both else program.graph).nodes


def terms_of(program: Program) -> int:
    """How many terms the longest sum of a program has."""

    def of(node: Node) -> int:
        work = max([node.op.cost(node), *(value.spec.size for value in node.inputs)])
        return -(-work // max(node.specs[0].size, 1))

    return max(map(of, nodes_of(program)), default=1)


def close(mine: Outcome, truth: Outcome, errors: Mapping[str, float] = MappingProxyType({})) -> None:
    """Equal up to rounding; `errors` is what rounding is known to do to some arrays.

    The rounding errors of a sum of n terms walk at random: in its own units of last place they grow as √n, and the
    results of different orders differ by a few of these. Numbers near zero are differences of numbers near one, as
    are all that go in, and are no more accurate than those.
    """
    assert mine.everything.keys() == truth.everything.keys()
    for name, expected in truth.everything.items():
        found = mine.everything[name]
        assert (found.shape, found.dtype) == (expected.shape, expected.dtype), name
        if expected.dtype.kind != "f":
            np.testing.assert_array_equal(found, expected, err_msg=name)
            continue
        scale = max(1.0, float(np.abs(expected).max(initial=0)))
        rounding = float(np.finfo(expected.dtype).eps) * max(mine.terms, truth.terms) ** 0.5 * scale
        np.testing.assert_allclose(found, expected, rtol=0, atol=16 * (rounding + errors.get(name, 0)), err_msg=name)


def same(mine: Outcome, other: Outcome) -> None:
    """Equal bit for bit."""
    assert mine.everything.keys() == other.everything.keys()
    for name, expected in other.everything.items():
        np.testing.assert_array_equal(mine.everything[name], expected, err_msg=name, strict=True)
