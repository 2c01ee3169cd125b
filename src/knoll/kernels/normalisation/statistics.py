"""Mean and variance of each channel over pixels and samples.

Each group of samples accumulates x − shift and (x − shift)², where the shift is the mean of some rows: near the mean,
rounding errors are small even if the mean is large. Sums of images, then of groups, are merged pairwise, as long sums
round more.
Source: Chan, Golub and LeVeque, Algorithms for Computing the Sample Variance, 1983.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from knoll.graph.sizes import ceil_div
from knoll.kernels.kernel import Kernel, titled
from knoll.kernels.reduction.pixels import add_pixels
from knoll.kernels.reduction.sums import ChannelReduction, initial_sum, is_first_call
from knoll.llvm.builder import KernelBuilder
from knoll.llvm.registers import Integer, LoopCarried, Pointer, Register

_NEAR = 16  # pixels whose mean is near enough: a shift of s deviations costs the digits of 1 + s²


@dataclass(frozen=True)
class ChannelStatistics(ChannelReduction):
    """For each channel of a group of samples: the shift, Σ (x − shift), and Σ (x − shift)²."""

    @property
    def title(self) -> str:
        """Operation and images."""
        return titled("statistics", self.source.c, self.source.h, self.source.w)

    @property
    def size(self) -> int:
        """Elements of the sums: three for each channel."""
        return 3 * self.source.blocks * self.lanes

    def emit(self, k: KernelBuilder) -> None:
        """Blocks, samples, rows, columns."""
        x, sums = k.pointers
        source, b = self.source, k.bytes
        with k.loop(k.first_part, k.last_part, name="block") as block:
            place = sums + block * (3 * k.lanes * b)
            image = x + block * (source.plane * b) + source.at(0, 0) * b
            start = is_first_call(k).select(self._near_mean(k, image), k.load(place))
            first, squares = (LoopCarried(initial_sum(k, place + i * k.lanes * b, k.lanes)) for i in (1, 2))

            def add(pixel: list[Pointer], cells: Sequence[LoopCarried]) -> None:
                distance = k.load(pixel[0]) - start
                cells[0].value = cells[0].number + distance
                cells[1].value = k.multiply_add(distance, distance, cells[1].number)

            with k.loop(0, k.count, carrying=[first, squares], name="n") as n:
                add_pixels(k, (source,), (x,), n, block, (first, squares), add, k.numbers)
            for i, number in enumerate((start, first.number, squares.number)):
                k.store(number, place + i * k.lanes * b)

    def _near_mean(self, k: KernelBuilder, image: Pointer) -> Register:
        """The mean of the middle rows, as corners are often atypical; zero if it is not finite."""
        source, total = self.source, LoopCarried(k.zero())
        rows = min(source.h, ceil_div(_NEAR, source.w))
        first = image + (source.h - rows + 1) // 2 * source.row * k.bytes
        with k.loop(0, rows, carrying=[total], name="i") as i, k.loop(0, source.w, carrying=[total], name="j") as j:
            pixel = first + i * (source.row * k.bytes) + j * (source.block * k.bytes)
            total.value = total.number + k.load(pixel)
        mean = total.number * k.constant(1 / (rows * source.w))
        return (mean - mean).compare("oeq", k.zero()).select(mean, k.zero())


@dataclass(frozen=True)
class CombineStatistics(Kernel):
    """Mean, variance and unbiased variance of each channel from the sums of `count` groups."""

    channels: int
    pixels: int

    @property
    def title(self) -> str:
        """Operation and channels."""
        return titled("combine_statistics", self.channels)

    @property
    def pointers(self) -> int:
        """The groups' sums, then mean, variance and unbiased variance."""
        return 4

    @property
    def numbers(self) -> tuple[int, ...]:
        """Bytes from one group to the next, and pixels."""
        return 3 * self.parts * self.lanes * self.dtype.itemsize, self.pixels

    @property
    def generic(self) -> CombineStatistics:
        """For any number of channels and pixels."""
        return replace(self, channels=0, pixels=0)

    @property
    def parts(self) -> int:
        """Vectors of channels."""
        return ceil_div(self.channels, self.lanes)

    def emit(self, k: KernelBuilder) -> None:
        """Vectors of channels, groups."""
        (groups, *results), (group_bytes, pixels), b = k.pointers, k.numbers, k.bytes
        most = (k.batch + (k.count - 1)) // k.count
        with k.loop(k.first_part, k.last_part, name="vector") as vector:
            here = groups + vector * (3 * k.lanes * b)
            mean, squares, _, plain = cells = [LoopCarried(k.zero()) for _ in range(4)]
            with k.loop(0, k.count, carrying=cells, name="group") as group:
                samples = k.minimum(k.batch - group * most, most)
                own = here + group * group_bytes
                self._merge(k, own, floating(k, samples * pixels), *cells)
            total = floating(k, k.batch * pixels)
            others = total - k.constant(1.0)
            whole = mean.number.compare("uno", mean.number).select(plain.number / total, mean.number)
            for pointer, number in zip(results, (whole, squares.number / total, squares.number / others), strict=True):
                k.store(number, pointer + vector * (k.lanes * b))

    def _merge(
        self,
        k: KernelBuilder,
        own: Pointer,
        count: Register,
        mean: LoopCarried,
        squares: LoopCarried,
        known: LoopCarried,
        plain: LoopCarried,
    ) -> None:
        """Merge one more group into the mean, the squared deviations and the plain sum of the `known` elements so far.

        The plain sum gives the mean where it is infinite.
        """
        start, first, second = (k.load(own + i * k.lanes * k.bytes) for i in range(3))
        shift = first / count
        distance = start + shift - mean.number
        total = known.number + count
        mean.value = k.multiply_add(distance, count / total, mean.number)
        spread = distance * distance * (known.number * (count / total))
        squares.value = squares.number + (second - first * shift) + spread
        known.value = total
        plain.value = plain.number + (start + shift) * count


def floating(k: KernelBuilder, number: Integer) -> Register:
    """An integer as a float in every lane."""
    return k.splat(Register(k, k.scalar, k.emit(f"uitofp i64 {number} to {k.scalar}")))
