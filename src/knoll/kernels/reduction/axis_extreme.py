"""The largest or the smallest element along an axis of each sample, and its gradient, which those that tie share.

A sample has the shape (outer, size, inner), as for sums. NaN wins.
"""

from __future__ import annotations

import math
from abc import abstractmethod
from dataclasses import dataclass

from knoll.kernels.layout.lanes import first_lanes
from knoll.kernels.reduction.axis_reduction import AxisKernel
from knoll.kernels.reduction.horizontal import horizontal, horizontal_sum
from knoll.kernels.reduction.rows import row_vectors, vector_offsets
from knoll.llvm.builder import KernelBuilder
from knoll.llvm.registers import LoopCarried, Pointer, Register


@dataclass(frozen=True)
class AxisExtreme(AxisKernel):
    """The largest along the axis, or the smallest."""

    smallest: bool

    @property
    def title(self) -> str:
        """Operation and sizes."""
        return f"{'min' if self.smallest else 'max'}_along_{self.outer}x{self.size}x{self.inner}"

    def emit(self, k: KernelBuilder) -> None:
        """Samples and parts; lanes hold neighbours beside the axis, or places along it where there are none."""
        x, results = k.pointers
        with k.loop(0, k.count, name="n") as n, k.loop(k.first_part, k.last_part, name="outer") as part:
            place = n * self.outer + part
            line, target = x + place * (self.size * self.inner * k.bytes), results + place * (self.inner * k.bytes)
            if self.inner == 1:
                k.store_lanes(self._of_line(k, line), target, 1)
            else:
                for beside, lanes in vector_offsets(k, self.inner):
                    best = LoopCarried(k.load_lanes(line + beside, lanes))
                    with k.loop(1, self.size, carrying=[best]) as i:
                        here = k.load_lanes(line + i * (self.inner * k.bytes) + beside, lanes)
                        best.value = self._better(best.number, here)
                    k.store_lanes(best.number, target + beside, lanes)

    def _of_line(self, k: KernelBuilder, line: Pointer) -> Register:
        """The extreme of contiguous elements."""
        worst = math.inf if self.smallest else -math.inf
        best = LoopCarried(k.constant(worst))
        for _, _, numbers in row_vectors(k, line, self.size, best, rest=worst):
            best.value = self._better(best.number, numbers)
        return horizontal(k, best.number, self._better)

    def _better(self, a: Register, b: Register) -> Register:
        """The better in each lane; a NaN if one is."""
        return (a.compare("olt" if self.smallest else "ogt", b) | a.compare("uno", a)).select(a, b)


@dataclass(frozen=True)
class ExtremeGradient(AxisKernel):
    """dx of an extreme y along the axis, from dy and x."""

    @property
    def pointers(self) -> int:
        """dy, x, y and dx."""
        return 4

    def emit(self, k: KernelBuilder) -> None:
        """Samples and parts; lanes hold neighbours beside the axis, or places along it where there are none."""
        dy, x, y, dx = k.pointers
        with k.loop(0, k.count, name="n") as n, k.loop(k.first_part, k.last_part, name="outer") as part:
            place = n * self.outer + part
            source, target = (pointer + place * (self.size * self.inner * k.bytes) for pointer in (x, dx))
            gradient, extreme = (pointer + place * (self.inner * k.bytes) for pointer in (dy, y))
            if self.inner == 1:
                self.along(k, (source, target), [k.splat(k.load(p, k.scalar)) for p in (gradient, extreme)])
            else:
                for beside, lanes in vector_offsets(k, self.inner):
                    ones = [k.load_lanes(p + beside, lanes) for p in (gradient, extreme)]
                    self.beside(k, (source + beside, target + beside), ones, lanes)

    @abstractmethod
    def along(self, k: KernelBuilder, lines: tuple[Pointer, Pointer], ones: list[Register]) -> None:
        """Lanes along the axis: lines of x and dx; dy and y in all lanes."""

    @abstractmethod
    def beside(self, k: KernelBuilder, lines: tuple[Pointer, Pointer], ones: list[Register], lanes: int) -> None:
        """Lanes beside the axis: lines of x and dx; dy and y of each lane."""


@dataclass(frozen=True)
class AxisExtremeGradient(ExtremeGradient):
    """dy, shared among the elements of x that equal the extreme y; zero elsewhere, NaN for all where none does."""

    nan_ties: bool
    masked: bool

    @property
    def title(self) -> str:
        """Operation and sizes."""
        ways = "_nan_ties" * self.nan_ties + "_masked" * self.masked
        return f"extreme_dx_along_{self.outer}x{self.size}x{self.inner}{ways}"

    def along(self, k: KernelBuilder, lines: tuple[Pointer, Pointer], ones: list[Register]) -> None:
        """How many tie along the axis, then the share of each."""
        (source, target), (gradient, extreme) = lines, ones
        ties = LoopCarried(k.zero())
        for _, lanes, numbers in row_vectors(k, source, self.size, ties):
            won = self._won(numbers, extreme, k.constant(1.0), k.zero())
            ties.value = ties.number + first_lanes(k, won, lanes, k.zero())
        count = horizontal_sum(k, ties.number)
        share = gradient / count
        for along, lanes in vector_offsets(k, self.size):
            won = self._shared(k, k.load_lanes(source + along, lanes), extreme, share)
            k.store_lanes(won, target + along, lanes)

    def beside(self, k: KernelBuilder, lines: tuple[Pointer, Pointer], ones: list[Register], lanes: int) -> None:
        """How many tie in each lane, then the share of each."""
        (source, target), (gradient, extreme) = lines, ones
        ties, step = LoopCarried(k.zero()), self.inner * k.bytes
        with k.loop(0, self.size, carrying=[ties]) as i:
            here = k.load_lanes(source + i * step, lanes)
            ties.value = ties.number + self._won(here, extreme, k.constant(1.0), k.zero())
        share = gradient / ties.number
        with k.loop(0, self.size) as i:
            won = self._shared(k, k.load_lanes(source + i * step, lanes), extreme, share)
            k.store_lanes(won, target + i * step, lanes)

    def _shared(self, k: KernelBuilder, x: Register, extreme: Register, share: Register) -> Register:
        """The share where x is the extreme; elsewhere nothing if masked, else the share times zero."""
        return self._won(x, extreme, share, k.zero() if self.masked else share * k.zero())

    def _won(self, x: Register, extreme: Register, share: Register, rest: Register) -> Register:
        """The share where x is the extreme, as NaN always is or never; the rest elsewhere."""
        equal = x.compare("oeq", extreme)
        return (equal | x.compare("uno", x) if self.nan_ties else equal).select(share, rest)
