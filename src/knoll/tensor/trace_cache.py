"""The trace cache: the values and nodes of earlier recordings, and what follows from their results.

Source: Michie, "Memo" functions and machine learning, 1968.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.lib.array_utils import byte_bounds

from knoll.graph import Array, Graph, Node, Value
from knoll.graph.interned import Interned
from knoll.ops.batching import batched
from knoll.ops.reduction.reduce import is_copy
from knoll.run import Stamp, program_for
from knoll.tensor.autograd.gradient_edge import AutogradNode, reached
from knoll.tensor.base import TensorBase
from knoll.tensor.storage.memory import Memory


@dataclass(frozen=True, eq=False)
class CachedTrace:
    """What follows from the results of a recording: the graph behind them, and which of the leaves are its inputs.

    `may_alias` says of each result whether it may lie in the memory of an input. `wrt` has, by which inputs want a
    gradient, the numbers of those that get one. Of the inputs and the results in `copied` the graph makes a copy, which
    programs leave out: these arrays are copied, so that backward has the numbers of the copy when they change.
    `batches` has the graphs for many examples.
    """

    graph: Graph
    leaves: tuple[int, ...]
    may_alias: tuple[bool, ...]
    wrt: dict[tuple[bool, ...], tuple[int, ...]]
    copied: tuple[frozenset[int], frozenset[int]]
    batches: dict[tuple[frozenset[int], int], tuple[Graph, tuple[bool, ...]]]

    @classmethod
    def of(cls, outputs: tuple[Value, ...], values: Sequence[Value]) -> CachedTrace:
        """The trace of a recording with these results and the `values` of its leaves."""
        behind = {value for node in Graph((), outputs).nodes for value in node.inputs} | set(outputs)
        leaves = tuple(number for number, value in enumerate(values) if value in behind)
        may_alias = tuple(value.node is not None and value.node.op.is_view for value in outputs)
        graph = Graph(tuple(values[number] for number in leaves), outputs)
        sources = {node.inputs[0].viewed for node in graph.nodes if is_copy(node)}
        inputs = frozenset(place for place, value in enumerate(graph.inputs) if value in sources)
        results = frozenset(place for place, value in enumerate(outputs) if value.viewed in sources)
        return cls(graph, leaves, may_alias, {}, (inputs, results), {})

    def reached(self, wants: tuple[bool, ...]) -> tuple[int, ...]:
        """The inputs of the graph that a gradient arrives at, of those that want one."""
        wrt = self.wrt.get(wants)
        if wrt is None:
            wrt = self.wrt[wants] = reached(self.graph, tuple(i for i, wanted in enumerate(wants) if wanted))
        return wrt

    def batched(self, mapped: frozenset[int], size: int) -> tuple[Graph, tuple[bool, ...]]:
        """The graph for so many examples of the leaves that are `mapped`, and which outputs have one for each."""
        found = self.batches.get((mapped, size))
        if found is None:
            inputs = frozenset(place for place, leaf in enumerate(self.leaves) if leaf in mapped)
            found = self.batches[mapped, size] = batched(self.graph, inputs, size)
        return found

    def run(
        self,
        leaves: Sequence[TensorBase],
        arrays: Sequence[Array],
        stamps: Sequence[Stamp | None],
        wants_gradient: bool,
        written: Collection[Memory] = (),
    ) -> tuple[list[Array], AutogradNode | None]:
        """The results for these inputs, which have the numbers of `arrays`; their autograd node if it `wants_gradient`.

        `stamps` are those of the inputs, None of one whose numbers are not those of its array.

        What lies in the memories that will be `written` is copied where backward reads it.
        """
        wrt = self.reached(tuple([t._requires_grad for t in leaves])) if wants_gradient else ()
        program = program_for(self.graph, wrt)
        if wrt and written:
            arrays = [a.copy() if t._memory in written else a for a, t in zip(arrays, leaves, strict=True)]
        saved = None
        if wants_gradient:
            arrays = _copied(arrays, self.copied[0])
            results, saved = program.forward(arrays, stamps)
            results = _copied(results, self.copied[1])
        else:
            results = program.infer(arrays, stamps)
        if program.gives_views and True in self.may_alias:
            results = _without_aliases(self.may_alias, results, arrays)
        if not wants_gradient:
            return results, None
        sources = tuple([leaves[i]._edge or leaves[i] for i in wrt])
        return results, AutogradNode(self.graph, program, saved, wrt, sources, tuple(arrays) if wrt else ())


def _copied(arrays: Sequence[Array], places: Collection[int]) -> list[Array]:
    """The arrays, those at these places copied."""
    if not places:
        return list(arrays)
    return [array.copy() if place in places else array for place, array in enumerate(arrays)]


def _without_aliases(may_alias: Sequence[bool], arrays: Sequence[Array], inputs: Sequence[Array]) -> list[Array]:
    """Results that share no memory with an input or with each other, so that a change of one is a change of one."""
    starts, ends = np.array([byte_bounds(array) for array in (*arrays, *inputs)], np.uint64).T

    def shares(place: int) -> bool:
        """Whether an array meets another besides itself."""
        return int(((starts < ends[place]) & (ends > starts[place])).sum()) > 1

    return [
        array.copy() if may and shares(place) else array
        for place, (array, may) in enumerate(zip(arrays, may_alias, strict=True))
    ]


MOST_INTERNED = 1 << 14  # values, nodes and traces; beyond it all are dropped, as shapes change all the time


class _TraceCache:
    recordings: Interned[CachedTrace] = Interned()


def trace_cache() -> Interned[CachedTrace]:
    """The trace cache of all threads: what earlier recordings were made of."""
    if _TraceCache.recordings.size > MOST_INTERNED:
        _TraceCache.recordings = Interned()
    return _TraceCache.recordings


@dataclass(frozen=True, eq=False)
class Added:
    """Some leaves and nodes of a recording, to be added to another one at once: `numbers` are those of the leaves.

    `arrays` have what the leaves were.
    """

    leaves: tuple[TensorBase, ...]
    arrays: tuple[Array, ...]
    inputs: tuple[Value, ...]
    numbers: dict[int, int]
    nodes: frozenset[Node]

    @cached_property
    def values(self) -> frozenset[Value]:
        """What the nodes make."""
        return frozenset(value for node in self.nodes for value in node.outputs)

    def reads_only(self, values: tuple[Value, ...]) -> bool:
        """Whether the nodes read nothing but these values, the leaves and each other."""
        known = {*values, *self.inputs, *self.values}
        return all(operand in known for node in self.nodes for operand in node.inputs)
