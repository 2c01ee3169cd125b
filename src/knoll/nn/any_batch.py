"""The graphs of a module for other numbers of samples than those it was traced with.

What is the same for each sample gives graphs that differ in the number of samples alone. A module is traced with a few
numbers; a family of graphs is made of two of the traces, and has to have the others too.
"""

from __future__ import annotations

import warnings
from abc import ABC, abstractmethod
from collections.abc import Callable, Collection, Hashable, Iterable
from dataclasses import dataclass, replace
from typing import Any, ClassVar

import numpy as np

from knoll.errors import KnollError
from knoll.graph import Array, Graph, Node, Op, Spec, Value
from knoll.graph.rebuild import copy_nodes
from knoll.nn.structure import Structure
from knoll.ops.reduction.reduce import expand
from knoll.tensor import Tensor
from knoll.tensor.record import Recorder

MOST = 1 << 16  # samples that a trace may have because of a slice
MANY = 126  # samples of the largest trace, beside four times those of the example: more than most limits


@dataclass(frozen=True)
class Trace:
    """The graph of a module for so many samples, the tensors it begins with, and how what it takes and gives is built.

    The examples are the leaves numbered in `given`, in order. So many operations were `recorded`, those included on
    which no result depends.
    """

    samples: int
    graph: Graph
    leaves: tuple[Tensor, ...]
    given: tuple[int, ...]
    takes: Structure
    gives: Structure
    recorded: int


class TooLongError(Exception):
    """A trace of more operations than are worth it."""


class Tracer(Recorder):
    """The recording of a trace, of at most so many operations."""

    def __init__(self, most: int | None) -> None:
        super().__init__(traces=True)
        self._most = most

    def _node(self, op: Op, operands: tuple[Value, ...], attributes: dict[str, Hashable]) -> Node:
        if self._most is not None and len(self._nodes) >= self._most:
            raise TooLongError
        return super()._node(op, operands, attributes)


class NotAFamilyError(Exception):
    """Traces that do not differ in the number of samples alone."""


@dataclass(frozen=True)
class Family(ABC):
    """The graphs of a module, made of two traces of it, the first of which has more samples.

    `batched` are the examples that have them.
    """

    one: Trace
    two: Trace
    batched: tuple[int, ...]
    unit: int = 1  # of which the number of samples is a multiple
    is_one_program: ClassVar[bool]  # whether machine code for one of the graphs computes all of them

    @abstractmethod
    def at(self, samples: int) -> Trace:
        """The trace with so many samples. Raises NotAFamilyError, KnollError."""

    def has(self, trace: Trace | Exception) -> bool:
        """Whether this is the trace that the family has for its number of samples."""
        if isinstance(trace, Exception) or trace.samples % self.unit:
            return False
        try:
            own = self.at(trace.samples)
        except (NotAFamilyError, KnollError, ValueError, IndexError):
            return False
        other = self._in_form(trace)
        if other is None or own.given != other.given or own.gives != other.gives:
            return False
        if _operations(own.graph) != _operations(other.graph):
            return False
        return all(
            place in own.given or _same_numbers(a, b)
            for place, (a, b) in enumerate(zip(own.leaves, other.leaves, strict=True))
        )

    def _in_form(self, trace: Trace) -> Trace | None:
        """A trace in the form that those of the family have."""
        return trace if len(trace.leaves) == len(self.one.leaves) else None


class Rebatched(Family):
    """Operations of each sample by itself, or of all: their attributes follow by `Op.rebatched`.

    A leaf with a row for each sample, all alike, is that row, which is repeated.
    """

    is_one_program = True

    def at(self, samples: int) -> Trace:
        trace = self._in_form(self.one)
        if trace is None:
            raise NotAFamilyError
        batched = [trace.given[number] for number in self.batched]
        graph = with_samples(trace.graph, batched, samples) if batched else trace.graph
        return replace(trace, samples=samples, graph=graph)

    def _in_form(self, trace: Trace) -> Trace | None:
        if len(trace.leaves) != len(self.one.leaves):
            return None
        rows = {}
        for place, (a, b) in enumerate(zip(self.one.leaves, self.two.leaves, strict=True)):
            if place not in self.one.given and a.shape != b.shape:
                row = _row(trace.leaves[place], trace.samples)
                if row is None:
                    return None
                rows[place] = row
        return _repeating(trace, rows) if rows else trace


class Interpolated(Family):
    """Operations whose attributes, and leaves whose numbers, are linear in the number of samples."""

    is_one_program = False

    def at(self, samples: int) -> Trace:
        one, two = self.one, self.two
        if len(one.graph.nodes) != len(two.graph.nodes) or len(one.leaves) != len(two.leaves):
            raise NotAFamilyError
        leaves = tuple(
            Tensor._over(unread(self._linear(a.shape, b.shape, samples), a._dtype))
            if place in one.given
            else self._numbers(a, b, samples)
            for place, (a, b) in enumerate(zip(one.leaves, two.leaves, strict=True))
        )
        inputs = [Value(Spec(leaf.shape, leaf._dtype)) for leaf in leaves]
        new = dict(zip(one.graph.inputs, inputs, strict=True))
        counterparts = dict(zip(one.graph.nodes, two.graph.nodes, strict=True))

        def rule(node: Node, new: dict[Value, Value]) -> tuple[Value, ...]:
            other = counterparts[node]
            if node.op is not other.op or node.attributes.keys() != other.attributes.keys():
                raise NotAFamilyError
            known = node.attributes.items()
            attributes = {name: self._linear(value, other.attributes[name], samples) for name, value in known}
            return node.op.node(*(new[value] for value in node.inputs), **attributes).outputs

        copy_nodes(one.graph.nodes, new, rule)
        graph = Graph(tuple(inputs), tuple(new[value] for value in one.graph.outputs))
        return replace(one, samples=samples, graph=graph, leaves=leaves)

    def _linear(self, a: Any, b: Any, samples: int) -> Any:
        """An attribute for so many samples, of what it is in the two traces."""
        if type(a) is not type(b):
            raise NotAFamilyError
        if isinstance(a, tuple) and len(a) == len(b):
            return tuple(self._linear(x, y, samples) for x, y in zip(a, b, strict=True))
        if a == b or (a != a and b != b):
            return a
        if type(a) is float:
            return a + (b - a) / self._difference * (samples - self.one.samples)
        if type(a) is not int or (b - a) * self.unit % self._difference:
            raise NotAFamilyError
        return a + (b - a) * (samples - self.one.samples) // self._difference

    @property
    def _difference(self) -> int:
        return self.two.samples - self.one.samples

    def _numbers(self, a: Tensor, b: Tensor, samples: int) -> Tensor:
        """A leaf for so many samples: the same, with numbers that follow, or one that goes on evenly along one axis."""
        x, y = a._realize(), b._realize()
        if x.shape == y.shape:
            return a if a is b else Tensor._over(self._between(x, y, samples))
        shape = self._linear(x.shape, y.shape, samples)
        (axis, *more) = (axis for axis in range(x.ndim) if x.shape[axis] != y.shape[axis])
        if more or min(x.shape[axis], y.shape[axis]) < 2 or shape[axis] < 0:
            raise NotAFamilyError
        rows, others = np.moveaxis(x, axis, 0), np.moveaxis(y, axis, 0)
        step = np.zeros_like(rows[0]) if x.dtype == np.bool_ else rows[1] - rows[0]
        for way in (rows, others):
            if not _equal(way, _progression(way[0], step, len(way))):
                raise NotAFamilyError
        found = _progression(self._between(rows[0], others[0], samples), step, shape[axis])
        return Tensor._over(np.ascontiguousarray(np.moveaxis(found, 0, axis)))

    def _between(self, x: Array, y: Array, samples: int) -> Array:
        """Numbers for so many samples, of what they are in the two traces."""
        if x.dtype == np.bool_ or _equal(x, y):
            return x
        whole = (y - x) * (samples - self.one.samples)
        step = whole / self._difference if x.dtype.kind == "f" else whole // self._difference
        return np.asarray(x + step.astype(x.dtype))


def _progression(begin: Array, step: Array, count: int) -> Array:
    if not step.any():
        return np.broadcast_to(begin, (count, *begin.shape))
    places = np.arange(count).astype(begin.dtype).reshape(-1, *(1,) * begin.ndim)
    return np.asarray(begin + places * step)


def unread(shape: tuple[int, ...], dtype: Any) -> Array:
    """An array whose numbers nobody reads, without memory for each."""
    return np.broadcast_to(np.zeros((), dtype), shape)


def _equal(a: Array, b: Array) -> bool:
    return np.array_equal(a, b, equal_nan=a.dtype.kind == "f")


def _same_numbers(a: Tensor, b: Tensor) -> bool:
    return a is b or (a._dtype == b._dtype and _equal(a._realize(), b._realize()))


def _row(leaf: Tensor, samples: int) -> Tensor | None:
    """The row that a leaf has for each sample, if all are alike."""
    array = leaf._realize()
    if array.shape[:1] != (samples,) or not samples or not _equal(array, np.broadcast_to(array[:1], array.shape)):
        return None
    return Tensor._over(array[:1].copy())


def _repeating(trace: Trace, rows: dict[int, Tensor]) -> Trace:
    """A trace that begins with these rows in place of leaves with one for each sample."""
    leaves = tuple(rows.get(place, leaf) for place, leaf in enumerate(trace.leaves))
    inputs = [
        Value(Spec(leaf.shape, leaf._dtype)) if place in rows else value
        for place, (leaf, value) in enumerate(zip(leaves, trace.graph.inputs, strict=True))
    ]
    new = dict(zip(trace.graph.inputs, inputs, strict=True))
    for place in rows:
        value = trace.graph.inputs[place]
        new[value] = expand(inputs[place], shape=value.spec.shape, axes=(0,), scale=1.0)
    copy_nodes(trace.graph.nodes, new)
    graph = Graph(tuple(inputs), tuple(new[value] for value in trace.graph.outputs))
    return replace(trace, graph=graph, leaves=leaves)


def _operations(graph: Graph) -> tuple[list[Any], ...]:
    """What begins, what is done to what, and what comes out.

    Without attributes that follow from the number of samples.
    """
    nodes = [
        (
            node.op.name,
            [graph.numbers[value] for value in node.inputs],
            node.attributes if node.op.rebatched is None else node.per_sample,
            node.specs,
        )
        for node in graph.nodes
    ]
    return [value.spec for value in graph.inputs], nodes, [graph.numbers[value] for value in graph.outputs]


def with_samples(graph: Graph, batched: Collection[int], samples: int) -> Graph:
    """The same operations for so many samples in the inputs numbered in `batched`."""
    before = graph.inputs[min(batched)].spec.shape[0]
    inputs = [
        Value(Spec((samples, *value.spec.shape[1:]), value.spec.dtype) if index in batched else value.spec)
        for index, value in enumerate(graph.inputs)
    ]
    new = dict(zip(graph.inputs, inputs, strict=True))

    def rule(node: Node, new: dict[Value, Value]) -> tuple[Value, ...] | None:
        if node.op.rebatched is None:
            return None
        read = tuple(new[value] for value in node.inputs)
        return node.op.node(*read, **node.op.rebatched(node, read, before, samples)).outputs

    copy_nodes(graph.nodes, new, rule)
    return Graph(tuple(inputs), tuple(new[value] for value in graph.outputs))


TraceOf = Callable[[int, int | None], Trace]  # of a number of samples, of at most so many operations


@dataclass(frozen=True)
class BatchSizes:
    """The batch sizes that a module takes: those of a family, or that of the example alone.

    `of_one` is what the module does with one sample, where that is something else.
    """

    family: Family | None
    of_one: Trace | Exception | None = None


def batch_sizes(trace_of: TraceOf, example: Trace, batched: tuple[int, ...]) -> BatchSizes:
    """The batch sizes that a module takes, found by tracing it with as few others as show it.

    These are one sample, an even number and a large odd one; two samples and three where one sample is something else,
    or less than a slice takes; multiples of the example's where these differ.
    """
    if not batched:
        return BatchSizes(Rebatched(example, example, ()))
    attempt, n = _Trials(trace_of, example), example.samples
    sizes = {size for node in example.graph.nodes for spec in node.specs for size in spec.shape}
    longest = max((limit for node in example.graph.nodes for limit in _limits(node)), default=0)
    for unit in (1, n) if n > 1 else (1,):
        few = example if n % (2 * unit) == 0 or unit > 1 else attempt(2)
        if isinstance(few, Exception):
            continue
        large = max(4 * n + MANY, 2 * longest) // unit | 1  # odd
        many = attempt(_first_free(range(large * unit, 1 << 30, 2 * unit), sizes), few.recorded)
        if isinstance(many, Exception):
            continue
        for family in (Rebatched(many, few, batched, unit), Interpolated(many, few, batched, unit)):
            if not family.has(few) or (n > 1 and not family.has(example)):
                continue
            if unit > 1:
                return BatchSizes(family if family.has(attempt(2 * n)) else None)
            alone = attempt(1)
            is_one_of_it = family.has(alone)
            if (is_one_of_it and not longest) or (family.has(attempt(2)) and family.has(attempt(3))):
                return BatchSizes(family, None if is_one_of_it else alone)
    return BatchSizes(None)


class _Trials:
    """The traces of a module by the number of samples, or what it raised."""

    def __init__(self, trace_of: TraceOf, example: Trace) -> None:
        self._trace_of = trace_of
        self._found: dict[int, Trace | Exception] = {example.samples: example}

    def __call__(self, samples: int, most: int | None = None) -> Trace | Exception:
        """The trace with so many samples, of at most so many operations: a loop over the samples would record many."""
        if samples not in self._found:
            try:
                with warnings.catch_warnings(action="ignore"):  # nobody asked for so many samples
                    self._found[samples] = self._trace_of(samples, most)
            except Exception as error:  # noqa: BLE001 (whatever a forward raises that is written for the example's number)
                self._found[samples] = error
        return self._found[samples]


def _limits(node: Node) -> list[int]:
    """Places on the first axis that an operation names: there may be fewer samples, or more."""
    key = node.attributes.get("key")
    flat = [part for entry in (key or ())[1:2] for part in (entry if isinstance(entry, tuple) else (entry,))]
    return [abs(part) for part in flat if type(part) is int and abs(part) < MOST]


def _first_free(numbers: Iterable[int], taken: Collection[int]) -> int:
    """The first of the numbers that is not taken: no axis is mistaken for the samples."""
    return next(number for number in numbers if number not in taken)
