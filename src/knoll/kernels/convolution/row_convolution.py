"""Convolution from plain images to plain images. Vector lanes run along the columns of an output row.

That pays where a group has few output channels, as of depthwise convolutions, masks, and filters of images: lanes that
run along them would be empty. Nothing is laid out anew before or after it. Each vector of an input row is loaded once
for all output rows and channels of a tile; with stride 2 its even and its odd columns are taken apart in registers.
What lies beside the image is masked, rows above and below it are read from a row of zeros.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from itertools import chain, product

from knoll.graph.sizes import ceil_div
from knoll.kernels.convolution.taps import Taps
from knoll.kernels.elementwise.epilogue import NO_EPILOGUE, Epilogue
from knoll.kernels.kernel import Kernel
from knoll.kernels.layout.lanes import shuffled
from knoll.kernels.layout.layout import Images
from knoll.kernels.tile.tile_address import MatrixTile, TileAddress
from knoll.llvm.builder import KernelBuilder
from knoll.llvm.registers import Integer, IntRegister, LoopCarried, Pointer, Register

MOST_ROWS, MOST_VECTORS = 4, 8  # of outputs of a tile
MANY_GROUPS = 16  # that threads share; of fewer they share the rows
MAX_STRIDE = 2  # of columns


@dataclass(frozen=True)
class RowConvolution(Kernel):
    """`per_group` has the output and input channels of a group; both layouts are plain.

    Reads x, weights (k, c / groups, r, s), with `bias` the bias; writes y. The epilogue has no operands.
    """

    source: Images
    target: Images
    taps: Taps
    per_group: tuple[int, int] = (1, 1)
    bias: bool = False
    epilogue: Epilogue = NO_EPILOGUE

    @property
    def title(self) -> str:
        """Operation, fused parts, window and channels."""
        r, s = self.taps.count
        fused = self.epilogue.title(self.bias)
        return f"row_conv{fused}_{self.target.c}x{self.source.c}x{self.source.h}x{self.source.w}_k{r}x{s}"

    @property
    def pointers(self) -> int:
        """x, weights, y, then the bias."""
        return 3 + self.bias

    @property
    def parts(self) -> int:
        """Groups; where they are few, rows of tiles of each."""
        return self.groups * self.bands

    @property
    def groups(self) -> int:
        """Groups of channels."""
        return self.target.c // self.per_group[0]

    @property
    def bands(self) -> int:
        """Parts of a group."""
        return 1 if self.groups >= MANY_GROUPS else ceil_div(self.target.h, self.rows)

    @property
    def work(self) -> int:
        """One for each output, tap and input channel of a group."""
        return self.target.c * self.target.h * self.target.w * self.window * self.per_group[1]

    @property
    def window(self) -> int:
        """Taps."""
        return self.taps.count[0] * self.taps.count[1]

    @property
    def most_sums(self) -> int:
        """Vectors of sums for each output channel that fit half of the registers, but one at least."""
        return max(1, self.machine.registers // 2 // self.per_group[0])

    @property
    def rows(self) -> int:
        """Output rows of a tile."""
        return max(1, min(MOST_ROWS // self.vectors, self.target.h, self.most_sums))

    @property
    def vectors(self) -> int:
        """Vectors of each output row of a tile, where nothing is masked: one where rows have inputs in common."""
        several = self.taps.count[0] == 1
        return max(1, min(MOST_VECTORS, self.most_sums, self.target.w // self.lanes)) if several else 1

    @property
    def holds_weights(self) -> bool:
        """Whether all weights of a group with one input channel fit the registers beside the sums and inputs."""
        outputs, inputs = self.per_group
        return inputs == 1 and outputs * (self.window + self.rows * self.vectors) + 4 <= self.machine.registers

    def emit(self, k: KernelBuilder) -> None:
        """Samples, parts, rows of tiles, columns of tiles, input channels."""
        x, w, y = k.pointers[:3]
        source, target, b = self.source, self.target, k.bytes
        outputs, inputs = self.per_group
        zeros = k.table([0.0] * source.w, k.scalar)
        with k.loop(0, k.count, name="n") as n, k.loop(k.first_part, k.last_part, name="part") as part:
            group, band = (part, 0) if self.bands == 1 else (part // self.bands, part % self.bands)
            image = x + n * (source.size * b) + group * (inputs * source.plane * b)
            result = y + n * (target.size * b) + group * (outputs * target.plane * b)
            window = w + group * (outputs * inputs * self.window * b)
            weights = self._weights(k, window)
            start = self._start(k, group)
            first, last = (0, target.h) if self.bands == 1 else (band * self.rows, band * self.rows + 1)
            with k.loop(first, last, self.rows, name="row") as row:
                i = k.minimum(row, target.h - self.rows)
                corner = result + i * (target.row * b)
                lines = self._addresses(k, image, zeros, i)
                for column, lanes, vectors in self._pieces(k):
                    sums = [[LoopCarried(start[o]) for _ in range(self.rows * vectors)] for o in range(outputs)]
                    if inputs == 1:
                        self._accumulate(k, lines, column, weights, window, sums)
                    else:
                        with k.loop(0, inputs, carrying=[*chain(*sums)], name="channel") as channel:
                            lines = self._addresses(k, image + channel * (source.plane * b), zeros, i)
                            self._accumulate(k, lines, column, weights, window + channel * (self.window * b), sums)
                    self._finish(k, corner, column, lanes, sums)

    def _weights(self, k: KernelBuilder, window: Pointer) -> list[Register]:
        """The weights of a group, each in all lanes of a vector, if they fit the registers."""
        count = self.per_group[0] * self.window if self.holds_weights else 0
        return [k.splat(k.load(window + tap * k.bytes, k.scalar)) for tap in range(count)]

    def _start(self, k: KernelBuilder, group: Integer) -> list[Register]:
        """What the sums of each output channel of a group begin with."""
        outputs = self.per_group[0]
        if not self.bias:
            return [k.zero()] * outputs
        biases = k.pointers[3] + group * (outputs * k.bytes)
        return [k.splat(k.load(biases + o * k.bytes, k.scalar)) for o in range(outputs)]

    @property
    def _lines(self) -> dict[int, list[tuple[int, int]]]:
        """The input rows under a tile, counted from its first, and which (output row, window row) meet there."""
        lines: dict[int, list[tuple[int, int]]] = {}
        for i, r in product(range(self.rows), range(self.taps.count[0])):
            lines.setdefault(i * self.taps.stride[0] + r * self.taps.dilation[0], []).append((i, r))
        return dict(sorted(lines.items()))

    def _addresses(self, k: KernelBuilder, plane: Pointer, zeros: Pointer, i: Integer) -> dict[int, Pointer]:
        """The address of each input row under the tile of output row i."""
        rows = {down: i * self.taps.stride[0] + (self.taps.start[0] + down) for down in self._lines}
        size, height = self.source.row * k.bytes, self.source.h
        return {down: k.within(row, height, plane + row * size, zeros) for down, row in rows.items()}

    def _pieces(self, k: KernelBuilder) -> Iterator[tuple[Integer, int, int]]:
        """The first column of each piece of an output row, its lanes and vectors; those without masks are a loop."""
        columns = range(0, self.target.w, k.lanes)
        inner = [column for column in columns if self._is_inner(column, k.lanes)]
        whole = inner[: len(inner) // self.vectors * self.vectors]
        for column in columns:
            if column not in whole:
                yield column, min(k.lanes, self.target.w - column), 1
            elif column == whole[0]:
                with k.loop(column, whole[-1] + 1, self.vectors * k.lanes, name="column") as index:
                    yield index, k.lanes, self.vectors

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
        sums: list[list[LoopCarried]],
    ) -> None:
        """All taps of an input channel. The sums of an output channel are those of its rows, vector after vector."""
        columns, (_, inputs) = self.taps.count[1], self.per_group
        for down, met in self._lines.items():
            for vector in range(len(sums[0]) // self.rows):
                read = self._inputs(k, lines[down], column, vector)
                for (i, r), s, o in product(met, range(columns), range(len(sums))):
                    total, tap = sums[o][vector * self.rows + i], r * columns + s
                    if weights:
                        total.value = k.multiply_add_to(read[s], weights[o * self.window + tap], total.number)
                    else:
                        weight = window + (o * inputs * self.window + tap) * k.bytes
                        (total.value,) = k.multiply_add_one(weight, [read[s]], [total.number])

    def _inputs(self, k: KernelBuilder, line: Pointer, column: Integer, vector: int) -> list[Register]:
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

        begin = vector * k.lanes * stride
        offsets = [begin + s * self.taps.dilation[1] for s in range(self.taps.count[1])]
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

    def _finish(
        self, k: KernelBuilder, corner: Pointer, column: Integer, lanes: int, sums: list[list[LoopCarried]]
    ) -> None:
        """Apply the epilogue, store."""
        vectors = len(sums[0]) // self.rows
        fused = self.epilogue.on_tile(k, [], MatrixTile(0, 0, k.lanes), [lanes] * vectors)
        for o, totals in enumerate(sums):
            plane = corner + (o * self.target.plane * k.bytes) + column * k.bytes
            target = TileAddress(plane, k.lanes * k.bytes, self.target.row * k.bytes)
            fused.store((self.rows, 1), target, partial(self._sum, totals))

    def _sum(self, totals: list[LoopCarried], vector: int, row: int, _: int) -> Register:
        return totals[vector * self.rows + row].number


def fills_vectors(width: int, lanes: int, least: float) -> bool:
    """Whether rows of so many columns use at least that share of the lanes."""
    return width >= least * ceil_div(width, lanes) * lanes
