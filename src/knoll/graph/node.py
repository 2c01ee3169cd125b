"""Graphs: what is to be computed, with every shape known and no numbers.

`Value` is an array to come, `Node` the operation that makes it, `Graph` a set of inputs and outputs with all that lies
between them. All are frozen; a change is a new graph.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from typing import Any

from knoll.deferred import html_of
from knoll.graph.index_operand import IndexOperand
from knoll.graph.memory_limit import check, most_bytes, total
from knoll.graph.reads import Reads, broadcast, everything
from knoll.graph.role import BY_ELEMENT, Roles
from knoll.graph.spec import Array, Spec


def always(_: Node) -> bool:
    """True, whatever the attributes of a node are."""
    return True


def never(_: Node) -> bool:
    """False, whatever the attributes of a node are."""
    return False


def by_element(node: Node, result: int) -> tuple[Reads, ...]:
    """Each result depends on the elements at its own place; operands broadcast."""
    return tuple(broadcast(value.spec, node.specs[result].shape) for value in node.inputs)


@dataclass(frozen=True, eq=False)
class Op:
    """An operation, made of four functions.

    shape     specs and attributes → specs of the results; raises when they do not fit
    meaning   arrays and attributes → arrays, in plain NumPy: the definition
    gradient  node and the gradients of its results → the gradient of each input, or None
    cost      node → multiply-adds: the terms of all sums

    What the compiler must know of it besides:

    composition       operands and attributes → results by operations that have gradients, for one that has no rule
    formula           an elementwise operation for kernels, which evaluate it in registers: see `ops/formula.py`
    reads             node, number of a result → for each operand which of its elements a result may depend on, axis by
                      axis: how windows slide, what stays at its place (`graph/reads.py`). None: on all of them
    moves             whether a node only moves elements: each result is a copy of the one element that it reads, or
                      what padding puts in place of none
    looks_up          its results are elements of its first operand, at the places that its other operands hold
    weighs            whether the terms that a node's cost counts are multiplied; those of an average are only added
    roles             how operands and results relate to the samples of a batch; a function of the node where its
                      attributes decide. None: those of an elementwise operation if there is a formula, else no kernel
    direct            attributes → NumPy's function that gives the same results for operands of one type of floats
    copies            arrays and attributes → what its only result is made of, if that is copies: of each part of it the
                      place, and an array that broadcasts to it and is converted
    monotone          whether a node keeps the order of numbers, so that max pooling may go before it. Where it makes
                      unequal numbers equal (all negative ones, for ReLU) its slope is zero
    is_view           its result may lie in the memory of its first operand
    scales            an elementwise operation that multiplies its first operand by a function of the others
    folds_batch_norm  linear in each output channel: a batch normalisation behind it can go into weight and bias
    may_refuse        its meaning raises for some numbers; its formula gives NaN for them
    indices           the operand whose elements kernels use as addresses, and how it is checked; None without one
    per_sample        the attributes of a node that count where the number of samples does not
    rebatched         the attributes of a node for new operands and another number of samples, given the one before
    batching          how it is done for many examples at once: `graph/batching.py`. None: by element where it is, else
                      by its composition, else example by example

    An operation that is `worth_compiling` becomes machine code even alone, another one from `compiled_from` elements of
    its first input on; the rest is compiled with it, or runs in NumPy.
    """

    name: str
    shape: Callable[..., tuple[Spec, ...]]
    meaning: Callable[..., tuple[Array, ...]]
    gradient: Callable[..., tuple[Value | None, ...]] | None = None
    cost: Callable[[Node], int] = field(default=lambda _: 0)
    composition: Callable[..., tuple[Value, ...]] | None = None
    formula: Callable[..., Any] | None = None
    reads: Callable[[Node, int], tuple[Reads, ...]] | None = None
    moves: Callable[[Node], bool] = never
    looks_up: bool = False
    weighs: Callable[[Node], bool] = always
    roles: Roles | Callable[[Node], Roles] | None = None
    direct: Callable[..., Callable[..., Any]] | None = None
    copies: Callable[..., Sequence[tuple[Any, Array]]] | None = None
    monotone: Callable[[Node], bool] = never
    is_view: bool = False
    scales: bool = False
    folds_batch_norm: bool = False
    may_refuse: bool = False
    indices: Callable[[Node], IndexOperand | None] | None = None
    per_sample: Callable[[Node], dict[str, Any]] | None = None
    rebatched: Callable[[Node, tuple[Value, ...], int, int], dict[str, Any]] | None = None
    batching: Callable[..., tuple[Value, ...] | None] | None = None
    worth_compiling: bool = False
    compiled_from: float = math.inf

    @property
    def is_differentiable(self) -> bool:
        """Whether its results have gradients: by its rule, its composition or its formula."""
        return self.gradient is not None or self.composition is not None or self.formula is not None

    def is_worth_compiling(self, elements: int) -> bool:
        """Whether it is worth machine code alone, for a first input of so many elements."""
        return self.worth_compiling or elements >= self.compiled_from

    def results(self, *specs: Spec, **attributes: Hashable) -> tuple[Spec, ...]:
        """The specs of the results. Raises what `shape` raises, and OutOfMemoryError where they fit into no memory."""
        return self.fitting(total(), self.shape(*specs, **attributes))

    def fitting(self, most: int, results: tuple[Spec, ...]) -> tuple[Spec, ...]:
        """The specs of results that have at most so many bytes. Raises OutOfMemoryError for another."""
        for spec in () if self.is_view else results:
            check(spec.shape, spec.dtype, most)
        return results

    def node(self, *inputs: Value, **attributes: Hashable) -> Node:
        """A node that applies this operation, its result shapes worked out."""
        specs = _shapes(self, tuple([value.spec for value in inputs]), tuple(attributes.items()), most_bytes())
        return Node(self, inputs, attributes, specs)

    def __call__(self, *inputs: Value, **attributes: Hashable) -> Value:
        """The first result of a new node."""
        return self.node(*inputs, **attributes).outputs[0]

    def __repr__(self) -> str:
        return self.name


@lru_cache(maxsize=4096)
def _shapes(
    op: Op, specs: tuple[Spec, ...], attributes: tuple[tuple[str, Hashable], ...], most: int
) -> tuple[Spec, ...]:
    """The shapes of results, worked out once for each question: a network asks the same ones in every step."""
    return op.fitting(most, op.shape(*specs, **dict(attributes)))


@dataclass(frozen=True, eq=False)
class Value:
    """An array to come: result `index` of `node`, or an input of the graph."""

    spec: Spec
    node: Node | None = None
    index: int = 0

    @property
    def viewed(self) -> Value:
        """The value in whose memory this one may lie: what it is a view of, or itself."""
        value = self
        while value.node is not None and value.node.op.is_view:
            value = value.node.inputs[0]
        return value

    def __repr__(self) -> str:
        return f"{self.node.op if self.node else 'input'}:{self.spec}"


@dataclass(frozen=True, eq=False)
class Node:
    """One operation with its inputs and attributes."""

    op: Op
    inputs: tuple[Value, ...]
    attributes: dict[str, Any]
    specs: tuple[Spec, ...]

    @cached_property
    def outputs(self) -> tuple[Value, ...]:
        """The results."""
        return tuple(Value(spec, self, index) for index, spec in enumerate(self.specs))

    def reads(self, result: int = 0) -> tuple[Reads, ...]:
        """For each operand which of its elements each element of a result may depend on."""
        if self.op.reads is None:
            return tuple(everything(value.spec) for value in self.inputs)
        return self.op.reads(self, result)

    @property
    def is_worth_compiling(self) -> bool:
        """Whether it is worth machine code alone."""
        return self.op.is_worth_compiling(self.inputs[0].spec.size)

    @cached_property
    def roles(self) -> Roles | None:
        """How operands and results relate to the samples of a batch."""
        roles = self.op.roles
        if roles is None:
            return BY_ELEMENT if self.op.formula else None
        return roles if isinstance(roles, Roles) else roles(self)

    @cached_property
    def per_sample(self) -> dict[str, Any]:
        """The attributes that count where the number of samples does not."""
        return self.attributes if self.op.per_sample is None else self.op.per_sample(self)

    @property
    def moves(self) -> bool:
        """Whether it only moves elements, with its attributes."""
        return self.op.moves(self)

    @property
    def multiply_adds(self) -> int:
        """Multiply-adds; none where elements are only moved or added."""
        return self.op.cost(self) if self.op.weighs(self) and not self.moves else 0

    @property
    def is_monotone(self) -> bool:
        """Whether it keeps the order of numbers, with its attributes."""
        return self.op.monotone(self)

    def __repr__(self) -> str:
        return f"{self.op}{list(self.inputs)}"


@dataclass(frozen=True, eq=False)
class Graph:
    """Inputs, outputs, and the nodes that lead from one to the other."""

    inputs: tuple[Value, ...]
    outputs: tuple[Value, ...]

    @cached_property
    def nodes(self) -> tuple[Node, ...]:
        """Every node that an output needs, each after the nodes it reads."""
        return topological(self.outputs)

    @cached_property
    def numbers(self) -> dict[Value, int]:
        """Each value by its number: inputs first, then results in order."""
        values = [*self.inputs, *(value for node in self.nodes for value in node.outputs)]
        return {value: number for number, value in enumerate(values)}

    @cached_property
    def key(self) -> GraphKey:
        """Equal for graphs that compute the same from the same shapes."""
        number = self.numbers
        nodes = tuple(
            (node.op.name, tuple(number[v] for v in node.inputs), key_of(node.attributes)) for node in self.nodes
        )
        return GraphKey((tuple(v.spec for v in self.inputs), nodes, tuple(number[v] for v in self.outputs)))

    @cached_property
    def readers(self) -> dict[Value, list[Node]]:
        """The nodes that read each value."""
        readers: dict[Value, list[Node]] = {}
        for node in self.nodes:
            for value in node.inputs:
                readers.setdefault(value, []).append(node)
        return readers

    @property
    def is_worth_compiling(self) -> bool:
        """Whether a node is worth machine code alone; the others are compiled with it."""
        return any(node.is_worth_compiling for node in self.nodes)

    @property
    def cost(self) -> int:
        """Multiply-adds of all nodes."""
        return sum(node.op.cost(node) for node in self.nodes)

    def _repr_html_(self) -> str | None:
        return html_of("views.graph_display", "graph_html", self)

    def __repr__(self) -> str:
        number = self.numbers
        lines = [f"%{number[v]} = input {v.spec}" for v in self.inputs]
        for node in self.nodes:
            results = ", ".join(f"%{number[v]}" for v in node.outputs)
            words = [*(f"%{number[v]}" for v in node.inputs), *(f"{k}={v}" for k, v in node.attributes.items())]
            lines.append(f"{results} = {node.op}({', '.join(words)}) {', '.join(map(str, node.specs))}")
        return "\n".join([*lines, "return " + ", ".join(f"%{number[v]}" for v in self.outputs)])


class GraphKey:
    """The key of a graph, which is long: its hash is worked out once, and so is that it equals another one."""

    __slots__ = ("_hash", "_parts")

    def __init__(self, parts: Hashable) -> None:
        self._parts, self._hash = parts, hash(parts)

    def __hash__(self) -> int:
        return self._hash

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, GraphKey) or (self._parts is not other._parts and self._parts != other._parts):
            return False
        self._parts = other._parts
        return True


def key_of(attributes: Mapping[str, Hashable]) -> Hashable:
    """Attributes as a key, which tells apart 0.0, -0.0 and False, as == does not."""
    items = tuple(sorted(attributes.items()))
    return (items, repr(items)) if 0 in attributes.values() else items


def topological(outputs: Iterable[Value]) -> tuple[Node, ...]:
    """The nodes behind `outputs`, inputs before readers; iterative, so that depth is no limit."""
    order: dict[Node, None] = {}
    stack = [(value.node, False) for value in reversed(tuple(outputs)) if value.node]
    while stack:
        node, inputs_done = stack.pop()
        if node in order:
            continue
        if inputs_done:
            order[node] = None
        else:
            stack.append((node, True))
            stack.extend((value.node, False) for value in reversed(node.inputs) if value.node)
    return tuple(order)


def evaluate(graph: Graph, arrays: Sequence[Array]) -> list[Array]:
    """The outputs of a graph, each node computed by its plain `meaning`."""
    known: dict[Value, Array] = dict(zip(graph.inputs, arrays, strict=True))
    evaluate_nodes(graph.nodes, known)
    return [known[value] for value in graph.outputs]


def evaluate_nodes(nodes: Iterable[Node], known: dict[Value, Array]) -> None:
    """Add the results of nodes, each computed by its plain `meaning`, to the values that are known."""
    for node in nodes:
        results = node.op.meaning(*[known[value] for value in node.inputs], **node.attributes)
        known.update(zip(node.outputs, results, strict=True))
