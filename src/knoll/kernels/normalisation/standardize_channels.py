"""The gradient of a standardisation whose scale and shift have a number for each channel."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from knoll.graph.sizes import round_up
from knoll.kernels.kernel import titled
from knoll.kernels.layout.lanes import joined, split
from knoll.kernels.normalisation.moments import Moments
from knoll.kernels.normalisation.standardize import Lines, RowKernel
from knoll.kernels.reduction.horizontal import horizontal_sum
from knoll.kernels.reduction.rows import vectors_of_rows
from knoll.kernels.reduction.sums import initial_sum
from knoll.llvm.builder import KernelBuilder
from knoll.llvm.registers import Integer, LoopCarried, Pointer, Register


@dataclass(frozen=True)
class StandardizeChannels(RowKernel):
    """dx from dy, x, ε and scale, and the gradients of scale and shift: either, or both at once.

    A channel is a `run` of neighbouring elements of a row, and each row holds other channels than the others of its
    sample. The sums of dy and of dy · z over a channel, where z is the standardised x, are what the gradients of its
    shift and its scale are made of, and times the scale what the sums over the row are made of: dx is factor · (dy ·
    scale − mean of dy · scale − z · mean of dy · scale · z), without the second term where no mean was taken off.
    """

    run: int
    makes_dx: bool
    makes_sums: bool

    @property
    def title(self) -> str:
        """What it does, and the rows."""
        word = "standardize" if self.centred else "divide_by_rms"
        return titled(
            word + "_dx" * self.makes_dx + "_sums" * self.makes_sums, self.rows, self.size // self.run, self.run
        )

    @property
    def pointers(self) -> int:
        """dy, x and ε; scale and dx; the sums."""
        return 3 + 2 * self.makes_dx + self.makes_sums

    @property
    def work(self) -> int:
        """A pass for each sum of x, one for those of dy, and one for dx."""
        return (2 + self.centred + self.makes_dx) * self.rows * self.size

    @property
    def channels(self) -> int:
        """How many a row holds."""
        return self.size // self.run

    @property
    def section(self) -> int:
        """The channels of all rows, in whole vectors."""
        return round_up(self.rows * self.channels, self.lanes)

    def emit(self, k: KernelBuilder) -> None:
        """What was summed before, then the rows."""
        if self.makes_sums:
            with k.loop(k.first_part * self.channels, k.last_part * self.channels, name="channel") as channel:
                for place in self._sums(k, channel):
                    k.store_lanes(initial_sum(k, place, 1), place, 1)
        super().emit(k)

    def side_by_side(self, k: KernelBuilder, rows: list[Integer], inside: list[Integer]) -> None:
        """Moments, the sums of each channel, then each number."""
        dy, x, epsilon, *_ = k.pointers
        first = [0 if self.rows == 1 else row * self.channels for row in inside]
        lines = self.lines(k, dy, rows), self.lines(k, x, rows)
        by = self.mean_and_factor(k, lines[1], epsilon)
        sums = self._channel_sums(k, lines, by, first)
        if self.makes_dx:
            self._store_dx(k, lines, self.lines(k, k.pointers[4], rows), by, first, sums)

    def _channel_sums(self, k: KernelBuilder, lines: tuple[Lines, Lines], by: Moments, first: list[Integer]) -> Moments:
        """The sums of dy · scale and of dy · scale · z over each row; those of its channels are added to the others."""
        many = len(first)
        with k.wider(many):
            row = [LoopCarried(k.zero()), LoopCarried(k.zero())]
        with k.loop(0, self.channels, carrying=row, name="channel") as channel:
            with k.wider(many):
                dshift, dscale = LoopCarried(k.zero()), LoopCarried(k.zero())
            for _, _, d, distance in self._numbers(k, lines, by, channel, dshift, dscale):
                with k.wider(many):
                    dshift.value = dshift.number + d
                    dscale.value = k.multiply_add(d, distance, dscale.number)
            with k.wider(many):
                sums = horizontal_sum(k, dscale.number) * by[1], horizontal_sum(k, dshift.number)
                parts = [split(k, each) for each in sums]
            if self.makes_sums:
                for i, start in enumerate(first):
                    for part, place in zip(parts, self._sums(k, start + channel), strict=True):
                        k.store_lanes(k.load_lanes(place, 1) + part[i], place, 1)
            if self.makes_dx:
                scale = self._scale(k, first, channel)
                with k.wider(many):
                    for cell, each in zip(row, reversed(sums), strict=True):
                        cell.value = k.multiply_add(each, scale, cell.number)
        return row[0].number, row[1].number

    def _store_dx(
        self,
        k: KernelBuilder,
        lines: tuple[Lines, Lines],
        targets: Lines,
        by: Moments,
        first: list[Integer],
        sums: Moments,
    ) -> None:
        many, factor = len(first), by[1]
        with k.wider(many):
            shift, slope = (each * factor / k.constant(-self.size) for each in sums)
            slope = slope * factor
            shift = shift if self.centred else k.zero()
        with k.loop(0, self.channels, name="channel") as channel:
            scale = self._scale(k, first, channel)
            with k.wider(many):
                scale = scale * factor
            for place, lanes, d, distance in self._numbers(k, lines, by, channel):
                with k.wider(many):
                    results = split(k, k.multiply_add(distance, slope, k.multiply_add(d, scale, shift)))
                for result, target in zip(results, targets, strict=True):
                    k.store_lanes(result, target + place, lanes)

    def _numbers(
        self, k: KernelBuilder, lines: tuple[Lines, Lines], by: Moments, channel: Integer, *carrying: LoopCarried
    ) -> Iterator[tuple[Integer, int, Register, Register]]:
        """Place by place of a channel of each row: dy, 0 in unused lanes, and the distance of x from the mean."""
        begin = channel * (self.run * k.bytes)
        dy, x = ([line + begin for line in each] for each in lines)
        for i, lanes, vectors in vectors_of_rows(k, dy, self.run, *carrying):
            numbers = [k.load_lanes(line + i * k.bytes, lanes) for line in x]
            with k.wider(len(dy)):
                d, distance = joined(k, vectors), joined(k, numbers)
                distance = distance - by[0] if self.centred else distance
            yield begin + i * k.bytes, lanes, d, distance

    def _scale(self, k: KernelBuilder, first: list[Integer], channel: Integer) -> Register:
        """The scale of a channel of each row."""
        scale = k.pointers[3]
        return joined(k, [k.splat(k.load(scale + (start + channel) * k.bytes, k.scalar)) for start in first])

    def _sums(self, k: KernelBuilder, channel: Integer) -> tuple[Pointer, Pointer]:
        """Where the gradients of scale and shift of a channel are summed."""
        place = k.pointers[-1] + channel * k.bytes
        return place, place + self.section * k.bytes
