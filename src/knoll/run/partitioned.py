"""Partitioned programs: nodes that have kernels run compiled, the others in NumPy, partition after partition.

A single operation without a kernel therefore does not slow down the rest of a network.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from knoll.graph import Array, Graph, Node, Value
from knoll.graph.rebuild import copy_nodes
from knoll.ops.differentiate import differentiate
from knoll.ops.shapes.reshape import stop_gradient
from knoll.run.program import Program

if TYPE_CHECKING:
    from knoll.run.compiled import CompiledProgram
    from knoll.run.stamp import Stamp


@dataclass(frozen=True, eq=False)
class Partition:
    """Some nodes of a graph as a program of their own.

    It reads `reads` and computes `gives`; `wrt` numbers the values in `reads` that get a gradient.
    """

    program: Program
    reads: tuple[Value, ...]
    gives: tuple[Value, ...]
    wrt: tuple[int, ...]


@dataclass(frozen=True, eq=False)
class PartitionedProgram:
    """Partitions, run in order forward and in reverse order backward."""

    graph: Graph
    partitions: tuple[Partition, ...]
    wrt: tuple[int, ...]

    @property
    def gives_views(self) -> bool:
        """Meanings in NumPy may give views."""
        return True

    def infer(self, arrays: Sequence[Array], stamps: Sequence[Stamp | None] = ()) -> list[Array]:
        """The outputs."""
        return self._outputs(arrays, stamps, lambda program, *given: program.infer(*given))

    def forward(self, arrays: Sequence[Array], stamps: Sequence[Stamp | None] = ()) -> tuple[list[Array], list[object]]:
        """The outputs, and the saved context of each partition."""
        saved = []

        def run(program: Program, *given: Any) -> list[Array]:
            results, kept = program.forward(*given)
            saved.append(kept)
            return results

        return self._outputs(arrays, stamps, run), saved

    def _outputs(
        self, arrays: Sequence[Array], stamps: Sequence[Stamp | None], run: Callable[..., list[Array]]
    ) -> list[Array]:
        """The outputs, where `run(program, arrays, stamps)` gives those of a partition."""
        known = dict(zip(self.graph.inputs, [np.asarray(array, order="C") for array in arrays], strict=True))
        stamp = dict(zip(self.graph.inputs, stamps, strict=False))
        for partition in self.partitions:
            given = [known[value] for value in partition.reads]
            results = run(partition.program, given, [stamp.get(value) for value in partition.reads])
            known.update(zip(partition.gives, results, strict=True))
        return [known[value] for value in self.graph.outputs]

    def backward(self, saved: Sequence[object], doutputs: Sequence[Array], keep: bool = False) -> list[Array]:
        """The gradient of each input in `wrt`; gradients of a value that several partitions read are added."""
        gradients: dict[Value, Array] = {}

        def receive(value: Value, dvalue: Array) -> None:
            gradients[value] = gradients[value] + dvalue if value in gradients else dvalue

        for value, dvalue in zip(self.graph.outputs, doutputs, strict=True):
            receive(value, dvalue)
        for partition, kept in zip(reversed(self.partitions), reversed(saved), strict=True):
            if partition.wrt:
                given = [
                    gradients[v] if v in gradients else np.zeros(v.spec.shape, v.spec.dtype) for v in partition.gives
                ]
                results = partition.program.backward(kept, given, keep)
                for index, dvalue in zip(partition.wrt, results, strict=True):
                    receive(partition.reads[index], dvalue)
        return [gradients[self.graph.inputs[index]] for index in self.wrt]

    def compiled_programs(self) -> Iterator[CompiledProgram]:
        """The compiled programs of all partitions."""
        for partition in self.partitions:
            yield from partition.program.compiled_programs()


def partitioned(
    graph: Graph, wrt: tuple[int, ...], groups: list[list[Node]], build: Callable[[Graph, tuple[int, ...]], Program]
) -> PartitionedProgram:
    """The partitioned program with one partition for each group of nodes."""
    active = differentiate(graph, wrt).active
    partitions = []
    for position, nodes in enumerate(groups):
        inside = set(nodes)
        later = {value for group in groups[position + 1 :] for node in group for value in node.inputs} | set(
            graph.outputs
        )
        reads = tuple(dict.fromkeys(v for node in nodes for v in node.inputs if v.node not in inside))
        gives = tuple(v for node in nodes for v in node.outputs if v in later)
        part = _copy(nodes, reads, gives, active)
        part_wrt = _differentiable(part, [index for index, value in enumerate(reads) if value in active])
        partitions.append(Partition(build(part, part_wrt), reads, gives, part_wrt))
    return PartitionedProgram(graph, tuple(partitions), wrt)


def _differentiable(part: Graph, wanted: Sequence[int]) -> tuple[int, ...]:
    """Those of the wanted inputs that a gradient reaches: an operation may give none for an operand."""
    return differentiate(part, tuple(wanted)).wrt if wanted else ()


def _copy(nodes: list[Node], reads: tuple[Value, ...], gives: tuple[Value, ...], active: frozenset[Value]) -> Graph:
    """The nodes as a graph of its own; results that no gradient reaches in the whole graph stop gradients."""
    new = {value: Value(value.spec) for value in reads}
    copy_nodes(nodes, new)
    results = (
        new[value] if value in active or not value.spec.is_float else stop_gradient(new[value]) for value in gives
    )
    return Graph(tuple(new[value] for value in reads), tuple(results))
