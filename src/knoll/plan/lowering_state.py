"""The state of a lowering: buffers and steps so far, and helpers that the lowering rules share."""

from __future__ import annotations

from collections.abc import Callable
from math import prod
from typing import Concatenate, ParamSpec, TypeVar

import numpy as np

from knoll.graph import Graph, Node, Value
from knoll.graph.role import ELEMENTWISE, PARAMETER, SHARED
from knoll.graph.sizes import round_up
from knoll.kernels.kernel import Kernel
from knoll.kernels.layout.copy import Copy, Nest
from knoll.kernels.layout.fill import Fill
from knoll.kernels.layout.layout import Images
from knoll.kernels.reduction.sums import CombineGroups
from knoll.machine import Machine
from knoll.plan import matrix_packing
from knoll.plan.buffer_map import BufferMap, images_of, value_name
from knoll.plan.draft import Draft
from knoll.plan.phase_key import PREPARE, PhaseKey, Section
from knoll.plan.plan import Buffer, Kind
from knoll.plan.strided_view import StridedView

MIN_SHARED = 4096  # elements of a packed parameter whose memory is worth sharing


def is_prepared(node: Node) -> bool:
    """Whether a node may be computed before all calls, if its operands are there: parameters that are rearranged."""
    makes = node.roles.makes if node.roles is not None and node.op.formula is None else ()
    return bool(makes) and {PARAMETER, SHARED, ELEMENTWISE}.issuperset(makes)


P = ParamSpec("P")
K = TypeVar("K", bound=Kernel)


class Lowering:
    """A graph being lowered to a plan: the buffers of its values, the nodes that are done, and helpers for rules."""

    batch: frozenset[Value]
    graph: Graph
    backward_nodes: frozenset[Node]
    machine: Machine
    element: str
    draft: Draft
    buffers: BufferMap

    def __init__(
        self,
        graph: Graph,
        batch: frozenset[Value],
        backward_nodes: frozenset[Node],
        machine: Machine,
        differentiated: frozenset[Value] = frozenset(),
        seeds: frozenset[Value] = frozenset(),
    ) -> None:
        self.graph, self.batch, self.backward_nodes, self.machine = graph, batch, backward_nodes, machine
        every = (*graph.inputs, *(value for node in graph.nodes for value in node.outputs))
        self.element = next(v.spec.dtype.name for v in every if v.spec.is_float)
        self.draft = Draft()
        self.buffers = BufferMap(self.draft, machine, self.element)
        self.codes: dict[Value, Buffer] = {}
        self.done: set[Node] = set()
        self.unbatched: dict[Value, Buffer] = {}  # parameters and sums, which have no batch axis
        self.views: dict[Value, StridedView] = {}
        self._seeds, self._differentiated = seeds, differentiated
        self.phase_keys: dict[Node, PhaseKey] = {}
        self._find_phase_keys()
        self.packed: dict[tuple[Value, tuple[Nest, ...]], Buffer] = {}
        trains = self.levels(Section.FORWARD) > 1  # statistics of the batch, and gradients
        self._trained = differentiated if trains else frozenset[Value]()

    def _find_phase_keys(self) -> None:
        """The phase of each node: a node with a batch axis is one level after the sums over samples that it reads."""
        for node in self.graph.nodes:
            by_samples = any(value in self.batch for value in (*node.inputs, *node.outputs))
            phase_key = PhaseKey(Section.BACKWARD if node in self.backward_nodes else Section.FORWARD)
            for value in node.inputs:
                made = self.phase_keys[value.node] if value.node is not None else PREPARE
                if made.section is phase_key.section:
                    level = made.level + (by_samples and value not in self.batch)
                    phase_key = PhaseKey(phase_key.section, max(phase_key.level, level))
            if not by_samples and is_prepared(node) and not any(map(self.is_new, node.inputs)):
                phase_key = PREPARE
            self.phase_keys[node] = phase_key if by_samples or phase_key is PREPARE else phase_key.combining

    def levels(self, section: Section) -> int:
        """How many levels a section has: one more than sums over samples that depend on each other."""
        return 1 + max((key.level for key in self.phase_keys.values() if key.section is section), default=0)

    def view(self, value: Value) -> StridedView:
        """The strided view by which a value can be read without a copy."""
        return self.views.get(value) or StridedView.contiguous(value)

    @property
    def lanes(self) -> int:
        """How many elements a vector holds."""
        return self.machine.lanes(np.dtype(self.element))

    def covered(self, size: tuple[int, ...], pool: tuple[int, int]) -> tuple[int, int]:
        """The rows and columns that pooling windows cover, where `size` is that of the image."""
        return size[0] // pool[0] * pool[0], size[1] // pool[1] * pool[1]

    def only_reader(self, value: Value) -> Node | None:
        """The only reader of a value that is no output; None if there are others, or if it runs in another phase."""
        readers = set(self.graph.readers.get(value, []))
        if len(readers) != 1 or value.node is None or value in self.buffers.outputs:
            return None
        (reader,) = readers
        return reader if self.phase_keys[reader] == self.phase_keys[value.node] else None

    def is_plain_throughout(self, x: Value, value: Value) -> bool:
        """Whether a kernel that turns x into `value` best reads and writes the plain layout.

        So it is if the caller alone wants the result, and x lies in that layout or is the smaller of the two to copy.
        """
        if value not in self.buffers.outputs or value in self.graph.readers or x not in self.batch:
            return False
        return self.buffers.lies_plain(x) or x.spec.size < value.spec.size

    def is_contiguous(self, value: Value) -> bool:
        """Whether a value is available as a contiguous array, or as a view of one."""
        found = self.buffers.layouts.get(value, [])
        return value in self.views or any(buffer.images is not None and buffer.images.is_plain for buffer in found)

    def vector_layout(self, value: Value) -> Images:
        """The layout of a value in channel blocks as wide as a vector."""
        images = images_of(value)
        return Images(images.c, images.h, images.w, self.lanes)

    # Kernels, buffers and steps

    def kernel(self, make: Callable[Concatenate[Machine, str, P], K], *arguments: P.args, **options: P.kwargs) -> K:
        """A kernel for the machine and the element type of the plan."""
        return make(self.machine, self.element, *arguments, **options)

    def buffer(self, kind: Kind, size: int, note: str, images: Images | None = None) -> Buffer:
        """A new buffer of the element type of the plan."""
        return self.draft.buffer(kind, self.element, size, note, images)

    def step(self, kernel: Kernel, *buffers: Buffer) -> None:
        """A new step at the end of the phase that is being drafted."""
        self.draft.step(self.buffers.phase_key, kernel, *buffers)

    def combining_step(self, kernel: Kernel, *buffers: Buffer, combines: bool = False) -> None:
        """A new step in the combining phase; `combines` tells whether it reads the partial sums of the groups."""
        self.draft.step(self.buffers.phase_key.combining, kernel, *buffers, combines=combines)

    # Sums

    def group_sums(self, kernel: Kernel, size: int, note: str, *sources: Buffer) -> Buffer:
        """The buffer of a sum over samples: a kernel writes one partial sum per group; they are combined in order."""
        group = self.buffer(Kind.PARTIAL, size, note)
        total = self.buffer(Kind.REDUCED, size, note)
        self.step(kernel, *sources, group)
        self.combining_step(self.kernel(CombineGroups, size), group, total, combines=True)
        return total

    def summed(self, value: Value, kernel: Kernel, size: int, nests: tuple[Nest, ...], *sources: Buffer) -> None:
        """Draft a sum over samples, and its copy from the layout of the kernel to a contiguous array."""
        total = self.group_sums(kernel, round_up(size, self.lanes), value_name(value), *sources)
        self.unpack(value, nests, total)

    def unpack(self, value: Value, nests: tuple[Nest, ...], total: Buffer) -> None:
        """Draft the copy of a sum to a contiguous array; what the nests do not write is zero."""
        result, shape = self.unbatched_result(value), value.spec.shape
        if sum(prod(count for count, *_ in nest.loops) for nest in nests) < value.spec.size:
            self.combining_step(self.kernel(Fill, Images(shape[0], 1, prod(shape[1:])), 0.0), result)
        self.combining_step(self.kernel(Copy, nests, (0, 0), "unpack"), total, result)

    def whole_batch(self) -> bool:
        """Whether a sum over samples takes the whole batch at once, in the phase that combines sums.

        Between sums that depend on each other the gradients of few layers are live: they are kept for all samples, and
        there are no partial sums. In a section of one level those of all layers would have to be kept.
        """
        return self.levels(self.buffers.phase_key.section) > 1

    def unbatched_result(self, value: Value) -> Buffer:
        """The buffer of a result without a batch axis: the caller's own array if no node reads it."""
        if self.buffers.phase_key is not PREPARE and value in self.buffers.outputs and value not in self.graph.readers:
            buffer = self.buffers.outputs[value]
        else:
            size = round_up(value.spec.size, self.lanes)
            kind = Kind.PACKED if self.buffers.phase_key is PREPARE else Kind.REDUCED
            buffer = self.buffer(kind, size, value_name(value))
        self.unbatched[value] = buffer
        return buffer

    # Parameters

    def per_channel(self, value: Value) -> Buffer:
        """The buffer of a parameter or sum with one element for each channel, padded to whole vectors."""
        if value in self.unbatched and self.unbatched[value].kind is not Kind.CONSTANT:
            return self.unbatched[value]
        size = value.spec.size
        return self.pack(value, matrix_packing.contiguous(size), round_up(size, self.lanes))

    def pack(self, value: Value, nests: tuple[Nest, ...], size: int) -> Buffer:
        """The buffer of a parameter packed for a kernel; it is packed again when the parameter changes.

        Weights that are trained change in every step: they are packed when they are read, into memory that they share.
        So is what is only computed in the step, or given to its backward pass.
        """
        key = (value, nests)
        if key not in self.packed:
            written = sum(prod(count for count, *_ in nest.loops) for nest in nests)
            shares = self.is_new(value) or (value in self._trained and written == size >= MIN_SHARED)
            packed = self.packed[key] = self.buffer(Kind.REDUCED if shares else Kind.PACKED, size, "packed")
            self.packing_step(self.kernel(Copy, nests, (0, 0), "pack"), self.unbatched[value], packed)
        return self.packed[key]

    def is_trained(self, value: Value) -> bool:
        """Whether a parameter gets a gradient, and so changes in every step."""
        return value in self._differentiated

    def is_new(self, value: Value) -> bool:
        """Whether a value without batch axis is another one in every call."""
        return value in self._seeds or (value.node is not None and self.phase_keys[value.node] is not PREPARE)

    def packing_step(self, kernel: Kernel, source: Buffer, packed: Buffer) -> None:
        """A new step that packs a parameter: before all calls, or if its memory is shared before the present phase."""
        phase_key = PREPARE if packed.kind is Kind.PACKED else self.buffers.phase_key.preceding
        self.draft.step(phase_key, kernel, source, packed)
