"""The gradient of batch normalisation.

Vector lanes run along channels. The factors of a block of channels are computed once, before the loop over its pixels.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from knoll.kernels.elementwise.arithmetic import arithmetic
from knoll.kernels.kernel import Kernel, titled
from knoll.kernels.layout.layout import Images
from knoll.kernels.normalisation.statistics import floating
from knoll.kernels.reduction.pixels import add_pixels, pixels
from knoll.kernels.reduction.sums import initial_sum
from knoll.llvm.builder import KernelBuilder
from knoll.llvm.registers import LoopCarried, Pointer, Register
from knoll.ops.normalisation.batch_norm import factor_formula


def factor(k: KernelBuilder, variance: Register, scale: Register | None = None, *, epsilon: float) -> Register:
    """The factor of each channel: scale / √(variance + ε)."""
    return factor_formula(arithmetic(k), variance, scale, epsilon=epsilon)


@dataclass(frozen=True)
class NormaliseSums(Kernel):
    """For each channel the gradients of scale and shift: Σ dy · (x − mean) / √(variance + ε), and Σ dy."""

    gradient: Images
    source: Images
    epsilon: float

    @property
    def title(self) -> str:
        """Operation and images."""
        return titled("batch_norm_sums", self.source.c, self.source.h, self.source.w)

    @property
    def pointers(self) -> int:
        """dy, x, mean, variance and the sums."""
        return 5

    @property
    def numbers(self) -> tuple[int, ...]:
        """Bytes from one image to the next in dy and x, and from one sum to the other."""
        return tuple(size * self.dtype.itemsize for size in (self.gradient.size, self.source.size, self.size // 2))

    @property
    def generic(self) -> NormaliseSums:
        """For any number of channels."""
        return replace(self, gradient=replace(self.gradient, c=0), source=replace(self.source, c=0))

    @property
    def parts(self) -> int:
        """Blocks of channels."""
        return self.source.blocks

    @property
    def size(self) -> int:
        """Elements of both sums, one after the other."""
        return 2 * self.source.blocks * self.lanes

    def emit(self, k: KernelBuilder) -> None:
        """Blocks, samples, rows, columns."""
        (dy, x, mean, variance, sums), (*samples, apart) = k.pointers, k.numbers
        with k.loop(k.first_part, k.last_part, name="block") as block:
            channel = block * (k.lanes * k.bytes)
            middle, multiplier = k.load(mean + channel), factor(k, k.load(variance + channel), epsilon=self.epsilon)
            places = sums + channel, sums + channel + apart
            cells = [LoopCarried(initial_sum(k, place, k.lanes)) for place in places]

            def add(pixel: list[Pointer], cells: Sequence[LoopCarried]) -> None:
                d, distance = k.load(pixel[0]), (k.load(pixel[1]) - middle) * multiplier
                cells[0].value = k.multiply_add(d, distance, cells[0].number)
                cells[1].value = cells[1].number + d

            with k.loop(0, k.count, carrying=cells, name="n") as n:
                add_pixels(k, (self.gradient, self.source), (dy, x), n, block, cells, add, samples)
            for cell, place in zip(cells, places, strict=True):
                k.store(cell.number, place)


@dataclass(frozen=True)
class NormaliseGradient(Kernel):
    """dx in training mode, where the gradient also flows through the batch mean and variance."""

    gradient: Images
    source: Images
    target: Images
    epsilon: float
    scaled: bool

    @property
    def title(self) -> str:
        """Operation and images."""
        return titled("batch_norm_dx", self.source.c, self.source.h, self.source.w)

    @property
    def pointers(self) -> int:
        """dy, x, mean, variance, dscale, dshift, scale if there is one, dx."""
        return 7 + self.scaled

    @property
    def numbers(self) -> tuple[int, ...]:
        """Bytes from one image to the next in dy, x and dx."""
        return tuple(images.size * self.dtype.itemsize for images in (self.gradient, self.source, self.target))

    @property
    def generic(self) -> NormaliseGradient:
        """For any number of channels."""
        gradient, source, target = (replace(images, c=0) for images in (self.gradient, self.source, self.target))
        return replace(self, gradient=gradient, source=source, target=target)

    @property
    def parts(self) -> int:
        """Blocks of channels."""
        return self.source.blocks

    def emit(self, k: KernelBuilder) -> None:
        """Samples, blocks, rows, columns."""
        dy, x, *channels, dx = k.pointers
        count = floating(k, k.batch * (self.source.h * self.source.w))
        with k.loop(0, k.count, name="n") as n, k.loop(k.first_part, k.last_part, name="block") as block:
            mean, variance, dscale, dshift, *scale = (k.load(p + block * (k.lanes * k.bytes)) for p in channels)
            alone = factor(k, variance, epsilon=self.epsilon)
            multiplier = alone * scale[0] if scale else alone
            slope, middle = alone * dscale / count, dshift / count
            images = (self.gradient, self.source, self.target)
            with pixels(k, images, (dy, x, dx), n, block, k.numbers) as (here, there, result):
                through = (k.load(there) - mean) * slope
                k.store((k.load(here) - middle - through) * multiplier, result)
