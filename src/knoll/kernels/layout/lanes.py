"""Which input channels the lanes of an output vector read, where one vector holds several groups of a convolution."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from knoll.graph.sizes import ceil_div
from knoll.llvm.builder import KernelBuilder
from knoll.llvm.registers import Register
from knoll.machine import Machine


@dataclass(frozen=True)
class Lanes:
    """Vectors of `width` output channels whose groups have `outputs` and `inputs` channels each.

    >>> Lanes(outputs=2, inputs=2, width=8).picks(1)
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
        """Blocks of input channels that they lie in."""
        return ceil_div(self.span, self.width)

    @property
    def serve(self) -> bool:
        """Whether whole groups fill a vector, what they read lies in few blocks, and the code stays short."""
        whole = self.outputs < self.width and self.width % self.outputs == 0
        even = whole and 0 in (self.width % self.span, self.span % self.width)
        return even and self.span <= 4 * self.width and self.inputs <= 16

    def spare(self, machine: Machine) -> int:
        """Registers that hold neither sums nor factors: an input on its way, and the orders of a shuffle."""
        plain = self.outputs == self.inputs == 1
        return 1 + (not machine.fused) + (1 if plain else 1 + 2 * self.blocks)

    def picks(self, number: int) -> list[int]:
        """For each lane, which of the `span` channels is input `number` of its group."""
        return [lane // self.outputs * self.inputs + number for lane in range(self.width)]


def picked(k: KernelBuilder, blocks: Sequence[Register], picks: Sequence[int]) -> Register:
    """A vector whose lanes are taken from neighbouring blocks of channels."""
    if list(picks) == list(range(k.lanes)):
        return blocks[0]
    result = blocks[picks[0] // k.lanes]
    chosen = [pick % k.lanes for pick in picks]
    result = shuffled(k, result, result, chosen)
    for index in sorted({pick // k.lanes for pick in picks} - {picks[0] // k.lanes}):
        mask = [k.lanes + pick % k.lanes if pick // k.lanes == index else lane for lane, pick in enumerate(picks)]
        result = shuffled(k, result, blocks[index], mask)
    return result


def shuffled(k: KernelBuilder, a: Register, b: Register, mask: Sequence[int]) -> Register:
    """Lanes of `a` (numbered first) and `b` in a new order."""
    order = ", ".join(f"i32 {lane}" for lane in mask)
    text = f"shufflevector {k.vector} {a.name}, {k.vector} {b.name}, <{k.lanes} x i32> <{order}>"
    return Register(k, k.vector, k.emit(text, "shuffle"))
