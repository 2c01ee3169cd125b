"""Standardisation of rows: mean 0 and variance 1, or mean square 1, then scaled and shifted; and its gradient."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import reduce
from operator import add

from knoll.graph.sizes import round_up
from knoll.kernels.elementwise.mathematics import square_root
from knoll.kernels.kernel import Kernel, titled
from knoll.kernels.layout.lanes import joined, split
from knoll.kernels.normalisation.moments import PIECE, Moments, moments
from knoll.kernels.reduction.horizontal import horizontal_sum
from knoll.kernels.reduction.rows import vectors_of_rows
from knoll.kernels.reduction.sums import initial_sum
from knoll.llvm.builder import KernelBuilder
from knoll.llvm.registers import Integer, LoopCarried, Pointer, Register

ROWS_AT_ONCE = 4  # side by side, to hide the latency of sums

Lines = list[Pointer]  # a place in each row
Affine = Callable[[Integer, int], list[Register]]  # scale and shift for so many lanes at a place


@dataclass(frozen=True)
class RowKernel(Kernel):
    """A kernel for samples of `rows` contiguous rows of `size` numbers, which lose their mean if they are `centred`."""

    rows: int
    size: int
    centred: bool

    @property
    def parts(self) -> int:
        """The rows."""
        return self.rows

    def emit(self, k: KernelBuilder) -> None:
        """The rows of a part of each sample, or one of each sample."""
        if self.rows == 1:
            self.several(k, 0, 0, k.count * (k.last_part - k.first_part))
            return
        with k.loop(0, k.count, name="n") as n:
            self.several(k, n * self.rows, k.first_part, k.last_part)

    def several(self, k: KernelBuilder, before: Integer, start: Integer, stop: Integer) -> None:
        """As many rows at a time as go together, then one at a time; there are so many in the samples before."""
        for many in dict.fromkeys((ROWS_AT_ONCE if self.size <= PIECE else 1, 1)):
            middle = stop - (stop - start) % many
            with k.loop(start, middle, many, name="row") as row:
                self.side_by_side(k, [before + row + i for i in range(many)], [row + i for i in range(many)])
            start = middle

    @abstractmethod
    def side_by_side(self, k: KernelBuilder, rows: list[Integer], inside: list[Integer]) -> None:
        """Some rows, by their numbers among those of all samples and among those of their own."""

    def lines(self, k: KernelBuilder, array: Pointer, rows: list[Integer]) -> Lines:
        """Where rows of an array begin."""
        return [array + row * (self.size * k.bytes) for row in rows]

    def mean_and_factor(self, k: KernelBuilder, x: Lines, epsilon: Pointer) -> Moments:
        """What numbers of some rows lose, and what they are multiplied by then: 1 / √(variance + ε)."""
        mean, squares = moments(k, x, self.size, self.centred)
        with k.wider(len(x)):
            variance = squares / k.constant(self.size)
            return mean, k.constant(1.0) / square_root(k, variance + k.splat(k.load(epsilon, k.scalar)))

    def standardized(self, k: KernelBuilder, vectors: Sequence[Register], by: Moments) -> Register:
        """Numbers of some rows less the mean, times the factor."""
        x, (mean, factor) = joined(k, vectors), by
        return (x - mean if self.centred else x) * factor


@dataclass(frozen=True)
class Standardize(RowKernel):
    """y from x and ε, and perhaps a scale and a shift: there are so many `affine` operands.

    They have a number for each `run` of neighbouring elements of a row; those of all rows are the same, unless each has
    `own` ones.
    """

    affine: int = 0
    run: int = 1
    own: bool = False

    @property
    def title(self) -> str:
        """What it does, and the rows."""
        word = "standardize" if self.centred else "divide_by_rms"
        return titled(word + ("", "_scale", "_scale_shift")[self.affine], self.rows, self.size)

    @property
    def pointers(self) -> int:
        """x, ε, scale, shift and y."""
        return 3 + self.affine

    @property
    def work(self) -> int:
        """A pass for each sum, and one for the results."""
        return (2 + self.centred) * self.rows * self.size

    def side_by_side(self, k: KernelBuilder, rows: list[Integer], inside: list[Integer]) -> None:
        """Moments, then each number."""
        x, epsilon, *affine, y = k.pointers
        sources, targets = self.lines(k, x, rows), self.lines(k, y, rows)
        by = self.mean_and_factor(k, sources, epsilon)
        first = [row * (self.size // self.run) if self.own else 0 for row in inside]
        for begin, length, learned in self._runs(k, affine, first):
            for i, lanes, vectors in vectors_of_rows(k, [line + begin for line in sources], length):
                given = learned(i, lanes)
                with k.wider(len(rows)):
                    z = self.standardized(k, vectors, by)
                    if given:
                        z = k.multiply_add(z, *given) if len(given) > 1 else z * given[0]
                    results = split(k, z)
                for result, target in zip(results, targets, strict=True):
                    k.store_lanes(result, target + begin + i * k.bytes, lanes)

    def _runs(
        self, k: KernelBuilder, affine: list[Pointer], first: list[Integer]
    ) -> Iterator[tuple[Integer, int, Affine]]:
        """Where a run of each row begins, its length, and its scale and shift: the whole row where each has its own."""

        def each_its_own(i: Integer, lanes: int) -> list[Register]:
            places = [(start + i) * k.bytes for start in first]
            return [joined(k, [k.load_lanes(given + place, lanes) for place in places]) for given in affine]

        if self.run == 1:
            yield 0, self.size, each_its_own
            return
        with k.loop(0, self.size // self.run, name="run") as run:
            places = [(start + run) * k.bytes for start in first]
            same = [joined(k, [k.splat(k.load(given + place, k.scalar)) for place in places]) for given in affine]
            yield run * (self.run * k.bytes), self.run, lambda *_: same


@dataclass(frozen=True)
class GradientKernel(RowKernel):
    """A kernel that reads dy beside x.

    A scale has a number for each place of a row; those of all rows are the same, unless each has `own` ones.
    """

    own: bool

    def both(
        self,
        k: KernelBuilder,
        lines: tuple[Lines, Lines],
        scale: Lines,
        by: Moments,
        *carrying: LoopCarried,
    ) -> Iterator[tuple[Integer, int, Register, Register]]:
        """Place by place: dy · scale, which is 0 in unused lanes, or dy without one, and the standardised x."""
        dy, x = lines
        for i, lanes, vectors in vectors_of_rows(k, dy, self.size, *carrying):
            numbers, factors = ([k.load_lanes(line + i * k.bytes, lanes) for line in each] for each in (x, scale))
            with k.wider(len(dy)):
                g, z = joined(k, vectors), self.standardized(k, numbers, by)
                g = g * joined(k, factors) if factors else g
            yield i, lanes, g, z


@dataclass(frozen=True)
class StandardizeGradient(GradientKernel):
    """dx from dy, x and ε, and a scale if it is `scaled`.

    factor · (g − mean of g − z · mean of g · z), where z is the standardised x and g is dy · scale; without the mean of
    g where no mean was taken off.
    """

    scaled: bool

    @property
    def title(self) -> str:
        """What it does, and the rows."""
        word = "standardize_dx" if self.centred else "divide_by_rms_dx"
        return titled(word + "_scale" * self.scaled, self.rows, self.size)

    @property
    def pointers(self) -> int:
        """dy, x, ε, scale and dx."""
        return 4 + self.scaled

    @property
    def work(self) -> int:
        """A pass for each sum of x, one for those of dy, and one for the results."""
        return (3 + self.centred) * self.rows * self.size

    def side_by_side(self, k: KernelBuilder, rows: list[Integer], inside: list[Integer]) -> None:
        """Moments, the two sums, then each number."""
        dy, x, epsilon, *scale, dx = k.pointers
        lines, targets, many = (self.lines(k, dy, rows), self.lines(k, x, rows)), self.lines(k, dx, rows), len(rows)
        factors = [line for each in scale for line in self.lines(k, each, inside if self.own else [0] * many)]
        by = self.mean_and_factor(k, lines[1], epsilon)
        with k.wider(many):
            total, products = LoopCarried(k.zero()), LoopCarried(k.zero())
        for _, _, g, z in self.both(k, lines, factors, by, total, products):
            with k.wider(many):
                total.value = total.number + g
                products.value = k.multiply_add(g, z, products.number)
        with k.wider(many):
            mean, slope = (horizontal_sum(k, each.number) / k.constant(self.size) for each in (total, products))
        for i, lanes, g, z in self.both(k, lines, factors, by):
            with k.wider(many):
                rest = (g - mean if self.centred else g) - z * slope
                results = split(k, rest * by[1])
            for result, target in zip(results, targets, strict=True):
                k.store_lanes(result, target + i * k.bytes, lanes)


@dataclass(frozen=True)
class StandardizeSums(GradientKernel):
    """The gradients of scale and shift from dy, x and ε: for each of their numbers sums over rows and samples.

    First the sums of dy · standardised x, then those of dy, each in whole vectors.
    """

    @property
    def title(self) -> str:
        """What it does, and the rows."""
        return titled("standardize_sums" if self.centred else "divide_by_rms_sums", self.rows, self.size)

    @property
    def pointers(self) -> int:
        """dy, x, ε and the sums."""
        return 4

    @property
    def parts(self) -> int:
        """One: each row adds to all sums."""
        return 1

    @property
    def work(self) -> int:
        """A pass for each sum of x, and one for those of dy."""
        return (2 + self.centred) * self.rows * self.size

    @property
    def section(self) -> int:
        """The numbers of a scale, in whole vectors."""
        return round_up(self.size * (self.rows if self.own else 1), self.lanes)

    def emit(self, k: KernelBuilder) -> None:
        """What was summed before, then the rows of all samples."""
        sums = k.pointers[-1]
        with k.loop(0, 2 * self.section, k.lanes, name="place") as place:
            k.store(initial_sum(k, sums + place * k.bytes, k.lanes), sums + place * k.bytes)
        if not self.own:
            self.several(k, 0, 0, k.count * self.rows)
            return
        with k.loop(0, k.count, name="n") as n:
            self.several(k, n * self.rows, 0, self.rows)

    def side_by_side(self, k: KernelBuilder, rows: list[Integer], inside: list[Integer]) -> None:
        """Moments, then one row after the other is added, so that the order is the same in any company."""
        dy, x, epsilon, sums = k.pointers
        lines = self.lines(k, dy, rows), self.lines(k, x, rows)
        by = self.mean_and_factor(k, lines[1], epsilon)
        for i, lanes, g, z in self.both(k, lines, [], by):
            with k.wider(len(rows)):
                terms = [split(k, each) for each in (g * z, g)]
            for section, added in enumerate(terms):
                place = sums + (section * self.section * k.bytes + i * k.bytes)
                if not self.own:
                    k.store(reduce(add, added, k.load(place)), place)
                    continue
                for own, one in zip(self.lines(k, place, inside), added, strict=True):
                    k.store_lanes(k.load_lanes(own, lanes) + one, own, lanes)
