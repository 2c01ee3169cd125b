"""Graph → Plan.

Operations that belong together share a kernel, every value gets a layout, every sum a way to be joined.
"""

from __future__ import annotations

from knoll.graph import Differentiated, Graph, Node, Value
from knoll.graph.role import PARAMETER
from knoll.kernels.copy import Copy, Nest
from knoll.kernels.kernel import KernelSpec
from knoll.kernels.layout import Images
from knoll.kernels.sums import JoinGroups
from knoll.machine import Machine
from knoll.plan import packing
from knoll.plan.draft import Draft
from knoll.plan.following import Following, behind
from knoll.plan.operations import Operation, operation_of
from knoll.plan.places import Places, images_of, value_name
from knoll.plan.plan import Buffer, Kind, Plan
from knoll.plan.pooling import poolable, wants_codes
from knoll.plan.views import View
from knoll.plan.when import PREPARE, Half, When


class Lowering:
    """One walk over the nodes of a graph, and what the steps of all operations share."""

    def __init__(self, graph: Graph, batch: frozenset[Value], later: frozenset[Node], machine: Machine) -> None:
        self.graph, self.batch, self.later, self.machine = graph, batch, later, machine
        self.element = next(v.spec.dtype.name for v in graph.inputs if v.spec.is_float)
        self.draft = Draft()
        self.places = Places(self.draft, machine, self.element)
        self.codes: dict[Value, Buffer] = {}
        self.again: list[tuple[Value, Buffer, When]] = []
        self.done: set[Node] = set()
        self.wholes: dict[Value, Buffer] = {}  # parameters and sums, as ordinary arrays
        self.views: dict[Value, View] = {}
        self.whens = self._whens()
        self.packed: dict[tuple[Value, tuple[Nest, ...]], Buffer] = {}

    # The walk

    def inputs(self) -> list[Buffer]:
        """Buffers for what the caller gives."""
        buffers = []
        for value in self.graph.inputs:
            images = images_of(value) if value in self.batch else None
            kind = Kind.BATCH if value in self.batch else Kind.CONSTANT
            size = images.size if images else value.spec.size
            buffer = self.draft.buffer(kind, value.spec.dtype.name, size, "input", images)
            buffers.append(buffer)
            if images:
                self.places.versions[value] = [buffer]
            else:
                self.wholes[value] = buffer
        return buffers

    def results(self, values: tuple[Value, ...], note: str, half: Half) -> list[Buffer]:
        """Buffers for what the caller takes; what it gave itself, or takes twice, is copied in the end."""
        buffers = []
        for value in values:
            images = images_of(value) if value in self.batch else None
            kind, size = (Kind.BATCH, images.size) if images else (Kind.RESULT, value.spec.size)
            buffers.append(self.draft.buffer(kind, value.spec.dtype.name, size, note, images))
            if value.node is None or value in self.places.outputs:
                made = When(half) if value.node is None else self.whens[value.node]
                self.again.append((value, buffers[-1], made))
            else:
                self.places.outputs[value] = buffers[-1]
        return buffers

    def _whens(self) -> dict[Node, When]:
        """The phase of each node: above the level of every sum it reads, unless it only reads sums."""
        whens: dict[Node, When] = {}
        for node in self.graph.nodes:
            by_samples = any(value in self.batch for value in (*node.inputs, *node.outputs))
            when = When(Half.BACKWARD if node in self.later else Half.FORWARD)
            for value in node.inputs:
                made = whens[value.node] if value.node is not None else PREPARE
                if made.half is when.half:
                    level = made.level + (by_samples and value not in self.batch)
                    when = When(when.half, max(when.level, level))
            if node.roles is not None and PARAMETER in node.roles.makes:
                when = PREPARE
            whens[node] = when if by_samples or when is PREPARE else when.joining
        return whens

    def walk(self) -> None:
        """Draft the steps of every node, phase by phase, and move outputs to where the caller wants them."""
        for node in self.graph.nodes:
            self._operation(node).announce(self, node)
        for when in sorted({*self.whens.values()}):
            self.places.when = when
            nodes = [node for node in self.graph.nodes if self.whens[node] == when]
            for node in nodes:
                if node not in self.done:
                    self._operation(node).steps(self, node)
            self._deliver([value for node in nodes for value in node.outputs if value in self.places.outputs])
        for value, buffer, when in self.again:
            self._copy(value, when, self.places.outputs.get(value) or self.places.versions[value][0], buffer)

    def _operation(self, node: Node) -> Operation:
        operation = operation_of(node)
        assert operation is not None, "the graph has kernels throughout"
        return operation

    def _deliver(self, values: list[Value]) -> None:
        """Move what this phase has made to where the caller wants it."""
        for value in values:
            output = self.places.outputs[value]
            if value in self.batch:
                assert output is self.places.plain(value), "an output is a graph's input"
            elif self.wholes[value] is not output:
                self._copy(value, self.places.when, self.wholes[value], output)

    def _copy(self, value: Value, when: When, source: Buffer, output: Buffer) -> None:
        """A copy for the caller at the end of a phase; of indices, too, whose bits move as those of a float."""
        element, by_samples = f"float{8 * value.spec.dtype.itemsize}", value in self.batch
        sizes = (output.size, output.size) if by_samples else (0, 0)
        kernel = Copy(self.machine, element, packing.line(output.size), sizes, "deliver")
        after = When(Half.FORWARD) if when is PREPARE else when  # a parameter's part is the caller's in every call
        self.draft.step(when if by_samples else after.joining, kernel, source, output)

    # What the steps of operations share

    @property
    def lanes(self) -> int:
        """How many elements a vector holds."""
        return self.machine.vector_bytes // (4 if self.element == "float32" else 8)

    def covered(self, size: tuple[int, ...], pool: tuple[int, int]) -> tuple[int, int]:
        """The pixels that pooling windows cover."""
        return size[0] // pool[0] * pool[0], size[1] // pool[1] * pool[1]

    def fused(
        self, node: Node, pools: bool = True, spread: bool = False
    ) -> tuple[tuple[int, int], Value | None, Following]:
        """What is done before a value is written.

        The pooling window, the indices if anybody needs codes, and what follows element by element.
        """
        value, codes, pool = node.outputs[0], None, (1, 1)
        reader = self.only_reader(value)
        if pools and reader is not None and reader.op.name == "max_pool2d" and poolable(reader):
            value, index = reader.outputs
            pool, codes = reader.attributes["kernel"], index if wants_codes(self, index) else None
            self.done.add(reader)
        return pool, codes, behind(self, value, spread)

    def only_reader(self, value: Value) -> Node | None:
        """The one node that reads a value that the caller does not want; None if there are more."""
        readers = set(self.graph.readers.get(value, []))
        if len(readers) != 1 or value.node is None or value in self.places.outputs:
            return None
        (reader,) = readers
        return reader if self.whens[reader] == self.whens[value.node] else None

    def vectors(self, value: Value) -> Images:
        """A value in blocks as wide as a vector."""
        images = images_of(value)
        return Images(images.c, images.h, images.w, self.lanes)

    # Sums

    def summed(self, value: Value, kernel: KernelSpec, size: int, nests: tuple[Nest, ...], *sources: Buffer) -> None:
        """A sum over samples: one for each group, then joined in order, then laid out as an ordinary array."""
        size = -(-size // self.lanes) * self.lanes
        group = self.draft.buffer(Kind.GROUP, self.element, size, value_name(value))
        total = self.draft.buffer(Kind.TOTAL, self.element, size, group.note)
        self.draft.step(self.places.when, kernel, *sources, group)
        when = self.places.when.joining
        self.draft.step(when, JoinGroups(self.machine, self.element, size), group, total, joins=True)
        unpack = Copy(self.machine, self.element, nests, (0, 0), "unpack")
        self.draft.step(when, unpack, total, self.whole_result(value))

    def whole_result(self, value: Value) -> Buffer:
        """Where to write a sum: to the caller if nobody else reads it, as the caller may change it."""
        if value in self.places.outputs and value not in self.graph.readers:
            buffer = self.places.outputs[value]
        else:
            size = -(-value.spec.size // self.lanes) * self.lanes
            buffer = self.draft.buffer(Kind.TOTAL, self.element, size, value_name(value))
        self.wholes[value] = buffer
        return buffer

    # Parameters

    def line(self, value: Value) -> Buffer:
        """A parameter or a sum with one number for each channel, filled up to whole vectors."""
        if value in self.wholes and self.wholes[value].kind is not Kind.CONSTANT:
            return self.wholes[value]
        size = value.spec.size
        return self.pack(value, packing.line(size), -(-size // self.lanes) * self.lanes)

    def pack(self, value: Value, nests: tuple[Nest, ...], size: int) -> Buffer:
        """A parameter laid out for a kernel, once for each change of it."""
        key = (value, nests)
        if key not in self.packed:
            packed = self.packed[key] = self.draft.buffer(Kind.PACKED, self.element, size, "packed")
            kernel = Copy(self.machine, self.element, nests, (0, 0), "pack")
            self.draft.step(PREPARE, kernel, self.wholes[value], packed)
        return self.packed[key]


def lower(graph: Graph, batch: frozenset[Value], machine: Machine) -> Plan:
    """The plan of a graph without gradient; `batch` are the values with one entry for each sample."""
    return _planned(Lowering(graph, batch, frozenset(), machine), graph.outputs, (), graph.inputs, ())


def lower_differentiated(both: Differentiated, batch: frozenset[Value], machine: Machine) -> Plan:
    """The plan of a graph and its gradient."""
    inputs, outputs = len(both.forward.inputs), len(both.forward.outputs)
    lowering = Lowering(both.joint, batch, both.backward_nodes, machine)
    joint = both.joint
    return _planned(
        lowering, joint.outputs[:outputs], joint.outputs[outputs:], joint.inputs[:inputs], joint.inputs[inputs:]
    )


def _planned(
    lowering: Lowering,
    outputs: tuple[Value, ...],
    gradients: tuple[Value, ...],
    inputs: tuple[Value, ...],
    doutputs: tuple[Value, ...],
) -> Plan:
    given = lowering.inputs()
    results = lowering.results(outputs, "output", Half.FORWARD)
    dinputs = lowering.results(gradients, "gradient", Half.BACKWARD)
    lowering.walk()
    return lowering.draft.plan(given[: len(inputs)], results, given[len(inputs) : len(inputs) + len(doutputs)], dinputs)
