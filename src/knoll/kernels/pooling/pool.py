"""Max pooling and the indices of the maxima. Vector lanes run along channels."""

from __future__ import annotations

from dataclasses import dataclass

from knoll.graph import AdaptiveWindow, AnyWindow
from knoll.kernels.elementwise.epilogue import NO_EPILOGUE, Epilogue, window_max
from knoll.kernels.kernel import Kernel
from knoll.kernels.layout.layout import Images
from knoll.kernels.layout.pixel_address import corner
from knoll.kernels.pooling.codes import Codes, codes_of
from knoll.kernels.pooling.window_bounds import fits_registers, taps_inside, window_start, windows_tile
from knoll.kernels.tile.part_order import PartOrder
from knoll.kernels.tile.row_parts import RowParts, RowWindow
from knoll.kernels.tile.tile_address import TilePosition
from knoll.llvm.builder import KernelBuilder
from knoll.llvm.registers import IntRegister, LoopCarried, Pointer, Register

INDEX_BYTES = 8


@dataclass(frozen=True)
class MaxPool(Kernel):
    """Max pooling of x with an epilogue; with `codes`, it also writes the code of each maximum."""

    source: Images
    target: Images
    rows: AnyWindow
    columns: AnyWindow
    codes: bool
    epilogue: Epilogue = NO_EPILOGUE

    @property
    def title(self) -> str:
        """Operation, images and window."""
        window = f"k{self.rows.kernel}x{self.columns.kernel}"
        return f"max_pool2d{self.epilogue.title()}_{self.source.c}x{self.source.h}x{self.source.w}_{window}"

    @property
    def pointers(self) -> int:
        """x, y, operands and codes."""
        return 2 + len(self.epilogue.operands) + self.codes

    @property
    def parts(self) -> int:
        """Blocks of channels times output rows."""
        return self.order.parts

    @property
    def order(self) -> PartOrder:
        """Threads that share them take rows of large images."""
        return PartOrder(self.target.blocks, self.target.h, False, self.source.shared_by_rows)

    @property
    def row_parts(self) -> RowParts | None:
        """Rows of outputs, unless windows differ in size or it writes codes as well."""
        if self.codes or isinstance(self.rows, AdaptiveWindow) or not self.order.by_rows_shared:
            return None
        window = RowWindow(self.rows.stride, -self.rows.before, self.rows.span)
        return RowParts(self.target.h, 1, self.target.blocks, 1, ((0, window), *self.epilogue.by_rows(2)))

    @property
    def _codes(self) -> Codes:
        return codes_of(self.rows, self.columns, self.target)

    def emit(self, k: KernelBuilder) -> None:
        """Loop nest: samples, rows, columns, the taps inside the image."""
        source, target, b = self.source, self.target, k.bytes
        with k.loop(0, k.count, name="n") as n, k.loop(k.first_part, k.last_part, name="part") as part:
            _, block, i = self.order.place(k, part)
            image = corner(k, k.pointers[0], source, n, block)
            line = TilePosition(n, block, i, 0)
            results = line.in_images(k.pointers[1], target, b)
            fused = self.epilogue.on_tile(k, k.pointers[2:], line, [k.lanes])
            codes = self._codes.at(k.pointers[-1], n, block, i, 0) if self.codes else None
            with k.loop(0, target.w, name="j") as j:
                value, code = self._window(k, image, i, j)
                k.store(fused.apply(value, 0, 0, j), results.at(0, 0, j))
                if codes is not None and code is not None:
                    k.store(code, codes + j * (target.block * self._codes.bits // 8))

    def _window(
        self, k: KernelBuilder, image: Pointer, i: IntRegister, j: IntRegister
    ) -> tuple[Register, Register | None]:
        """The maximum of one window, and its code."""
        whole = windows_tile(self.rows, self.columns) and fits_registers(self.rows, self.columns)
        return self._whole(k, image, i, j) if whole else self._clipped(k, image, i, j)

    def _whole(
        self, k: KernelBuilder, image: Pointer, i: IntRegister, j: IntRegister
    ) -> tuple[Register, Register | None]:
        """A window inside the image, unrolled."""
        source, b, down, right = self.source, k.bytes, self.rows.kernel, self.columns.kernel
        first = image + i * (down * source.row * b) + j * (right * source.block * b)
        taps = [k.load(first + (r * source.row + s * source.block) * b) for r in range(down) for s in range(right)]
        return window_max(k, taps, self.codes)

    def _clipped(
        self, k: KernelBuilder, image: Pointer, i: IntRegister, j: IntRegister
    ) -> tuple[Register, Register | None]:
        """A window that may reach over the border: a loop over the taps inside."""
        top, left, codes = window_start(self.rows, i), window_start(self.columns, j), self._codes
        best, code = LoopCarried(k.constant(float("-inf"))), LoopCarried(codes.all(k, codes.none))
        cells = [best, code] if self.codes else [best]
        with k.loop(*taps_inside(k, self.rows, i, top, self.source.h), carrying=cells, name="r") as r:
            line = image + (top + r * self.rows.dilation) * (self.source.row * k.bytes)
            with k.loop(*taps_inside(k, self.columns, j, left, self.source.w), carrying=cells, name="s") as s:
                value = k.load(line + (left + s * self.columns.dilation) * (self.source.block * k.bytes))
                take = value.compare("ogt", best.number) | value.compare("uno", value)
                if self.codes:
                    take = take | code.number.compare("eq", codes.all(k, codes.none))
                    code.value = take.select(codes.all(k, r * self.columns.kernel + s), code.number)
                best.value = take.select(value, best.number)
        return best.number, code.number if self.codes else None


@dataclass(frozen=True)
class PoolIndices(Kernel):
    """Indices of maxima in images of `width` columns, as plain int64, from codes."""

    pooled: Images
    width: int
    rows: AnyWindow
    columns: AnyWindow

    @property
    def title(self) -> str:
        """Operation, images and window."""
        h, w = self.pooled.h, self.pooled.w
        return f"pool_indices_{self.pooled.c}x{h}x{w}_k{self.rows.kernel}x{self.columns.kernel}"

    @property
    def pointers(self) -> int:
        """Codes and indices."""
        return 2

    @property
    def parts(self) -> int:
        """Channels."""
        return self.pooled.c

    def emit(self, k: KernelBuilder) -> None:
        """Samples, channels, pooled pixels."""
        images, codes = self.pooled, codes_of(self.rows, self.columns, self.pooled)
        plane = images.h * images.w
        with k.loop(0, k.count, name="n") as n, k.loop(k.first_part, k.last_part, name="channel") as c:
            block, lane = c // images.block, c % images.block
            target = k.pointers[1] + n * (images.c * plane * INDEX_BYTES) + c * (plane * INDEX_BYTES)
            with k.loop(0, images.h, name="i") as i, k.loop(0, images.w, name="j") as j:
                place = codes.at(k.pointers[0], n, block, i, j) + lane * (codes.bits // 8)
                code = k.load(place, f"i{codes.bits}")
                index = self._index(k, IntRegister(k, k.emit(f"zext {code.type} {code.name} to i64")), i, j)
                missed = code.compare("eq", Register(k, code.type, "-1"))
                index = missed.select(Register(k, "i64", "-1"), index)
                k.store(index, target + i * (images.w * INDEX_BYTES) + j * INDEX_BYTES)

    def _index(self, k: KernelBuilder, code: IntRegister, i: IntRegister, j: IntRegister) -> Register:
        """row · width + column of the maximum."""
        row = window_start(self.rows, i) + code // self.columns.kernel * self.rows.dilation
        column = window_start(self.columns, j) + code % self.columns.kernel * self.columns.dilation
        return Register(k, "i64", (row * self.width + column).name)
