"""Depthwise convolution. Vector lanes run along channels.

The sums of a tile of pixels stay in registers with the weights of one window row; each input is loaded once for all
pixels of its row that use it. Groups with several channels run the same loop once for each input of a group, with the
lanes shuffled. The input gradient is the same loop nest with other taps.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from math import prod

from knoll.graph.sizes import Pair, ceil_div
from knoll.kernels.convolution.polyphase import ONE_COMPONENT, Polyphase
from knoll.kernels.convolution.taps import Taps
from knoll.kernels.elementwise.epilogue import NO_EPILOGUE, Epilogue
from knoll.kernels.kernel import Kernel
from knoll.kernels.layout.lanes import GroupLanes, shuffled_inputs
from knoll.kernels.layout.layout import Images
from knoll.kernels.tile.part_order import PartOrder
from knoll.kernels.tile.row_parts import RowParts
from knoll.kernels.tile.tile import LATENCY, Tile
from knoll.kernels.tile.tile_address import TilePosition
from knoll.llvm.builder import KernelBuilder
from knoll.llvm.registers import Integer, IntRegister, LoopCarried, Pointer

MAX_UNROLLED = 8  # parts of a window row; more are a loop
ROW_WEIGHTS = 21 << 10  # bytes of weights that stay in a first-level cache of 32 KiB beside the rows that they meet
ROWS_SHARED = 128  # pixels from which threads share rows, as they do in the products of channels before and after


@dataclass(frozen=True)
class DepthwiseConvolution(Kernel):
    """`size` outputs in each polyphase component of `target`, each the sum of its taps over the inputs of its group.

    A component may be smaller than `size`. `per_group` is (outputs, inputs) of one group. Reads x,
    packed weights, with `bias` a padded bias, and what the epilogue takes; writes y.
    """

    source: Images
    target: Images
    taps: Taps
    size: Pair
    per_group: Pair
    components: Polyphase = ONE_COMPONENT
    bias: bool = False
    epilogue: Epilogue = NO_EPILOGUE

    @property
    def title(self) -> str:
        """Operation, fused parts, window and channels."""
        fused = self.epilogue.title(self.bias)
        r, s = self.taps.count
        return f"depthwise{fused}_{self.source.c}x{self.source.h}x{self.source.w}_{self.target.c}_k{r}x{s}"

    @property
    def pointers(self) -> int:
        """x, weights, y, then the bias and operands."""
        return 3 + self.bias + len(self.epilogue.operands)

    @cached_property
    def groups(self) -> GroupLanes:
        """Which inputs the lanes of a vector read."""
        return GroupLanes(*self.per_group, self.lanes)

    @cached_property
    def held_taps(self) -> int:
        """Taps of a window row whose weights are in registers together."""
        columns = self.taps.count[1]
        return even_share(columns, self.machine.registers // 4)

    @cached_property
    def tile(self) -> Tile:
        """The pixels whose sums are in registers."""
        registers_left = self.machine.registers - self.held_taps - self.groups.spare(self.machine)
        most = self.components.least(self.size)
        candidates = [
            Tile(rows, columns, 1)
            for rows in range(1, min(most[0], registers_left) + 1)
            for columns in range(1, min(most[1], registers_left // rows) + 1)
        ]
        return min(candidates, key=lambda tile: (self._time(tile), tile.rows))

    def _time(self, tile: Tile) -> float:
        """An estimate of the cycles for one window row over the whole image."""
        tiles = ceil_div(self.size[0], tile.rows) * ceil_div(self.size[1], tile.columns)
        held = self.held_taps
        loads = held + tile.rows * len(self._columns(tile, range(held)))
        return tiles * (max(tile.sums, LATENCY) * held + 0.5 * loads + tile.sums / max(self.taps.count[0], 1) + 2)

    @property
    def row_tiles(self) -> int:
        """Tiles in a column of tiles; the last may overlap the one before."""
        return ceil_div(self.size[0], self.tile.rows)

    @property
    def order(self) -> PartOrder:
        """Parts are vectors of outputs times rows of tiles; threads that share them take rows of large images.

        All weights pass by in each row then, and have to stay in the first-level cache.
        """
        weights = self.components.count * self.target.blocks * prod(self.taps.count) * self.lanes * self.dtype.itemsize
        by_rows = self.size[0] * self.size[1] >= ROWS_SHARED and weights <= ROW_WEIGHTS
        return PartOrder(self.target.blocks, self.row_tiles, False, by_rows, self.components.count)

    @property
    def parts(self) -> int:
        """Those of the order."""
        return self.order.parts

    @property
    def row_parts(self) -> RowParts | None:
        """Rows of outputs."""
        order = self.order
        if not order.by_rows_shared or self.components != ONE_COMPONENT:
            return None
        operands = (0, self.taps.under_rows()), *self.epilogue.by_rows(3 + self.bias)
        return RowParts(self.size[0], self.tile.rows, order.groups, 2, operands)

    def emit(self, k: KernelBuilder) -> None:
        """Samples, parts, columns of tiles."""
        x, w = k.pointers[:2]
        source, order, b = self.source, self.order, k.bytes
        of_vector = self.per_group[1] * self.taps.count[0] * self.taps.count[1] * k.lanes * b
        down, right = self.taps.stride[0] * source.row * b, self.taps.stride[1] * source.block * b
        with k.loop(0, k.count, name="n") as n, k.loop(k.first_part, k.last_part, name="part") as part:
            number, vector, row = order.place(k, part)
            component = self.components.of(number, self.size)
            i = k.minimum(row * self.tile.rows, component.size[0] - self.tile.rows)
            (above, left), (up, back) = self.taps.start, component.earlier
            image = x + n * (source.size * b) + source.at(above - up, left - back) * b + i * down
            lines = read_blocks(k, image, source, self.groups, vector)
            weights = w + component.number * (self.target.blocks * of_vector) + vector * of_vector
            with k.loop(0, component.size[1], self.tile.columns, name="column") as column:
                j = k.minimum(column, component.size[1] - self.tile.columns)
                sums = self._start(k, vector)
                self._accumulate(k, [line + j * right for line in lines], weights, sums)
                self._finish(k, sums, TilePosition(n, vector, i, j, component.first, self.components.stride))

    def _start(self, k: KernelBuilder, vector: IntRegister) -> list[LoopCarried]:
        """Sums begin at the bias."""
        start = k.load(k.pointers[3] + vector * (k.lanes * k.bytes)) if self.bias else k.zero()
        return [LoopCarried(start) for _ in range(self.tile.sums)]

    def _accumulate(self, k: KernelBuilder, lines: list[Pointer], weights: Pointer, sums: list[LoopCarried]) -> None:
        """All inputs of a group, all taps.

        Rows are a loop, never unrolled: LLVM would keep what rows share in registers, and run out of them.
        """
        columns, held = self.taps.count[1], max(self.held_taps, 1)
        pieces = columns // held
        for number in range(self.per_group[1]):
            if pieces > MAX_UNROLLED:
                with k.loop(0, pieces, carrying=sums, name="s") as piece:
                    self._tap_columns(k, lines, weights, number, piece * held, held, sums)
            for first in range(pieces * held if pieces > MAX_UNROLLED else 0, columns, held):
                self._tap_columns(k, lines, weights, number, first, min(held, columns - first), sums)

    def _tap_columns(
        self,
        k: KernelBuilder,
        lines: list[Pointer],
        weights: Pointer,
        number: int,
        first: Integer,
        count: int,
        sums: list[LoopCarried],
    ) -> None:
        """`count` columns of taps from `first` on, for one input of each group."""
        rows, columns = self.taps.count
        here = [LoopCarried(line + first * (self.taps.dilation[1] * self.source.block * k.bytes)) for line in lines]
        stream = LoopCarried(weights + number * rows * columns * k.lanes * k.bytes + first * (k.lanes * k.bytes))
        with k.loop(0, rows, carrying=[*sums, *here, stream], name="r"):
            self._row(k, [cell.pointer for cell in here], number, stream.pointer, range(count), sums)
            for cell in here:
                cell.value = cell.pointer + self.taps.dilation[0] * self.source.row * k.bytes
            stream.value = stream.pointer + columns * k.lanes * k.bytes

    def _row(
        self,
        k: KernelBuilder,
        lines: list[Pointer],
        number: int,
        weights: Pointer,
        taps: range,
        sums: list[LoopCarried],
    ) -> None:
        """Some taps of one window row, for one input of each group."""
        factors = [k.load(weights + index * k.lanes * k.bytes, aligned=True) for index in range(len(taps))]
        for i in range(self.tile.rows):
            below = i * self.taps.stride[0] * self.source.row
            mine = sums[i * self.tile.columns : (i + 1) * self.tile.columns]
            for column, seen in self._columns(self.tile, taps).items():
                here = (below + column * self.source.block) * k.bytes
                x = shuffled_inputs(k, [k.load(line + here) for line in lines], self.groups.lane_sources(number))
                for pixel, s in seen:
                    mine[pixel].value = k.multiply_add_to(x, factors[s - taps.start], mine[pixel].number)

    def _columns(self, tile: Tile, taps: range) -> dict[int, list[tuple[int, int]]]:
        """The input columns under a row of the tile, and which (pixel, tap) see each."""
        columns: dict[int, list[tuple[int, int]]] = {}
        for pixel in range(tile.columns):
            for s in taps:
                columns.setdefault(pixel * self.taps.stride[1] + s * self.taps.dilation[1], []).append((pixel, s))
        return dict(sorted(columns.items()))

    def _finish(self, k: KernelBuilder, sums: list[LoopCarried], spot: TilePosition) -> None:
        """Apply the epilogue, store."""
        target = spot.in_images(k.pointers[2], self.target, k.bytes)
        fused = self.epilogue.on_tile(k, k.pointers[3 + self.bias :], spot, [k.lanes])
        rows, columns = self.tile.rows, self.tile.columns
        fused.store((rows, columns), target, lambda _, i, j: sums[i * columns + j].number)


def read_blocks(
    k: KernelBuilder, image: Pointer, source: Images, groups: GroupLanes, vector: IntRegister
) -> list[Pointer]:
    """The address of each block of channels that a vector of outputs reads, clamped to the last block."""
    first, b = vector * groups.span, k.bytes
    if groups.span < k.lanes:
        return [image + (first // k.lanes) * (source.plane * b) + first % k.lanes * b]
    blocks: list[Integer] = [k.minimum(vector * groups.blocks + i, source.blocks - 1) for i in range(groups.blocks)]
    return [image + block * (source.plane * b) for block in blocks]


def even_share(count: int, most: int) -> int:
    """The size of the largest part when `count` is divided as evenly as possible into parts of at most `most`."""
    pieces = ceil_div(count, most)
    return ceil_div(count, pieces) if pieces else 0
