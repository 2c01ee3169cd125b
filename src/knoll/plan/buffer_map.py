"""The buffers that hold each value of a graph during lowering, one for each layout."""

from __future__ import annotations

from collections.abc import Callable
from math import prod

import numpy as np

from knoll.graph import Value
from knoll.kernels.layout.copy import Copy, between
from knoll.kernels.layout.layout import Images, larger
from knoll.machine import Machine
from knoll.plan.draft import Draft
from knoll.plan.phase_key import PhaseKey, Section
from knoll.plan.plan import Buffer, Kind


def images_of(value: Value) -> Images:
    """The plain layout of a value; one that is no batch of images is seen as channels of a single pixel."""
    shape = value.spec.shape
    return Images(*shape[1:]) if len(shape) == 4 else Images(prod(shape[1:]), 1, 1)


def images_in(buffer: Buffer) -> Images:
    """The layout of the images in a buffer."""
    assert buffer.images is not None
    return buffer.images


class BufferMap:
    """The buffers that hold each value, in one or more layouts."""

    draft: Draft
    element: str
    machine: Machine
    phase_key: PhaseKey

    def __init__(self, draft: Draft, machine: Machine, element: str) -> None:
        self.draft, self.machine, self.element = draft, machine, element
        self.phase_key = PhaseKey(Section.FORWARD)
        self.requested: dict[Value, list[Images]] = {}
        self.layouts: dict[Value, list[Buffer]] = {}
        self.outputs: dict[Value, Buffer] = {}
        self.deferred: dict[Value, Callable[[], None]] = {}

    def request(self, value: Value, images: Images) -> None:
        """Request, before drafting begins, a layout in which a value will be read."""
        self.requested.setdefault(value, []).append(images)

    def blocked(self, value: Value) -> Images:
        """The layout to write a value in: channel blocks as wide as a vector, with the largest halo requested."""
        plain = images_of(value)
        block = self.machine.lanes(np.dtype(self.element))
        layout = Images(plain.c, plain.h, plain.w, block)
        for images in self.requested.get(value, []):
            if images.block == block:
                layout = layout.with_halo(larger(layout.halo, images.halo))
        return layout

    def new(self, value: Value, images: Images) -> Buffer:
        """A new buffer for a value: the caller's own if that has this layout."""
        output = self.outputs.get(value)
        if output is not None and images.is_plain and output not in self.layouts.get(value, []):
            buffer = output
        else:
            element = value.spec.dtype.name
            buffer = self.draft.buffer(Kind.SCRATCH, element, images.size, value_name(value), images)
        self.layouts.setdefault(value, []).append(buffer)
        return buffer

    def get(self, value: Value, wanted: Images) -> Buffer:
        """A buffer that holds the value in the wanted layout, made by a copy if there is none yet."""
        self._make(value)
        for buffer in self.layouts[value]:
            if buffer.images is not None and buffer.images.covers(wanted):
                return buffer
        return self._copied(value, self._source(value, wanted), wanted)

    def plain(self, value: Value) -> Buffer:
        """A buffer that holds the value in the plain layout."""
        self._make(value)
        for buffer in self.layouts[value]:
            if buffer.images is not None and buffer.images.is_plain:
                return buffer
        plain = images_of(value)
        return self._copied(value, self._source(value, plain), plain)

    def _make(self, value: Value) -> None:
        """Draft the steps that were deferred until the value is read."""
        if value in self.deferred:
            self.deferred.pop(value)()

    def holds(self, value: Value) -> bool:
        """Whether the value is available, or deferred."""
        return value in self.layouts or value in self.deferred

    def any(self, value: Value) -> Buffer:
        """A buffer that holds the value, in any layout."""
        self._make(value)
        return self.layouts[value][-1]

    def lies_plain(self, value: Value) -> bool:
        """Whether a buffer holds the value in the plain layout already, and none in another."""
        self._make(value)
        return all(images_in(buffer).is_plain for buffer in self.layouts[value])

    def alias(self, value: Value, x: Value) -> None:
        """Let a value share all buffers of x."""
        self._make(x)
        self.layouts[value] = self.layouts[x]

    def _source(self, value: Value, wanted: Images) -> Buffer:
        """The buffer to copy from: between blocks of different widths, the plain layout."""
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
            self.machine, self.element, between(source.images, wanted), (source.images.size, wanted.size), "reorder"
        )
        self.draft.step(self.phase_key, kernel, source, target)
        return target


def value_name(value: Value) -> str:
    """What a value is called in a printed plan."""
    return value.node.op.name if value.node else "input"
