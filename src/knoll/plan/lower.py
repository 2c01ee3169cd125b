"""Graph → Plan.

Operations that belong together share a kernel, every value gets a layout, every sum a way to be joined.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from math import gcd
from typing import Any

from knoll.graph import Differentiated, Graph, Node, Value
from knoll.kernels.copy import Copy, Nest
from knoll.kernels.direct import DirectConvolution, Taps
from knoll.kernels.kernel import KernelSpec
from knoll.kernels.layout import Images
from knoll.kernels.matmul import Matmul
from knoll.kernels.pointwise import FORMULAS, Pointwise
from knoll.kernels.pool import MaxPool, MaxPoolGradient
from knoll.kernels.pooled_weight_gradient import PooledWeightGradient
from knoll.kernels.sums import ChannelSums, JoinGroups, RowSums
from knoll.kernels.weight_gradient import WeightGradient
from knoll.kernels.winograd import OUTPUTS, WinogradConvolution, WinogradWeights
from knoll.machine import Machine
from knoll.ops import conv2d as convolution
from knoll.ops import max_pool2d as pooling
from knoll.plan import grouped, packing
from knoll.plan.draft import Draft, When
from knoll.plan.places import Places, images_of
from knoll.plan.plan import Buffer, Kind, Plan

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

    def results(self, values: tuple[Value, ...]) -> list[Buffer]:
        """Buffers for what the caller takes."""
        buffers = []
        for value in values:
            if value in self.batch:
                images = images_of(value)
                buffer = self.draft.buffer(Kind.BATCH, value.spec.dtype.name, images.size, "output", images)
                self.places.outputs.setdefault(value, buffer)
            else:
                buffer = self.draft.buffer(Kind.RESULT, value.spec.dtype.name, value.spec.size, "gradient")
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

    def conv2d(self, node: Node) -> None:
        """A convolution, with the pooling and the ReLU behind it if nobody else reads between."""
        if node.attributes["groups"] > 1:
            grouped.conv2d(self, node)
            return
        x, w, *bias = node.inputs
        value, codes, pool, relu = self.fused(node)
        source = self.places.get(x, self.conv_source(node))
        assert source.images is not None
        k, per_group, r, s = w.spec.shape
        above, left = (p[0] for p in node.attributes["padding"])
        fast = self._fast(
            node, w, source.images, self.places.blocked(value), (-above, -left),
            self.covered(node.specs[0].shape[2:], pool), per_group,
            bias=bool(bias), relu=relu, pool=pool, codes=codes is not None,
        )  # fmt: skip
        if fast is not None:
            weights = self._points(fast, w, packing.forward_weights(fast, w.spec.shape))
            buffers = [source, weights, self.places.new(value, fast.target), self._room(fast)]
            if bias:
                buffers.append(self.pack(bias[0], packing.line(k), fast.target.blocks * fast.lanes))
            if codes is not None:
                buffers.append(self.new_codes(codes, fast.target))
            self.draft.step(self.places.when, fast, *buffers)
            return
        kernel = DirectConvolution(
            self.machine, self.element, source.images, self.places.blocked(value),
            Taps((-above, -left), node.attributes["stride"], (r, s), node.attributes["dilation"]),
            self.covered(node.specs[0].shape[2:], pool), per_group, (k, per_group),
            bias=bool(bias), relu=relu, pool=pool, codes=codes is not None,
        )  # fmt: skip
        weights = self.pack(
            w,
            packing.forward_weights(kernel, w.spec.shape),
            kernel.target.blocks * kernel.lanes * kernel.channels * r * s,
        )
        buffers = [source, weights, self.places.new(value, kernel.target)]
        if bias:
            buffers.append(self.pack(bias[0], packing.line(k), kernel.target.blocks * kernel.lanes))
        if codes is not None:
            buffers.append(self.new_codes(codes, kernel.target))
        self.draft.step(self.places.when, kernel, *buffers)

    def _fast(
        self,
        node: Node,
        w: Value,
        source: Images,
        target: Images,
        start: tuple[int, int],
        size: tuple[int, int],
        channels: int,
        **fused: Any,
    ) -> WinogradConvolution | None:
        """Winograd's way, where it is allowed and pays.

        Square windows that move by one, with enough channels on both sides.
        """
        (r, s), attributes = w.spec.shape[2:], node.attributes
        simple = attributes["stride"] == attributes["dilation"] == (1, 1) and attributes["groups"] == 1
        square = r == s and r in (3, 5) and source.block == self.lanes and min(size) >= OUTPUTS
        pool = fused.get("pool", (1, 1))
        if not (winograd_allowed() and simple and square and all(OUTPUTS % p == 0 for p in pool)):
            return None
        tiles = -(-size[0] // OUTPUTS) * -(-size[1] // OUTPUTS)
        saved = size[0] * size[1] * r * s / (tiles * (OUTPUTS + r - 1) ** 2)
        if min(channels, target.c) < 16 or channels * target.c < 512 or saved < 1.8:
            return None
        vectors = 1  # more groups of outputs to share out where samples are few
        taps = Taps(start, (1, 1), (r, s), (1, 1))
        return WinogradConvolution(self.machine, self.element, source, target, taps, size, channels, vectors, **fused)

    def _points(self, kernel: WinogradConvolution, w: Value, nests: tuple[Nest, ...]) -> Buffer:
        """Weights at the points of a fast convolution."""
        r, groups = kernel.taps.count[0], kernel.parts
        plain = self.pack(w, nests, groups * kernel.width * kernel.channels * r * r)
        at_points = WinogradWeights(self.machine, self.element, r, kernel.channels, groups, kernel.vectors)
        packed = self.draft.buffer(Kind.PACKED, self.element, at_points.size, "points")
        self.draft.step("prepare", at_points, plain, packed)
        return packed

    def _room(self, kernel: WinogradConvolution) -> Buffer:
        """A thread's own working memory."""
        return self.draft.buffer(Kind.ROOM, self.element, kernel.room, "room")

    def covered(self, size: tuple[int, ...], pool: tuple[int, int]) -> tuple[int, int]:
        """The pixels that pooling windows cover."""
        return size[0] // pool[0] * pool[0], size[1] // pool[1] * pool[1]

    def fused(self, node: Node, pools: bool = True) -> tuple[Value, Value | None, tuple[int, int], bool]:
        """The value that leaves the registers, the indices if anybody needs codes, the pooling window, whether ReLU."""
        value, codes, pool, relu = node.outputs[0], None, (1, 1), False
        reader = self._only_reader(value)
        if pools and reader is not None and reader.op.name == "max_pool2d" and self._poolable(reader):
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

    def _poolable(self, node: Node) -> bool:
        attributes = node.attributes
        windows = pooling.windows(**attributes)
        few = attributes["kernel"][0] * attributes["kernel"][1] <= POOL_TAPS
        return few and not attributes["ceil"] and all(window.is_tiling for window in windows)

    def new_codes(self, index: Value, target: Images) -> Buffer:
        """A buffer for the winners of a pooling."""
        images = Images(target.c, target.h, target.w, target.block)
        self.codes[index] = self.draft.buffer(Kind.SCRATCH, "uint8", images.size, "codes", images)
        return self.codes[index]

    def phases(
        self, node: Node
    ) -> list[tuple[tuple[int, int], tuple[int, int], Taps, tuple[int, int], tuple[int, int]]]:
        """The gradient of a convolution's input as dense convolutions of dy, one for each place within a stride.

        Each is (first output, size, taps, weight of the first tap, weights from tap to tap). Row y of x meets row i
        of dy at the taps r with y + padding − r · dilation = i · stride.
        """
        _, w = node.inputs
        axes = []
        for axis in (0, 1):
            stride, dilation = node.attributes["stride"][axis], node.attributes["dilation"][axis]
            before, size, count = (
                node.attributes["padding"][axis][0],
                node.attributes["size"][axis],
                w.spec.shape[2 + axis],
            )
            every = stride // gcd(stride, dilation)
            lines = []
            for first in range(min(stride, size)):
                taps = [r for r in range(count) if (first + before - r * dilation) % stride == 0]
                last = taps[-1] if taps else 0
                start = (first + before - last * dilation) // stride
                lines.append(
                    (first, -(-(size - first) // stride), start, len(taps), every * dilation // stride, last, every)
                )
            axes.append(lines)
        return [
            (
                (i[0], j[0]),
                (i[1], j[1]),
                Taps((i[2], j[2]), (1, 1), (i[3], j[3]), (i[4], j[4])),
                (i[5], j[5]),
                (i[6], j[6]),
            )
            for i in axes[0]
            for j in axes[1]
        ]

    def dx_source(self, node: Node) -> Images:
        """What the gradient reads: dy with room for every tap."""
        images = images_of(node.inputs[0])
        sides = []
        for axis, size in ((0, images.h), (1, images.w)):
            starts = [taps.start[axis] for _, _, taps, _, _ in self.phases(node)]
            stops = [
                taps.start[axis] + (count[axis] - 1) + (taps.count[axis] - 1) * taps.apart[axis]
                for _, count, taps, _, _ in self.phases(node)
            ]
            sides.append((max(0, -min(starts)), max(0, max(stops) - (size - 1))))
        groups, block = node.attributes["groups"], self.lanes
        if groups > 1:
            block = grouped.backward_grouping(node.inputs[1].spec.shape, groups, self.lanes).block(images, given=False)
        return Images(images.c, images.h, images.w, block, (sides[0], sides[1]))

    def conv2d_dx(self, node: Node) -> None:
        """The gradient by the input: convolutions of dy with the window turned round."""
        if node.attributes["groups"] > 1:
            grouped.conv2d_dx(self, node)
            return
        dy, w = node.inputs
        source = self.places.get(dy, self.dx_source(node))
        assert source.images is not None
        target = self.places.blocked(node.outputs[0])
        result = self.places.new(node.outputs[0], target)
        k, c, _, _ = w.spec.shape
        (first, size, taps, weight, apart), *others = self.phases(node)
        fast = None if others else self._fast(node, w, source.images, target, taps.start, size, k)
        if fast is not None:
            weights = self._points(fast, w, packing.backward_weights(fast, w.spec.shape, weight, apart))
            self.draft.step(self.places.when, fast, source, weights, result, self._room(fast))
            return
        for first, size, taps, weight, apart in self.phases(node):
            kernel = DirectConvolution(
                self.machine, self.element, source.images, target, taps, size, k, (c, k),
                first=first, apart=node.attributes["stride"],
            )  # fmt: skip
            nests = packing.backward_weights(kernel, w.spec.shape, weight, apart)
            count = taps.count[0] * taps.count[1]
            weights = self.pack(w, nests, target.blocks * kernel.lanes * k * max(count, 1))
            self.draft.step(self.places.when, kernel, source, weights, result)

    def conv2d_dw(self, node: Node) -> None:
        """The gradient by the weights; behind a pooling, only the winners count."""
        if node.attributes["groups"] > 1:
            grouped.conv2d_dw(self, node)
            return
        dy, x = node.inputs
        r, s = node.attributes["kernel"]
        above, left = (p[0] for p in node.attributes["padding"])
        taps = Taps((-above, -left), node.attributes["stride"], (r, s), node.attributes["dilation"])
        source = self.places.get(x, self.dw_source(node))
        assert source.images is not None
        shape = node.specs[0].shape
        pool = dy.node
        if pool is not None and pool.op.name == "max_pool2d_dx" and self._poolable_gradient(pool):
            gradient = self.places.get(pool.inputs[0], self.vectors(pool.inputs[0]))
            assert gradient.images is not None
            pooled = PooledWeightGradient(
                self.machine, self.element, source.images, gradient.images, taps, pool.attributes["kernel"]
            )
            nests = packing.gradient_sum(pooled.runs, source.images.block, pooled.lanes, shape, by_channel=True)
            self.summed(node.outputs[0], pooled, pooled.size, nests, source, gradient, self.codes[pool.inputs[1]])
            return
        gradient = self.places.get(dy, self.vectors(dy))
        assert gradient.images is not None
        dense = WeightGradient(
            self.machine, self.element, source.images, gradient.images, taps, source.images.c, (shape[0], shape[1])
        )
        nests = packing.gradient_sum(
            dense.runs, source.images.block, dense.vectors * dense.lanes, shape, by_channel=False
        )
        self.summed(node.outputs[0], dense, dense.size, nests, source, gradient)

    def vectors(self, value: Value) -> Images:
        """A value in blocks as wide as a vector."""
        images = images_of(value)
        return Images(images.c, images.h, images.w, self.lanes)

    def _poolable_gradient(self, node: Node) -> bool:
        attributes = {name: node.attributes[name] for name in ("kernel", "stride", "padding", "dilation", "ceil")}
        few = attributes["kernel"][0] * attributes["kernel"][1] <= POOL_TAPS
        return few and not attributes["ceil"] and all(window.is_tiling for window in pooling.windows(**attributes))

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
            slide = {name: node.attributes[name] for name in ("kernel", "stride", "padding", "dilation", "ceil")}
            kernel = MaxPoolGradient(self.machine, self.element, source.images, target, *pooling.windows(**slide))
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
        """The gradient of a bias: dy summed over samples and pixels."""
        (dy,) = node.inputs
        if dy.spec.rank == 2:
            rows = RowSums(self.machine, self.element, dy.spec.shape[1])
            self.summed(node.outputs[0], rows, rows.size, packing.line(rows.features), self.places.plain(dy))
            return
        if dy.node is not None and dy.node.op.name == "max_pool2d_dx" and self._poolable_gradient(dy.node):
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
        self.draft.step("finish", JoinGroups(self.machine, self.element, size), group, total, joins=True)
        result = self.places.outputs[value]
        self.draft.step("finish", Copy(self.machine, self.element, nests, (0, 0), "unpack"), total, result)

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
    results, dinputs = lowering.results(outputs), lowering.results(gradients)
    lowering.walk()
    return lowering.draft.plan(given[: len(inputs)], results, given[len(inputs) : len(inputs) + len(doutputs)], dinputs)


def winograd_allowed() -> bool:
    """Whether fast convolution may be used: `KNOLL_WINOGRAD=off` forbids it."""
    return os.environ.get("KNOLL_WINOGRAD", "").lower() not in ("off", "0", "no")


Handler = Callable[[Lowering, Node], None]
NATIVE = frozenset(
    {
        "conv2d",
        "conv2d_dx",
        "conv2d_dw",
        "max_pool2d",
        "max_pool2d_dx",
        "linear",
        "linear_dx",
        "linear_dw",
        "sum",
        "reshape",
        *FORMULAS,
    }
)
__all__ = ["NATIVE", "convolution", "lower", "lower_differentiated"]
