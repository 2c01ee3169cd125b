"""Where each value of a graph can be found, in which layouts, while a plan is drafted."""

from __future__ import annotations

from collections.abc import Callable
from math import prod

from knoll.graph import Value
from knoll.kernels.layout.copy import Copy, between
from knoll.kernels.layout.layout import Images, larger
from knoll.machine import Machine
from knoll.plan.draft import Draft
from knoll.plan.phase_key import PhaseKey, Section
from knoll.plan.plan import Buffer, Kind


def images_of(value: Value) -> Images:
    """A value as plain images: what is no image has one pixel and many channels."""
    shape = value.spec.shape
    return Images(*shape[1:]) if len(shape) == 4 else Images(prod(shape[1:]), 1, 1)


class BufferMap:
    """The buffers that hold each value; one value may lie in several layouts."""

    def __init__(self, draft: Draft, machine: Machine, element: str) -> None:
        self.draft, self.machine, self.element = draft, machine, element
        self.when = PhaseKey(Section.FORWARD)
        self.requested: dict[Value, list[Images]] = {}
        self.layouts: dict[Value, list[Buffer]] = {}
        self.outputs: dict[Value, Buffer] = {}
        self.deferred: dict[Value, Callable[[], None]] = {}

    def request(self, value: Value, images: Images) -> None:
        """Say before drafting begins in which layout a value will be read."""
        self.requested.setdefault(value, []).append(images)

    def blocked(self, value: Value) -> Images:
        """The layout a kernel should write a value in: blocks as wide as a vector, and room for all that read it."""
        plain = images_of(value)
        block = self.machine.vector_bytes // (4 if self.element == "float32" else 8)
        layout = Images(plain.c, plain.h, plain.w, block)
        for images in self.requested.get(value, []):
            if images.block == block:
                layout = layout.with_halo(larger(layout.halo, images.halo))
        return layout

    def new(self, value: Value, images: Images) -> Buffer:
        """A buffer to write a value into: the caller's own if it has that layout."""
        output = self.outputs.get(value)
        if output is not None and images.is_plain and output not in self.layouts.get(value, []):
            buffer = output
        else:
            element = value.spec.dtype.name
            buffer = self.draft.buffer(Kind.SCRATCH, element, images.size, value_name(value), images)
        self.layouts.setdefault(value, []).append(buffer)
        return buffer

    def get(self, value: Value, wanted: Images) -> Buffer:
        """A buffer that holds the value in the wanted layout; it is copied there if need be."""
        self._make(value)
        for buffer in self.layouts[value]:
            if buffer.images is not None and buffer.images.covers(wanted):
                return buffer
        return self._copied(value, self._source(value, wanted), wanted)

    def plain(self, value: Value) -> Buffer:
        """A buffer that holds the value as an ordinary array, without a halo."""
        self._make(value)
        for buffer in self.layouts[value]:
            if buffer.images is not None and buffer.images.is_plain:
                return buffer
        plain = images_of(value)
        return self._copied(value, self._source(value, plain), plain)

    def _make(self, value: Value) -> None:
        """Make it now if that was put off until somebody reads it."""
        if value in self.deferred:
            self.deferred.pop(value)()

    def holds(self, value: Value) -> bool:
        """Whether the value is there already, or can be made at once."""
        return value in self.layouts or value in self.deferred

    def any(self, value: Value) -> Buffer:
        """Some buffer that holds the value, wherever it lies."""
        self._make(value)
        return self.layouts[value][-1]

    def alias(self, value: Value, x: Value) -> None:
        """Let a value be found where x is, in whichever layout."""
        self._make(x)
        self.layouts[value] = self.layouts[x]

    def _source(self, value: Value, wanted: Images) -> Buffer:
        """The version to copy from: blocks of different widths meet over the plain layout."""
        for buffer in self.layouts[value]:
            assert buffer.images is not None
            if buffer.images.block == wanted.block or 1 in (buffer.images.block, wanted.block):
                return buffer
        return self.plain(value)

    def _copied(self, value: Value, source: Buffer, wanted: Images) -> Buffer:
        assert source.images is not None
        if not wanted.is_plain:
            for images in self.requested.get(value, []):
                if images.block == wanted.block:
                    wanted = wanted.with_halo(larger(wanted.halo, images.halo))
        target = self.new(value, wanted)
        kernel = Copy(
            self.machine, self.element, between(source.images, wanted), (source.images.size, wanted.size), "arrange"
        )
        self.draft.step(self.when, kernel, source, target)
        return target


def value_name(value: Value) -> str:
    """What a value is called in a printed plan."""
    return value.node.op.name if value.node else "input"
