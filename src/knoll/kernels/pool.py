"""Max pooling and its gradient, a vector of channels at a time.

The winner of a window is remembered as a code: the number of its tap in reading order, one byte.
"""

from __future__ import annotations

from dataclasses import dataclass

from knoll.graph import Window
from knoll.kernels.epilogue import largest
from knoll.kernels.kernel import KernelSpec
from knoll.kernels.layout import Images
from knoll.llvm.builder import Cell, Index, Integer, Kernel, Number, Pointer

NO_TAP = 255


@dataclass(frozen=True)
class MaxPool(KernelSpec):
    """y and, with `codes`, the winners, from x; any window."""

    source: Images
    target: Images
    rows: Window
    columns: Window
    codes: bool

    @property
    def title(self) -> str:
        """Operation, images and window."""
        return f"max_pool2d_{self.source.c}x{self.source.h}x{self.source.w}_k{self.rows.kernel}x{self.columns.kernel}"

    @property
    def pointers(self) -> int:
        """x, y and codes."""
        return 2 + self.codes

    @property
    def parts(self) -> int:
        """Blocks of channels times output rows."""
        return self.target.blocks * self.target.h

    @property
    def code_images(self) -> Images:
        """How codes lie."""
        return Images(self.target.c, self.target.h, self.target.w, self.target.block)

    def emit(self, k: Kernel) -> None:
        """Samples, rows, columns; then the taps that lie inside the image."""
        x, y = k.pointers[:2]
        source, target, b = self.source, self.target, k.bytes
        with k.loop(0, k.count, name="n") as n, k.loop(k.first_part, k.last_part, name="part") as part:
            block, i = part // target.h, part % target.h
            image = x + n * (source.size * b) + block * (source.plane * b) + source.at(0, 0) * b
            line = y + n * (target.size * b) + block * (target.plane * b) + i * (target.row * b) + target.at(0, 0) * b
            codes = k.pointers[2] + n * self.code_images.size + part * self.code_images.row if self.codes else None
            with k.loop(0, target.w, name="j") as j:
                value, code = self._window(k, image, i, j)
                k.store(value, line + j * (target.block * b))
                if codes is not None and code is not None:
                    k.store(code, codes + j * target.block)

    def _window(self, k: Kernel, image: Pointer, i: Index, j: Index) -> tuple[Number, Number | None]:
        if (
            self.rows.is_tiling
            and self.columns.is_tiling
            and not self.rows.ceil
            and self.rows.kernel * self.columns.kernel <= 16
        ):
            return self._whole(k, image, i, j)
        return self._clipped(k, image, i, j)

    def _whole(self, k: Kernel, image: Pointer, i: Index, j: Index) -> tuple[Number, Number | None]:
        """A window that surely lies inside: all taps at once."""
        source, b = self.source, k.bytes
        first = image + i * (self.rows.stride * source.row * b) + j * (self.columns.stride * source.block * b)
        taps = [
            k.load(first + (r * source.row + s * source.block) * b)
            for r in range(self.rows.kernel)
            for s in range(self.columns.kernel)
        ]
        return largest(k, taps, self.codes)

    def _clipped(self, k: Kernel, image: Pointer, i: Index, j: Index) -> tuple[Number, Number | None]:
        """A window that may hang over the edge: only the taps inside."""
        top, left = i * self.rows.stride - self.rows.before, j * self.columns.stride - self.columns.before
        best = Cell(k.constant(float("-inf")))
        code = Cell(Number(k, f"<{k.lanes} x i8>", lanes_of(k, NO_TAP)))
        cells = [best, code]
        with k.loop(*inside(k, top, self.rows, self.source.h), carrying=cells, name="r") as r:
            line = image + (top + r * self.rows.dilation) * (self.source.row * k.bytes)
            with k.loop(*inside(k, left, self.columns, self.source.w), carrying=cells, name="s") as s:
                value = k.load(line + (left + s * self.columns.dilation) * (self.source.block * k.bytes))
                untouched = code.number.compare("eq", Number(k, code.number.type, lanes_of(k, NO_TAP)))
                take = value.compare("ogt", best.number) | value.compare("uno", value) | untouched
                best.value = take.select(value, best.number)
                tap = k.emit(f"trunc i64 {r * self.columns.kernel + s} to i8")
                code.value = take.select(k.splat(Number(k, "i8", tap)), code.number)
        return best.number, code.number if self.codes else None


def inside(k: Kernel, start: Integer, window: Window, size: int) -> tuple[Integer, Integer]:
    """The taps of a window beginning at `start` that lie on an axis of `size`: from the first up to the last."""
    if window.before == 0 and window.after == 0 and not window.ceil:
        return 0, window.kernel
    d = window.dilation
    missing = k.maximum(0 - start if isinstance(start, Index) else -start, 0)
    first = k.minimum((missing + (d - 1)) // d, window.kernel)
    reach = k.maximum(size - start, 0)
    return first, k.minimum((reach + (d - 1)) // d, window.kernel)


def lanes_of(k: Kernel, code: int) -> str:
    """A vector of one code, as LLVM writes it."""
    signed = code - 256 if code > 127 else code
    return "<" + ", ".join(f"i8 {signed}" for _ in range(k.lanes)) + ">"


@dataclass(frozen=True)
class MaxPoolGradient(KernelSpec):
    """dx from dy and codes: each dy goes to the tap that won, zero elsewhere.

    Windows that stand side by side write each dx once; others start from zeros and add.
    """

    source: Images
    target: Images
    rows: Window
    columns: Window

    @property
    def title(self) -> str:
        """Operation, images and window."""
        return (
            f"max_pool2d_dx_{self.target.c}x{self.target.h}x{self.target.w}_k{self.rows.kernel}x{self.columns.kernel}"
        )

    @property
    def pointers(self) -> int:
        """dy, codes and dx."""
        return 3

    @property
    def parts(self) -> int:
        """Blocks of channels."""
        return self.target.blocks

    @property
    def code_images(self) -> Images:
        """How codes lie."""
        return Images(self.source.c, self.source.h, self.source.w, self.source.block)

    @property
    def tiles(self) -> bool:
        """Whether windows stand side by side, all of them inside."""
        return self.rows.is_tiling and self.columns.is_tiling and not self.rows.ceil

    @property
    def covers_all(self) -> bool:
        """Whether every pixel of dx belongs to exactly one window."""
        axes = ((self.rows, self.source.h, self.target.h), (self.columns, self.source.w, self.target.w))
        return self.tiles and all(count * window.kernel == size for window, count, size in axes)

    def emit(self, k: Kernel) -> None:
        """Samples, blocks, then zeros if needed, then output pixels and their taps."""
        dy, codes, dx = k.pointers
        source, target, b = self.source, self.target, k.bytes
        with k.loop(0, k.count, name="n") as n, k.loop(k.first_part, k.last_part, name="block") as block:
            image = dx + n * (target.size * b) + block * (target.plane * b) + target.at(0, 0) * b
            if not self.covers_all:
                self._clear(k, image)
            with k.loop(0, source.h, name="i") as i, k.loop(0, source.w, name="j") as j:
                gradient = dy + n * (source.size * b) + block * (source.plane * b) + source.at(0, 0) * b
                place = block * self.code_images.plane + i * self.code_images.row + j * source.block
                code = k.load(codes + n * self.code_images.size + place, f"<{k.lanes} x i8>")
                self._spread(k, k.load(gradient + i * (source.row * b) + j * (source.block * b)), code, image, i, j)

    def _clear(self, k: Kernel, image: Pointer) -> None:
        with k.loop(0, self.target.h, name="i") as i, k.loop(0, self.target.w, name="j") as j:
            k.store(k.zero(), image + i * (self.target.row * k.bytes) + j * (self.target.block * k.bytes))

    def _spread(self, k: Kernel, gradient: Number, code: Number, image: Pointer, i: Index, j: Index) -> None:
        top, left = i * self.rows.stride - self.rows.before, j * self.columns.stride - self.columns.before
        if self.tiles:
            for tap in range(self.rows.kernel * self.columns.kernel):
                row, column = divmod(tap, self.columns.kernel)
                mine = code.compare("eq", Number(k, code.type, lanes_of(k, tap)))
                k.store(mine.select(gradient, k.zero()), self._pixel(k, image, top + row, left + column))
            return
        with (
            k.loop(*inside(k, top, self.rows, self.target.h), name="r") as r,
            k.loop(*inside(k, left, self.columns, self.target.w), name="s") as s,
        ):
            number = k.splat(Number(k, "i8", k.emit(f"trunc i64 {r * self.columns.kernel + s} to i8")))
            place = self._pixel(k, image, top + r * self.rows.dilation, left + s * self.columns.dilation)
            held = k.load(place)
            k.store(code.compare("eq", number).select(held + gradient, held), place)

    def _pixel(self, k: Kernel, image: Pointer, i: Integer, j: Integer) -> Pointer:
        return image + i * (self.target.row * k.bytes) + j * (self.target.block * k.bytes)
