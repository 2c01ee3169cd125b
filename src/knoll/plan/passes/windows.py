"""Windows that are taken for samples stay an axis behind the samples: (n · k, …) is computed as (n, k, …).

Window attention cuts an image into k windows, `x.reshape(n * k, rows, c)`, and puts them together again. Kernels go
sample by sample, and another number of samples would cut the network in pieces. Linear layers, softmax, products and
elementwise operations do not mind one more axis in front.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from knoll.graph import Graph, Node, Shape, Value
from knoll.graph.rebuild import rebuilt
from knoll.graph.role import BY_ELEMENT
from knoll.ops.activation.softmax import log_softmax, safe_softmax, softmax
from knoll.ops.indexing.index import frozen, pick, take, thawed
from knoll.ops.linear_algebra.linear import linear, matmul
from knoll.ops.reduction.extreme import amax, amin, extreme_dx
from knoll.ops.reduction.reduce import expand, mean, sum_
from knoll.ops.shapes.pad import pad
from knoll.ops.shapes.reshape import concatenate, convert, permute, reshape, split, stop_gradient

Attributes = dict[str, Any]


def windows_to_axis(graph: Graph) -> Graph:
    """The graph with windows as an axis of their own, where that leaves fewer changes of the number of samples."""
    before = _changes(graph)
    if not before:
        return graph
    after = rebuilt(graph, _Windows().rule)
    return after if _changes(after) < before else graph


def _changes(graph: Graph) -> int:
    """How many reshapes change the first axis of what is computed."""
    reshapes = (node for node in graph.nodes if node.op is reshape)
    return sum(_begins(node.inputs[0].spec.shape, node.specs[0].shape) > 0 for node in reshapes)


def _begins(given: Shape, made: Shape) -> int:
    """How many windows a reshape makes of each sample: its first axis takes something of the axes behind the first."""
    if len(given) < 2 or not made or not given[0] or made[0] <= given[0] or made[0] % given[0]:
        return 0
    return made[0] // given[0]


def _shifted(axes: tuple[int, ...], rank: int) -> tuple[int, ...] | None:
    """Axes with one more behind the samples; None if the samples are among them."""
    positive = tuple(axis % rank for axis in axes)
    return tuple(axis + 1 for axis in positive) if 0 not in positive else None


def _shifted_axis(node: Node) -> Attributes | None:
    shifted = _shifted((node.attributes["axis"],), node.inputs[0].spec.rank)
    return node.attributes | {"axis": shifted[0]} if shifted else None


def _shifted_axes(node: Node) -> Attributes | None:
    shifted = _shifted(node.attributes["axes"], node.inputs[0].spec.rank)
    return node.attributes | {"axes": shifted} if shifted is not None else None


def _permuted(node: Node) -> Attributes | None:
    first, *others = node.attributes["axes"]
    return {"axes": (0, 1, *(axis + 1 for axis in others))} if first == 0 else None


def _picked(node: Node) -> Attributes | None:
    key = thawed(node.attributes["key"])
    entries = key if isinstance(key, tuple) else (key,)
    if entries[0] is Ellipsis:
        return node.attributes
    whole = isinstance(entries[0], slice) and entries[0] == slice(None)
    return {"key": frozen((slice(None), *entries))} if whole else None


def _padded(node: Node) -> Attributes | None:
    first, *others = node.attributes["padding"]
    return node.attributes | {"padding": (first, (0, 0), *others)} if first == (0, 0) else None


# For each operation on samples its attributes where each has windows; all operands with samples have them
ATTRIBUTES: dict[str, Callable[[Node], Attributes | None]] = {
    **{op.name: _shifted_axis for op in (softmax, safe_softmax, log_softmax, concatenate, split)},
    **{op.name: _shifted_axes for op in (sum_, mean, amax, amin, extreme_dx, take)},
    **{op.name: lambda node: node.attributes for op in (linear, matmul, stop_gradient, convert)},
    permute.name: _permuted,
    pick.name: _picked,
    pad.name: _padded,
}
SHARED_OPERANDS = frozenset({linear, take})  # that share all but the first of their operands


@dataclass(eq=False)
class _Windows:
    """The values that are computed with windows as an axis of their own, (n, k, …)."""

    split: dict[Value, Value] = field(default_factory=dict)

    def rule(self, node: Node, new: dict[Value, Value]) -> tuple[Value, ...] | None:
        """The results of a node in their own shapes; those with windows are remembered as they are computed."""
        if node.op is reshape:
            return self._reshaped(node, new)
        made = self._computed(node, new) if any(value in self.split for value in node.inputs) else None
        return None if made is None else self._whole(node, made)

    def _whole(self, node: Node, made: tuple[Value, ...]) -> tuple[Value, ...]:
        self.split.update(zip(node.outputs, made, strict=True))
        return tuple(reshape(value, shape=spec.shape) for value, spec in zip(made, node.specs, strict=True))

    def _reshaped(self, node: Node, new: dict[Value, Value]) -> tuple[Value, ...] | None:
        """A reshape that makes windows, keeps them, or joins them to samples again."""
        (x,), shape = node.inputs, node.specs[0].shape
        source = self.split.get(x, new[x])
        n = source.spec.shape[0] if source.spec.shape else 0
        count = _begins(source.spec.shape, shape)
        if count and x.spec.is_float and (x in self.split or x.node is not None):
            return self._whole(node, (reshape(source, shape=(n, count, *shape[1:])),))
        return (reshape(source, shape=shape),) if x in self.split and shape[:1] == (n,) else None

    def _computed(self, node: Node, new: dict[Value, Value]) -> tuple[Value, ...] | None:
        """The results of a node computed with windows; None where that is not known."""
        (front, *others) = {self.split[value].spec.shape[:2] for value in node.inputs if value in self.split}
        if others:
            return None
        if node.op.formula is not None:
            operands = [self._operand(value, node, new) for value in node.inputs]
            attributes = node.attributes if node.roles == BY_ELEMENT or _are_alike(node) else None
        else:
            shares = node.op in SHARED_OPERANDS
            operands = [
                new[value] if shares and place else self.split.get(value) for place, value in enumerate(node.inputs)
            ]
            attributes = ATTRIBUTES[node.op.name](node) if node.op.name in ATTRIBUTES else self._expanded(node, front)
        given = [operand for operand in operands if operand is not None]
        if attributes is None or len(given) < len(operands):
            return None
        return node.op.node(*given, **attributes).outputs

    def _expanded(self, node: Node, front: Shape) -> Attributes | None:
        """The attributes of an expansion along axes of each window."""
        shape = node.specs[0].shape
        shifted = _shifted(node.attributes["axes"], len(shape)) if node.op is expand else None
        return None if shifted is None else node.attributes | {"shape": (*front, *shape[1:]), "axes": shifted}

    def _operand(self, value: Value, node: Node, new: dict[Value, Value]) -> Value | None:
        """An operand of an elementwise node: with windows, or what all of them share."""
        if value in self.split:
            return self.split[value]
        shape = value.spec.shape
        if len(shape) < node.specs[0].rank:
            return new[value]
        return reshape(new[value], shape=(1, *shape)) if shape[0] == 1 else None


def _are_alike(node: Node) -> bool:
    """Whether all operands have the shape of the result."""
    return all(value.spec.shape == node.specs[0].shape for value in node.inputs)
