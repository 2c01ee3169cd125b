"""Graphs for other numbers of samples, interpolated between two that were traced."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from knoll.graph import Array, Graph, Node, Spec, Value
from knoll.graph.rebuild import copy_nodes
from knoll.nn.tracing.family import Family, NotAFamilyError, same_elements
from knoll.nn.tracing.trace import Trace, placeholder
from knoll.tensor import Tensor


class Interpolated(Family):
    """Operations whose attributes, and leaves whose numbers, are linear in the number of samples."""

    is_one_program = False

    def at(self, samples: int) -> Trace:
        one, two = self.one, self.two
        if len(one.graph.nodes) != len(two.graph.nodes) or len(one.leaves) != len(two.leaves):
            raise NotAFamilyError
        leaves = tuple(
            Tensor._over(placeholder(self._linear(a.shape, b.shape, samples), a._dtype))
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
            if not same_elements(way, _progression(way[0], step, len(way))):
                raise NotAFamilyError
        found = _progression(self._between(rows[0], others[0], samples), step, shape[axis])
        return Tensor._over(np.ascontiguousarray(np.moveaxis(found, 0, axis)))

    def _between(self, x: Array, y: Array, samples: int) -> Array:
        """Numbers for so many samples, of what they are in the two traces."""
        if x.dtype == np.bool_ or same_elements(x, y):
            return x
        whole = (y - x) * (samples - self.one.samples)
        step = whole / self._difference if x.dtype.kind == "f" else whole // self._difference
        return np.asarray(x + step.astype(x.dtype))


def _progression(begin: Array, step: Array, count: int) -> Array:
    if not step.any():
        return np.broadcast_to(begin, (count, *begin.shape))
    places = np.arange(count).astype(begin.dtype).reshape(-1, *(1,) * begin.ndim)
    return np.asarray(begin + places * step)
