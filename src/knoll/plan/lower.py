"""Graph → Plan.

Operations that belong together share a kernel, every value gets a layout, every sum a way to be joined.
"""

from __future__ import annotations

from typing import Any

from knoll.graph import Differentiated, Graph, Node, Value
from knoll.kernels.copy import Copy, Nest
from knoll.kernels.kernel import KernelSpec
from knoll.kernels.layout import Images
from knoll.kernels.matmul import Matmul
from knoll.kernels.pointwise import Pointwise
from knoll.kernels.pool import MaxPool, MaxPoolGradient
from knoll.kernels.sums import ChannelSums, JoinGroups, RowSums
from knoll.machine import Machine
from knoll.ops import max_pool2d as pooling
from knoll.plan import convolve, grouped, losses, packing
from knoll.plan.draft import JOINS, Draft, When
from knoll.plan.native import is_over_everything
from knoll.plan.places import Places, images_of
from knoll.plan.plan import Buffer, Kind, Plan
from knoll.plan.residues import halo_for, residues

POOL_TAPS = 16  # more than this many pixels of a window are not worth holding in registers


class Lowering:
    """One walk over the nodes of a graph; each operation has a method of its own name."""

    def __init__(self, graph: Graph, batch: frozenset[Value], later: frozenset[Node], machine: Machine) -> None:
        self.graph, self.batch, self.later, self.machine = graph, batch, later, machine
        self.element = next(v.spec.dtype.name for v in graph.inputs if v.spec.is_float)
        self.draft = Draft()
        self.places = Places(self.draft, machine, self.element)
        self.codes: dict[Value, Buffer] = {}
        self.done: set[Node] = set()
        self.constants: dict[Value, Buffer] = {}
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
                self.constants[value] = buffer
        return buffers

    def results(self, values: tuple[Value, ...], note: str) -> list[Buffer]:
        """Buffers for what the caller takes."""
        buffers = []
        for value in values:
            if value in self.batch:
                images = images_of(value)
                buffer = self.draft.buffer(Kind.BATCH, value.spec.dtype.name, images.size, note, images)
                self.places.outputs.setdefault(value, buffer)
            else:
                buffer = self.draft.buffer(Kind.RESULT, value.spec.dtype.name, value.spec.size, note)
                self.places.outputs.setdefault(value, buffer)
            buffers.append(self.places.outputs[value])
        return buffers

    def walk(self) -> None:
        """Draft the steps of every node, then move each output to where the caller wants it."""
        for node in self.graph.nodes:
            self._announce(node)
        self._half("forward", [node for node in self.graph.nodes if node not in self.later])
        self._half("backward", [node for node in self.graph.nodes if node in self.later])

    def _half(self, when: When, nodes: list[Node]) -> None:
        """One direction: its steps, then its outputs, so that they are there when the other begins."""
        self.places.when = when
        for node in nodes:
            if node not in self.done:
                getattr(self, node.op.name, self.pointwise)(node)
        for value, buffer in self.places.outputs.items():
            if value in self.batch and (value.node in self.later) == (when == "backward"):
                assert buffer is self.places.plain(value), "an output is a graph's input"

    def _announce(self, node: Node) -> None:
        """Say which layouts a node will read, so that those who write can make room."""
        name = node.op.name
        if name == "conv2d":
            self.places.want(node.inputs[0], self.conv_source(node))
        elif name == "conv2d_dw":
            self.places.want(node.inputs[1], self.dw_source(node))
        elif name == "conv2d_dx":
            self.places.want(node.inputs[0], self.dx_source(node))

    # Convolution

    def conv2d(self, node: Node) -> None:
        """A convolution, with what is fused behind it."""
        (grouped if node.attributes["groups"] > 1 else convolve).conv2d(self, node)

    def conv2d_dx(self, node: Node) -> None:
        """The gradient by the input."""
        (grouped if node.attributes["groups"] > 1 else convolve).conv2d_dx(self, node)

    def conv2d_dw(self, node: Node) -> None:
        """The gradient by the weights."""
        (grouped if node.attributes["groups"] > 1 else convolve).conv2d_dw(self, node)

    def conv_source(self, node: Node) -> Images:
        """What a convolution reads: blocks of channels, or single channels where groups cut through blocks."""
        return self._source(node.inputs[0], node, node.inputs[1].spec.shape)

    def dw_source(self, node: Node) -> Images:
        """What the gradient of the weights reads."""
        return self._source(node.inputs[1], node, node.specs[0].shape)

    def _source(self, x: Value, node: Node, weights: tuple[int, ...]) -> Images:
        images, lanes = images_of(x), self.lanes
        small = x.node is None and images.c < lanes
        block, groups = images.c if small else lanes, node.attributes["groups"]
        if groups > 1:
            block = grouped.forward_grouping(weights, groups, lanes).block(images, small)
        return Images(images.c, images.h, images.w, block, node.attributes["padding"])

    @property
    def lanes(self) -> int:
        """How many elements a vector holds."""
        return self.machine.vector_bytes // (4 if self.element == "float32" else 8)

    def covered(self, size: tuple[int, ...], pool: tuple[int, int]) -> tuple[int, int]:
        """The pixels that pooling windows cover."""
        return size[0] // pool[0] * pool[0], size[1] // pool[1] * pool[1]

    def fused(self, node: Node, pools: bool = True) -> tuple[Value, Value | None, tuple[int, int], bool]:
        """The value that leaves the registers, the indices if anybody needs codes, the pooling window, whether ReLU."""
        value, codes, pool, relu = node.outputs[0], None, (1, 1), False
        reader = self._only_reader(value)
        if pools and reader is not None and reader.op.name == "max_pool2d" and self.poolable(reader):
            value, index = reader.outputs
            pool, codes = reader.attributes["kernel"], index if index in self.graph.readers else None
            self.done.add(reader)
            reader = self._only_reader(value)
        if reader is not None and reader.op.name == "relu":
            value, relu = reader.outputs[0], True
            self.done.add(reader)
        return value, codes, pool, relu

    def _only_reader(self, value: Value) -> Node | None:
        readers = self.graph.readers.get(value, [])
        return readers[0] if len(readers) == 1 and value not in self.places.outputs else None

    def poolable(self, node: Node) -> bool:
        """Whether the windows of a pooling, or of its gradient, stand side by side and are few enough for registers."""
        slide = slide_of(node)
        few = slide["kernel"][0] * slide["kernel"][1] <= POOL_TAPS
        return few and not slide["ceil"] and all(window.is_tiling for window in pooling.windows(**slide))

    def new_codes(self, index: Value, target: Images) -> Buffer:
        """A buffer for the winners of a pooling."""
        images = Images(target.c, target.h, target.w, target.block)
        self.codes[index] = self.draft.buffer(Kind.SCRATCH, "uint8", images.size, "codes", images)
        return self.codes[index]

    def dx_source(self, node: Node) -> Images:
        """What the gradient reads: dy with room for every tap."""
        images = images_of(node.inputs[0])
        groups, block = node.attributes["groups"], self.lanes
        if groups > 1:
            block = grouped.backward_grouping(node.inputs[1].spec.shape, groups, self.lanes).block(images, given=False)
        return Images(images.c, images.h, images.w, block, halo_for(residues(node), images))

    def vectors(self, value: Value) -> Images:
        """A value in blocks as wide as a vector."""
        images = images_of(value)
        return Images(images.c, images.h, images.w, self.lanes)

    # Pooling

    def max_pool2d(self, node: Node) -> None:
        """A pooling that no convolution took along."""
        value, index = node.outputs
        source = self.places.get(node.inputs[0], self.vectors(node.inputs[0]))
        target, codes = self.places.blocked(value), index in self.graph.readers
        assert source.images is not None
        kernel = MaxPool(self.machine, self.element, source.images, target, *pooling.windows(**node.attributes), codes)
        buffers = [source, self.places.new(value, target)]
        self.draft.step(self.places.when, kernel, *buffers, *([self.new_codes(index, target)] if codes else []))

    def max_pool2d_dx(self, node: Node) -> None:
        """The gradient of pooling, made only when somebody reads it."""

        def make() -> None:
            dy, index = node.inputs
            source, codes = self.places.get(dy, self.vectors(dy)), self.codes[index]
            target = self.places.blocked(node.outputs[0])
            assert source.images is not None
            windows = pooling.windows(**slide_of(node))
            kernel = MaxPoolGradient(self.machine, self.element, source.images, target, *windows)
            self.draft.step(self.places.when, kernel, source, codes, self.places.new(node.outputs[0], target))

        self.places.deferred[node.outputs[0]] = make

    # Linear

    def linear(self, node: Node) -> None:
        """Rows of x times the weights, with the ReLU behind it."""
        x, w, *bias = node.inputs
        value, relu = node.outputs[0], False
        reader = self._only_reader(value)
        if reader is not None and reader.op.name == "relu":
            value, relu = reader.outputs[0], True
            self.done.add(reader)
        outputs, inputs = w.spec.shape
        kernel = Matmul(
            self.machine, self.element, 0, inputs, outputs, (inputs, 1), 0, outputs,
            bias=bool(bias), relu=relu, b_packed=True,
        )  # fmt: skip
        width = kernel.vectors * kernel.lanes
        packed = self.pack(w, packing.matrix_weights(outputs, inputs, width), kernel.column_tiles * width * inputs)
        buffers = [self.places.plain(x), packed, self.places.new(value, images_of(value))]
        self.draft.step(self.places.when, kernel, *buffers, *(self.constants[b] for b in bias))

    def linear_dx(self, node: Node) -> None:
        """Rows of dy times the weights as they are."""
        dy, w = node.inputs
        outputs, inputs = w.spec.shape
        kernel = Matmul(self.machine, self.element, 0, outputs, inputs, (outputs, 1), inputs, inputs)
        result = self.places.new(node.outputs[0], images_of(node.outputs[0]))
        self.draft.step(self.places.when, kernel, self.places.plain(dy), self.constants[w], result)

    def linear_dw(self, node: Node) -> None:
        """Columns of dy times rows of x, summed over samples."""
        dy, x = node.inputs
        outputs, inputs = node.specs[0].shape
        kernel = Matmul(self.machine, self.element, outputs, 0, inputs, (1, outputs), inputs, inputs, samples="inner")
        self.summed(
            node.outputs[0],
            kernel,
            outputs * inputs,
            packing.line(outputs * inputs),
            self.places.plain(dy),
            self.places.plain(x),
        )

    # Sums

    def sum(self, node: Node) -> None:
        """The sum of everything, or the gradient of a bias: dy summed over samples and pixels."""
        (dy,) = node.inputs
        if is_over_everything(node):
            losses.total(self, node)
            return
        if dy.spec.rank == 2:
            rows = RowSums(self.machine, self.element, dy.spec.shape[1])
            self.summed(node.outputs[0], rows, rows.size, packing.line(rows.features), self.places.plain(dy))
            return
        if dy.node is not None and dy.node.op.name == "max_pool2d_dx" and self.poolable(dy.node):
            dy = dy.node.inputs[0]  # every dy went to one pixel, so the sum is the same
        source = self.places.get(dy, self.vectors(dy))
        assert source.images is not None
        sums = ChannelSums(self.machine, self.element, source.images)
        self.summed(node.outputs[0], sums, sums.size, packing.line(source.images.c), source)

    def summed(self, value: Value, kernel: KernelSpec, size: int, nests: tuple[Nest, ...], *sources: Buffer) -> None:
        """A sum over samples: one for each group, then joined in order, then laid out as the caller wants it."""
        size = -(-size // self.lanes) * self.lanes
        group = self.draft.buffer(
            Kind.GROUP, self.element, size, f"{value.node} sums" if value.node is None else value.node.op.name
        )
        total = self.draft.buffer(Kind.TOTAL, self.element, size, group.note)
        self.draft.step(self.places.when, kernel, *sources, group)
        when = JOINS[self.places.when]
        self.draft.step(when, JoinGroups(self.machine, self.element, size), group, total, joins=True)
        result = self.places.outputs[value]
        self.draft.step(when, Copy(self.machine, self.element, nests, (0, 0), "unpack"), total, result)

    # Losses

    def mean(self, node: Node) -> None:
        """The mean of everything."""
        losses.total(self, node)

    def spread(self, node: Node) -> None:
        """The gradient of a sum or a mean of everything."""
        losses.spread(self, node)

    def cross_entropy(self, node: Node) -> None:
        """A loss for each sample."""
        losses.cross_entropy(self, node)

    def cross_entropy_dx(self, node: Node) -> None:
        """Its gradient."""
        losses.cross_entropy_dx(self, node)

    # Movement and elements

    def stop_gradient(self, node: Node) -> None:
        """No work: the same numbers."""
        self.reshape(node)

    def reshape(self, node: Node) -> None:
        """No work: the plain array by another name."""
        x, value = node.inputs[0], node.outputs[0]
        if value in self.places.outputs or self._is_image(value) != self._is_image(x):
            self._moved(x, value)
        else:
            self.places.versions[value] = self.places.versions[x]

    def _is_image(self, value: Value) -> bool:
        return value.spec.rank == 4

    def _moved(self, x: Value, value: Value) -> None:
        """The plain version of x serves as the plain version of its reshape."""
        from dataclasses import replace

        source = self.places.plain(x)
        if value in self.places.outputs:
            images = images_of(value)
            target = self.places.new(value, images)
            nests = packing.line(images.size)
            kernel = Copy(self.machine, self.element, nests, (images.size, images.size), "reshape")
            self.draft.step(self.places.when, kernel, source, target)
        else:
            alias = replace(source, images=images_of(value))
            self.places.versions[value] = [alias]

    def pointwise(self, node: Node) -> None:
        """One formula for each element, in whichever layout the first input lies."""
        first = self.places.any(node.inputs[0])
        assert first.images is not None
        wanted = Images(first.images.c, first.images.h, first.images.w, first.images.block)
        sources = [self.places.get(value, wanted) for value in node.inputs]
        layout = self.places.blocked(node.outputs[0]) if wanted.block == self.lanes else wanted
        layouts = tuple(source.images for source in sources if source.images is not None)
        kernel = Pointwise(self.machine, self.element, node.op.name, layouts, layout)
        self.draft.step(self.places.when, kernel, *sources, self.places.new(node.outputs[0], layout))

    # Parameters

    def pack(self, value: Value, nests: tuple[Nest, ...], size: int) -> Buffer:
        """A parameter laid out for a kernel, once for each change of it."""
        key = (value, nests)
        if key not in self.packed:
            packed = self.packed[key] = self.draft.buffer(Kind.PACKED, self.element, size, "packed")
            kernel = Copy(self.machine, self.element, nests, (0, 0), "pack")
            self.draft.step("prepare", kernel, self.constants[value], packed)
        return self.packed[key]


def slide_of(node: Node) -> dict[str, Any]:
    """How the window of a pooling, or of its gradient, slides."""
    return {name: node.attributes[name] for name in ("kernel", "stride", "padding", "dilation", "ceil")}


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
    results, dinputs = lowering.results(outputs, "output"), lowering.results(gradients, "gradient")
    lowering.walk()
    return lowering.draft.plan(given[: len(inputs)], results, given[len(inputs) : len(inputs) + len(doutputs)], dinputs)
