"""Depthwise convolution from plain images to plain images. Vector lanes run along the columns of an output row.

Nothing is laid out anew before or after it. Each vector of an input row is loaded once for all output rows of a tile;
with stride 2 its even and its odd columns are taken apart in registers. What lies beside the image is masked, rows
above and below it are read from a row of zeros.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product

from knoll.graph.sizes import ceil_div
from knoll.kernels.convolution.taps import Taps
from knoll.kernels.elementwise.epilogue import NO_EPILOGUE, Epilogue
from knoll.kernels.kernel import Kernel
from knoll.kernels.layout.lanes import shuffled
from knoll.kernels.layout.layout import Images
from knoll.kernels.tile.tile_address import MatrixTile, TileAddress
from knoll.llvm.builder import KernelBuilder
from knoll.llvm.registers import Integer, IntRegister, LoopCarried, Pointer, Register

TILE_ROWS = 4
MAX_STRIDE = 2  # of columns


@dataclass(frozen=True)
class DepthwiseRows(Kernel):
    """One output channel for each channel of `source`; both layouts are plain.

    Reads x, weights (c, 1, r, s), with `bias` the bias; writes y. The epilogue has no operands.
    """

    source: Images
    target: Images
    taps: Taps
    bias: bool = False
    epilogue: Epilogue = NO_EPILOGUE

    @property
    def title(self) -> str:
        """Operation, fused parts, window and channels."""
        r, s = self.taps.count
        fused = self.epilogue.title(self.bias)
        return f"depthwise_rows{fused}_{self.source.c}x{self.source.h}x{self.source.w}_k{r}x{s}"

    @property
    def pointers(self) -> int:
        """x, weights, y, then the bias."""
        return 3 + self.bias

    @property
    def parts(self) -> int:
        """Channels."""
        return self.source.c

    @property
    def work(self) -> int:
        """One for each output and tap."""
        return self.target.c * self.target.h * self.target.w * self.taps.count[0] * self.taps.count[1]

    @property
    def rows(self) -> int:
        """Output rows of a tile."""
        return min(TILE_ROWS, self.target.h)

    @property
    def holds_weights(self) -> bool:
        """Whether all weights of a channel fit the registers beside the sums and inputs."""
        return self.taps.count[0] * self.taps.count[1] + self.rows + 4 <= self.machine.registers

    def emit(self, k: KernelBuilder) -> None:
        """Samples, channels, rows of tiles, columns of tiles."""
        x, w, y = k.pointers[:3]
        source, target, b = self.source, self.target, k.bytes
        zeros = k.table([0.0] * source.w, k.scalar)
        with k.loop(0, k.count, name="n") as n, k.loop(k.first_part, k.last_part, name="channel") as channel:
            image = x + n * (source.size * b) + channel * (source.plane * b)
            result = y + n * (target.size * b) + channel * (target.plane * b)
            window = w + channel * (self.taps.count[0] * self.taps.count[1] * b)
            weights = self._weights(k, window)
            start = k.splat(k.load(k.pointers[3] + channel * b, k.scalar)) if self.bias else k.zero()
            with k.loop(0, target.h, self.rows, name="row") as row:
                i = k.minimum(row, target.h - self.rows)
                lines = {down: self._line(k, image, zeros, i, down) for down in self._lines}
                corner = result + i * (target.row * b)
                for column, lanes in self._pieces(k):
                    sums = [LoopCarried(start) for _ in range(self.rows)]
                    self._accumulate(k, lines, column, weights, window, sums)
                    self._finish(k, corner, column, lanes, sums)

    def _weights(self, k: KernelBuilder, window: Pointer) -> list[Register]:
        """The weights of a channel, each in all lanes of a vector, if they fit the registers."""
        count = self.taps.count[0] * self.taps.count[1] if self.holds_weights else 0
        return [k.splat(k.load(window + tap * k.bytes, k.scalar)) for tap in range(count)]

    @property
    def _lines(self) -> dict[int, list[tuple[int, int]]]:
        """The input rows under a tile, counted from its first, and which (output row, window row) meet there."""
        lines: dict[int, list[tuple[int, int]]] = {}
        for i, r in product(range(self.rows), range(self.taps.count[0])):
            lines.setdefault(i * self.taps.stride[0] + r * self.taps.dilation[0], []).append((i, r))
        return dict(sorted(lines.items()))

    def _line(self, k: KernelBuilder, image: Pointer, zeros: Pointer, i: Integer, down: int) -> Pointer:
        """The address of an input row."""
        row = i * self.taps.stride[0] + (self.taps.start[0] + down)
        return k.within(row, self.source.h, image + row * (self.source.row * k.bytes), zeros)

    def _pieces(self, k: KernelBuilder) -> Iterator[tuple[Integer, int]]:
        """The first column and the lanes of each piece of an output row; pieces that need no mask are a loop."""
        columns = range(0, self.target.w, k.lanes)
        inner = [column for column in columns if self._is_inner(column, k.lanes)]
        for column in columns:
            if column not in inner:
                yield column, min(k.lanes, self.target.w - column)
            elif column == inner[0]:
                with k.loop(column, inner[-1] + 1, k.lanes, name="column") as index:
                    yield index, k.lanes

    def _is_inner(self, column: int, lanes: int) -> bool:
        """Whether all lanes of a piece are outputs, and all that is read for them lies in the image."""
        first = self._first(column)
        reach = (self.taps.count[1] - 1) * self.taps.dilation[1] + lanes * self.taps.stride[1]
        return column + lanes <= self.target.w and first >= 0 and first + reach <= self.source.w

    def _first(self, column: int) -> int:
        """The first input column that a piece reads; before the image it is negative."""
        return column * self.taps.stride[1] + self.taps.start[1]

    def _accumulate(
        self,
        k: KernelBuilder,
        lines: dict[int, Pointer],
        column: Integer,
        weights: list[Register],
        window: Pointer,
        sums: list[LoopCarried],
    ) -> None:
        """All taps of a tile."""
        columns = self.taps.count[1]
        for down, met in self._lines.items():
            inputs = self._inputs(k, lines[down], column)
            for (i, r), s in product(met, range(columns)):
                tap, total = r * columns + s, sums[i].number
                if weights:
                    sums[i].value = k.multiply_add_to(inputs[s], weights[tap], total)
                else:
                    (sums[i].value,) = k.multiply_add_one(window + tap * k.bytes, [inputs[s]], [total])

    def _inputs(self, k: KernelBuilder, line: Pointer, column: Integer) -> list[Register]:
        """What each tap of a window row meets in an input row."""
        stride, loaded = self.taps.stride[1], dict[int, Register]()

        def load(offset: int) -> Register:
            if offset not in loaded:
                loaded[offset] = self._load(k, line, column, offset)
            return loaded[offset]

        def every_second(offset: int) -> Register:
            odd = offset % 2
            pair = load(offset - odd), load(offset - odd + k.lanes)
            return shuffled(k, *pair, range(odd, 2 * k.lanes, 2))

        offsets = [s * self.taps.dilation[1] for s in range(self.taps.count[1])]
        return [load(offset) if stride == 1 else every_second(offset) for offset in offsets]

    def _load(self, k: KernelBuilder, line: Pointer, column: Integer, offset: int) -> Register:
        """A vector of an input row, `offset` columns after the first that is read; zeros beside the image."""
        if isinstance(column, IntRegister):
            return k.load(line + column * (self.taps.stride[1] * k.bytes) + (self.taps.start[1] + offset) * k.bytes)
        first = self._first(column) + offset
        before, after = max(-first, 0), min(self.source.w - first, k.lanes)
        if before >= after:
            return k.zero()
        return k.load_lanes(line + first * k.bytes, after, before)

    def _finish(self, k: KernelBuilder, corner: Pointer, column: Integer, lanes: int, sums: list[LoopCarried]) -> None:
        """Apply the epilogue, store."""
        fused = self.epilogue.on_tile(k, [], MatrixTile(0, 0, k.lanes), [lanes])
        target = TileAddress(corner + column * k.bytes, 0, self.target.row * k.bytes)
        fused.store((self.rows, 1), target, lambda _, i, __: sums[i].number)


def fills_vectors(width: int, lanes: int, least: float) -> bool:
    """Whether rows of so many columns use at least that share of the lanes."""
    return width >= least * ceil_div(width, lanes) * lanes
