"""Vectors that hold several whole groups of a convolution: the input channel that each lane reads."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from knoll.graph.sizes import ceil_div
from knoll.llvm.builder import KernelBuilder
from knoll.llvm.registers import Register
from knoll.machine import Machine


@dataclass(frozen=True)
class GroupLanes:
    """A vector of `width` output channels; each group has `outputs` output and `inputs` input channels.

    >>> GroupLanes(outputs=2, inputs=2, width=8).lane_sources(1)
    [1, 1, 3, 3, 5, 5, 7, 7]
    """

    outputs: int
    inputs: int
    width: int

    @cached_property
    def span(self) -> int:
        """Input channels that one vector of outputs reads."""
        return self.width // self.outputs * self.inputs

    @property
    def blocks(self) -> int:
        """Blocks of input channels that one vector of outputs reads."""
        return ceil_div(self.span, self.width)

    @property
    def hold_whole_groups(self) -> bool:
        """Whether a vector can hold whole groups, with inputs in few blocks and short code."""
        whole = self.outputs < self.width and self.width % self.outputs == 0
        even = whole and 0 in (self.width % self.span, self.span % self.width)
        return even and self.span <= 4 * self.width and self.inputs <= 16

    def spare(self, machine: Machine) -> int:
        """Registers needed besides sums and weights: an input, and the masks of shuffles."""
        plain = self.outputs == self.inputs == 1
        return 1 + (not machine.fused) + (1 if plain else 1 + 2 * self.blocks)

    def lane_sources(self, number: int) -> list[int]:
        """For each lane, the channel among `span` that is input `number` of its group."""
        return [lane // self.outputs * self.inputs + number for lane in range(self.width)]


def shuffled_inputs(k: KernelBuilder, blocks: Sequence[Register], lane_sources: Sequence[int]) -> Register:
    """A vector whose lanes come from the channels `lane_sources` of neighbouring blocks."""
    if list(lane_sources) == list(range(k.lanes)):
        return blocks[0]
    result = blocks[lane_sources[0] // k.lanes]
    chosen = [pick % k.lanes for pick in lane_sources]
    result = shuffled(k, result, result, chosen)
    for index in sorted({pick // k.lanes for pick in lane_sources} - {lane_sources[0] // k.lanes}):
        mask = [
            k.lanes + pick % k.lanes if pick // k.lanes == index else lane for lane, pick in enumerate(lane_sources)
        ]
        result = shuffled(k, result, blocks[index], mask)
    return result


def shuffled(k: KernelBuilder, a: Register, b: Register, mask: Sequence[int]) -> Register:
    """The lanes of `a` and `b` in the order of `mask`; lanes of `b` are numbered after those of `a`."""
    order = ", ".join(f"i32 {lane}" for lane in mask)
    text = f"shufflevector {a.type} {a.name}, {b.type} {b.name}, <{k.lanes} x i32> <{order}>"
    return Register(k, a.type, k.emit(text, "shuffle"))


def first_lanes(k: KernelBuilder, vector: Register, lanes: int, rest: Register) -> Register:
    """A vector with those of `rest` in place of all lanes but the first ones."""
    if lanes == k.lanes:
        return vector
    return shuffled(k, vector, rest, [lane if lane < lanes else k.lanes + lane for lane in range(k.lanes)])


def split(k: KernelBuilder, vector: Register) -> list[Register]:
    """The registers that a vector fills."""
    one = k.machine.lanes(k.dtype)
    return [_neighbours(k, vector, None, range(first, first + one)) for first in range(0, k.lanes, one)]


def joined(k: KernelBuilder, registers: Sequence[Register]) -> Register:
    """The vector that fills some registers, a power of two."""
    pieces = list(registers)
    while len(pieces) > 1:
        lanes = range(2 * _lanes_of(pieces[0]))
        pieces = [_neighbours(k, *pair, lanes) for pair in zip(pieces[::2], pieces[1::2], strict=True)]
    return pieces[0]


def _neighbours(k: KernelBuilder, a: Register, b: Register | None, lanes: range) -> Register:
    """Some neighbouring lanes of a vector, or of two that stand side by side."""
    if b is None and len(lanes) == _lanes_of(a):
        return a
    order = ", ".join(f"i32 {lane}" for lane in lanes)
    text = f"shufflevector {a.type} {a.name}, {a.type} {b.name if b else 'poison'}, <{len(lanes)} x i32> <{order}>"
    return Register(k, f"<{len(lanes)} x {a.type.split(' x ')[1]}", k.emit(text))


def _lanes_of(vector: Register) -> int:
    return int(vector.type[1:].split(" ")[0])
