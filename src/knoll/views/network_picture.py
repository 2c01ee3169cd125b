"""A network as a graph of its layers: shortcuts and skips as edges, shapes and parameters in the boxes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import count

from knoll.analysis import Call, Trace, trace, written
from knoll.analysis.trace import Step
from knoll.analysis.unchanged import copy_if_lazy
from knoll.draw import Node, Role, Scene, network
from knoll.draw.text import Words
from knoll.errors import KnollError
from knoll.graph import Value
from knoll.graph.shapes import shape_text
from knoll.messages import sentence
from knoll.nn import Module
from knoll.nn.inspection import Input
from knoll.views.rows import is_told_whole

MOST = 90  # boxes that are drawn; a larger network is drawn by its blocks

Unit = Call | Step
"""What has a box of its own: a call of a layer or of a block, or an operation."""


def network_picture(module: Module, *inputs: Input, depth: int | None = None) -> Scene:
    """The graph of a network for inputs of these shapes, from top to bottom.

    Modules within more than `depth` others are not told apart; without it as many levels are drawn as there is room
    for. Raises what the network raises.

    >>> from knoll import nn
    >>> from knoll.views import network_picture
    >>> scene = network_picture(nn.Sequential(nn.Conv2d(3, 8, 3), nn.ReLU()), (3, 8, 8))
    >>> "Conv2d(3, 8, 3)" in scene.svg(), "8×6×6" in scene.svg()
    (True, True)
    """
    found = _traced(copy_if_lazy(module), inputs)
    is_sample = all(isinstance(each, tuple | list) and len(each) <= 3 for each in inputs)
    drawn = _Drawn(found, is_sample, _deep_enough(found) if depth is None else depth)
    nodes, edges = drawn.graph()
    return network(nodes, edges, title=type(module).__name__)


def _traced(module: Module, inputs: Sequence[Input]) -> Trace:
    """In train mode, in which dropout is an operation, unless the network refuses it, as one sample may be too few."""
    try:
        return trace(module, *inputs, training=True)
    except KnollError:
        return trace(module, *inputs)


def _deep_enough(found: Trace) -> int:
    """The deepest level with few enough boxes."""
    for depth in count(1):
        units = len(set(_units(found, depth)))
        if units > MOST and depth > 1:
            return depth - 1
        if units == len(set(_units(found, depth + 1))):
            return depth
    raise AssertionError  # there is an end of levels


def _units(found: Trace, depth: int) -> Iterator[Unit]:
    """What each operation belongs to: the outermost of its modules that is drawn whole, else it is drawn itself."""
    chains: list[list[Call]] = []
    for call in found.calls:
        chains.append([*(chains[call.parent] if call.parent is not None else ()), call])
    for step in found.steps:
        outer = (call for level, call in enumerate(chains[step.call]) if is_told_whole(call) or level >= depth)
        yield next(outer, step)


@dataclass
class _Drawn:
    """A graph in the making."""

    trace: Trace
    is_sample: bool
    depth: int
    nodes: list[Node] = field(default_factory=list)
    edges: dict[tuple[int, int], None] = field(default_factory=dict)
    made: dict[Value, int] = field(default_factory=dict)

    def graph(self) -> tuple[list[Node], list[tuple[int, int]]]:
        """Boxes and edges: inputs first, then what computes, in order, then the outputs."""
        for value in self.trace.inputs:
            self.made[value] = self._box(Node(sentence("views.input"), (self._shape(value),), "input"))
        boxes: dict[Unit, int] = {}
        for step, unit in zip(self.trace.steps, _units(self.trace, self.depth), strict=True):
            if unit not in boxes:
                boxes[unit] = self._box(self._node(unit))
            self._join(step.node.inputs, boxes[unit])
            self.made.update(dict.fromkeys(step.node.outputs, boxes[unit]))
        for value in self.trace.outputs:
            end = self._box(Node(sentence("views.output"), (self._shape(value),), "output"))
            self._join((value,), end)
        return self.nodes, list(self.edges)

    def _box(self, node: Node) -> int:
        self.nodes.append(node)
        return len(self.nodes) - 1

    def _join(self, values: Sequence[Value], box: int) -> None:
        for value in values:
            start = self.made.get(self.trace.computed.get(value, value))
            if start is not None and start != box:
                self.edges[start, box] = None

    def _node(self, unit: Unit) -> Node:
        if isinstance(unit, Step):
            return Node(unit.node.op.name, (self._shape(unit.node.outputs[0]),))
        parameters = sum(parameter.numel() for parameter in unit.module.parameters())
        words = written(unit.module) if is_told_whole(unit) else unit.kind
        told: list[Words] = [unit.name] if unit.name else []
        told.append(self._shape(unit.outputs[0]) if unit.outputs else "")
        told += [sentence("views.parameters", count=parameters)] if parameters else []
        role: Role = "kernel" if parameters else "plain"
        return Node(words, tuple(told), role)

    def _shape(self, value: Value) -> str:
        return shape_text(value.spec.shape[1:] if self.is_sample else value.spec.shape)
