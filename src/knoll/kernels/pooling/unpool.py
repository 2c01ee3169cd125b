"""Scatter and gather by the codes of max pooling. Vector lanes run along channels."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from knoll.graph import AnyWindow
from knoll.kernels.kernel import Kernel
from knoll.kernels.layout.layout import Images
from knoll.kernels.layout.pixel_address import clear, corner, pixel
from knoll.kernels.pooling.codes import codes_of
from knoll.kernels.pooling.window_bounds import fits_registers, taps_inside, window_start, windows_tile
from knoll.llvm.builder import KernelBuilder
from knoll.llvm.registers import Integer, IntRegister, LoopCarried, Pointer


@dataclass(frozen=True)
class ScatterByCodes(Kernel):
    """Pooled elements at the position of their maximum, zero elsewhere: unpooling, or the gradient of pooling.

    Windows that tile the image write each pixel once. Others start from zeros; where windows overlap, elements are
    added if `adds`, as gradients are, otherwise the last one wins.
    """

    pooled: Images
    image: Images
    rows: AnyWindow
    columns: AnyWindow
    adds: bool

    @property
    def title(self) -> str:
        """Operation, images and window."""
        name = "max_pool2d_dx" if self.adds else "max_unpool2d"
        return f"{name}_{self.image.c}x{self.image.h}x{self.image.w}_k{self.rows.kernel}x{self.columns.kernel}"

    @property
    def pointers(self) -> int:
        """Pooled numbers, codes and images."""
        return 3

    @property
    def parts(self) -> int:
        """Blocks of channels."""
        return self.image.blocks

    @property
    def writes_once(self) -> bool:
        """Whether windows do not overlap and are unrolled."""
        return windows_tile(self.rows, self.columns) and fits_registers(self.rows, self.columns)

    @property
    def covers_all(self) -> bool:
        """Whether every pixel is written."""
        axes = ((self.rows, self.pooled.h, self.image.h), (self.columns, self.pooled.w, self.image.w))
        return self.writes_once and all(count * axis.kernel == size for axis, count, size in axes)

    def emit(self, k: KernelBuilder) -> None:
        """Loop nest: samples, blocks of channels; zeros if needed, then pooled pixels and their taps."""
        given, codes, result = k.pointers
        code_type = codes_of(self.rows, self.columns, self.pooled)
        with k.loop(0, k.count, name="n") as n, k.loop(k.first_part, k.last_part, name="block") as block:
            image = corner(k, result, self.image, n, block)
            if not self.covers_all:
                clear(k, image, self.image)
            with k.loop(0, self.pooled.h, name="i") as i, k.loop(0, self.pooled.w, name="j") as j:
                number = k.load(pixel(k, corner(k, given, self.pooled, n, block), self.pooled, i, j))
                code = code_type.load(k, code_type.at(codes, n, block, i, j))
                for tap, place in taps(k, self, image, i, j):
                    held = k.zero() if self.writes_once else k.load(place)
                    value = held + number if self.adds and not self.writes_once else number
                    k.store(code.compare("eq", code_type.all(k, tap)).select(value, held), place)


@dataclass(frozen=True)
class GatherByCodes(Kernel):
    """The element at the position of each maximum: the gradient of unpooling."""

    pooled: Images
    image: Images
    rows: AnyWindow
    columns: AnyWindow

    @property
    def title(self) -> str:
        """Operation, images and window."""
        c, h, w = self.image.c, self.image.h, self.image.w
        return f"max_unpool2d_dx_{c}x{h}x{w}_k{self.rows.kernel}x{self.columns.kernel}"

    @property
    def pointers(self) -> int:
        """Images, codes and pooled numbers."""
        return 3

    @property
    def parts(self) -> int:
        """Blocks of channels times pooled rows."""
        return self.pooled.blocks * self.pooled.h

    def emit(self, k: KernelBuilder) -> None:
        """Samples, pooled pixels, taps."""
        given, codes, result = k.pointers
        code_type = codes_of(self.rows, self.columns, self.pooled)
        with k.loop(0, k.count, name="n") as n, k.loop(k.first_part, k.last_part, name="part") as part:
            block, i = part // self.pooled.h, part % self.pooled.h
            image = corner(k, given, self.image, n, block)
            target = corner(k, result, self.pooled, n, block)
            with k.loop(0, self.pooled.w, name="j") as j:
                code, found = code_type.load(k, code_type.at(codes, n, block, i, j)), LoopCarried(k.zero())
                for tap, place in taps(k, self, image, i, j, found):
                    found.value = code.compare("eq", code_type.all(k, tap)).select(k.load(place), found.number)
                k.store(found.number, pixel(k, target, self.pooled, i, j))


def taps(
    k: KernelBuilder,
    spec: ScatterByCodes | GatherByCodes,
    image: Pointer,
    i: IntRegister,
    j: IntRegister,
    *carrying: LoopCarried,
) -> Iterator[tuple[Integer, Pointer]]:
    """The number and the address of each tap of a window: unrolled if windows tile and are small, else in a loop."""
    rows, columns, images = spec.rows, spec.columns, spec.image
    top, left = window_start(rows, i), window_start(columns, j)
    if windows_tile(rows, columns) and fits_registers(rows, columns):
        for tap in range(rows.kernel * columns.kernel):
            r, s = divmod(tap, columns.kernel)
            yield tap, pixel(k, image, images, top + r, left + s)
        return
    with (
        k.loop(*taps_inside(k, rows, i, top, images.h), carrying=carrying, name="r") as down,
        k.loop(*taps_inside(k, columns, j, left, images.w), carrying=carrying, name="s") as right,
    ):
        place = pixel(k, image, images, top + down * rows.dilation, left + right * columns.dilation)
        yield down * columns.kernel + right, place
