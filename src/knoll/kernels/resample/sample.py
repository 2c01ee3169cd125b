"""Weighted sums of pixels at computed places, and their gradients. Vector lanes run along channels.

A place is the number of a pixel as a float; one that is negative, too large or NaN has no pixel, and none is read.
"""

from __future__ import annotations

from dataclasses import dataclass

from knoll.kernels.kernel import Kernel
from knoll.kernels.layout.layout import Images
from knoll.kernels.layout.pixel_address import clear, corner, pixel
from knoll.kernels.reduction.horizontal import horizontal_sum
from knoll.llvm.builder import KernelBuilder
from knoll.llvm.registers import Integer, IntRegister, LoopCarried, Pointer, Register


@dataclass(frozen=True)
class SampleKernel(Kernel):
    """Pixels of `image` at the places of `result`, of which each has so many `taps`."""

    image: Images
    result: Images
    taps: int

    @property
    def pointers(self) -> int:
        """Three operands, and what is written."""
        return 4

    @property
    def work(self) -> int:
        """Multiply-adds of a sample."""
        return self.result.c * self.result.h * self.result.w * self.taps

    def _titled(self, operation: str) -> str:
        c, h, w = self.result.c, self.result.h, self.result.w
        return f"{operation}_{c}x{h}x{w}_of_{self.image.h}x{self.image.w}_taps{self.taps}"

    def tap(self, k: KernelBuilder, values: Pointer, n: IntRegister, tap: int, place: Integer) -> Pointer:
        """The address of a number that each tap of a place has."""
        places = self.result.h * self.result.w
        return values + (n * self.taps + tap) * (places * k.bytes) + place * k.bytes

    def pixel(self, k: KernelBuilder, index: Pointer, plane: Pointer) -> tuple[Register, Pointer]:
        """Whether there is a pixel with this number, and its address; the first one where there is none."""
        at, image = k.load(index, k.scalar), self.image
        above = at.compare("oge", Register(k, k.scalar, k.literal(0.0)))
        below = at.compare("olt", Register(k, k.scalar, k.literal(float(image.h * image.w))))
        there = Register(k, "i1", k.emit(f"and i1 {above.name}, {below.name}"))
        whole = k.emit(f"fptosi {k.scalar} {at.name} to i64")
        number = IntRegister(k, k.emit(f"select i1 {there.name}, i64 {whole}, i64 0"))
        if image.row == image.w * image.block:
            return there, plane + number * (image.block * k.bytes)
        return there, pixel(k, plane, image, number // image.w, number % image.w)


@dataclass(frozen=True)
class Sample(SampleKernel):
    """y[c, p] = Σ weight[t, p] · x[c, index[t, p]]."""

    @property
    def title(self) -> str:
        """Operation and sizes."""
        return self._titled("sample")

    @property
    def parts(self) -> int:
        """Blocks of channels times rows."""
        return self.result.blocks * self.result.h

    def emit(self, k: KernelBuilder) -> None:
        """Loop nest: samples, blocks of channels and rows (parts), columns, taps."""
        x, index, weight, y = k.pointers
        with k.loop(0, k.count, name="n") as n, k.loop(k.first_part, k.last_part, name="part") as part:
            block, i = part // self.result.h, part % self.result.h
            image, target = corner(k, x, self.image, n, block), corner(k, y, self.result, n, block)
            with k.loop(0, self.result.w, name="j") as j:
                place, total = i * self.result.w + j, k.zero()
                for tap in range(self.taps):
                    there, address = self.pixel(k, self.tap(k, index, n, tap, place), image)
                    factor = k.splat(k.load(self.tap(k, weight, n, tap, place), k.scalar))
                    total = k.multiply_add(factor, there.select(k.load(address), k.zero()), total)
                k.store(total, pixel(k, target, self.result, i, j))


@dataclass(frozen=True)
class SampleGradient(SampleKernel):
    """dx[c, index[t, p]] = the sum of weight[t, p] · dy[c, p], in order."""

    @property
    def title(self) -> str:
        """Operation and sizes."""
        return self._titled("sample_dx")

    @property
    def parts(self) -> int:
        """Blocks of channels."""
        return self.result.blocks

    def emit(self, k: KernelBuilder) -> None:
        """Loop nest: samples, blocks of channels (parts); zeros, then places and taps."""
        dy, index, weight, dx = k.pointers
        with k.loop(0, k.count, name="n") as n, k.loop(k.first_part, k.last_part, name="block") as block:
            given, image = corner(k, dy, self.result, n, block), corner(k, dx, self.image, n, block)
            clear(k, image, self.image)
            with k.loop(0, self.result.h, name="i") as i, k.loop(0, self.result.w, name="j") as j:
                place, number = i * self.result.w + j, k.load(pixel(k, given, self.result, i, j))
                for tap in range(self.taps):
                    there, address = self.pixel(k, self.tap(k, index, n, tap, place), image)
                    factor = k.splat(k.load(self.tap(k, weight, n, tap, place), k.scalar))
                    k.store(k.load(address) + there.select(factor * number, k.zero()), address)


@dataclass(frozen=True)
class SampleWeightGradient(SampleKernel):
    """dweight[t, p] = Σ dy[c, p] · x[c, index[t, p]] over channels."""

    @property
    def title(self) -> str:
        """Operation and sizes."""
        return self._titled("sample_dw")

    @property
    def parts(self) -> int:
        """Rows of places."""
        return self.result.h

    def emit(self, k: KernelBuilder) -> None:
        """Loop nest: samples, rows (parts), columns, taps, blocks of channels."""
        dy, x, index, dw = k.pointers
        with k.loop(0, k.count, name="n") as n, k.loop(k.first_part, k.last_part, name="i") as i:
            block = IntRegister(k, "0")
            first, given = corner(k, x, self.image, n, block), corner(k, dy, self.result, n, block)
            with k.loop(0, self.result.w, name="j") as j:
                place = i * self.result.w + j
                for tap in range(self.taps):
                    there, address = self.pixel(k, self.tap(k, index, n, tap, place), first)
                    total = self._dot(k, pixel(k, given, self.result, i, j), address)
                    found = there.select(total, k.zero())
                    k.store_lanes(found, self.tap(k, dw, n, tap, place), 1)

    def _dot(self, k: KernelBuilder, a: Pointer, b: Pointer) -> Register:
        """The sum over all channels of the products of two pixels."""
        whole, left = divmod(self.result.c, k.lanes)
        total = LoopCarried(k.zero())
        apart = self.result.plane * k.bytes, self.image.plane * k.bytes
        if whole:
            with k.loop(0, whole, carrying=[total], name="block") as block:
                total.value = k.multiply_add(k.load(a + block * apart[0]), k.load(b + block * apart[1]), total.number)
        if left:
            ends = k.load_lanes(a + whole * apart[0], left), k.load_lanes(b + whole * apart[1], left)
            return horizontal_sum(k, k.multiply_add(*ends, total.number))
        return horizontal_sum(k, total.number)
