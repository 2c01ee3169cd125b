"""Depthwise convolution: a lane is a channel, and sums only what the same lane reads.

The sums of a tile of pixels stay in registers with the weights of one window row; each input is loaded once for all
the pixels of its row that see it. With a few channels to each group the same loop runs once for each input of a
group, its lanes put in place by a shuffle. The gradient of the input is the same nest with other taps.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from knoll.kernels.direct import BODY, Taps, rectified
from knoll.kernels.kernel import KernelSpec
from knoll.kernels.lanes import Lanes, picked
from knoll.kernels.layout import Images
from knoll.kernels.tile import LATENCY, Tile
from knoll.llvm.builder import Cell, Index, Integer, Kernel, Number, Pointer
from knoll.machine import Machine

Pair = tuple[int, int]


@dataclass(frozen=True)
class DepthwiseConvolution(KernelSpec):
    """`size` outputs of `target`, each the sum of its taps over the inputs of its group.

    `per_group` is (outputs, inputs) of one group; `first` and `apart` say where outputs stand in the target. Reads x,
    packed weights and, with `bias`, a padded bias; writes y.
    """

    source: Images
    target: Images
    taps: Taps
    size: Pair
    per_group: Pair
    first: Pair = (0, 0)
    apart: Pair = (1, 1)
    bias: bool = False
    relu: bool = False

    @property
    def title(self) -> str:
        """Operation, fused parts, window and channels."""
        fused = ("_bias" if self.bias else "") + ("_relu" if self.relu else "")
        r, s = self.taps.count
        return f"depthwise{fused}_{self.source.c}x{self.source.h}x{self.source.w}_{self.target.c}_k{r}x{s}"

    @property
    def pointers(self) -> int:
        """x, weights, y, then the bias."""
        return 3 + self.bias

    @cached_property
    def groups(self) -> Lanes:
        """Which inputs the lanes of a vector read."""
        return Lanes(*self.per_group, self.lanes)

    @cached_property
    def held(self) -> int:
        """Taps of a window row whose weights are in registers together."""
        columns = self.taps.count[1]
        return even_share(columns, self.machine.registers // 4)

    @cached_property
    def tile(self) -> Tile:
        """The pixels whose sums are in registers."""
        spare = 2 + (self.per_group != (1, 1)) + (not self.machine.fused)
        room = self.machine.registers - self.held - spare
        candidates = [
            Tile(rows, columns, 1)
            for rows in range(1, min(self.size[0], room) + 1)
            for columns in range(1, min(self.size[1], room // rows) + 1)
        ]
        return min(candidates, key=lambda tile: (self._time(tile), tile.rows))

    def _time(self, tile: Tile) -> float:
        """Cycles for one window row over the whole image, roughly."""
        tiles = -(-self.size[0] // tile.rows) * -(-self.size[1] // tile.columns)
        loads = self.held + tile.rows * len(self._columns(tile, range(self.held)))
        return tiles * (max(tile.sums, LATENCY) * self.held + 0.5 * loads + tile.sums / max(self.taps.count[0], 1) + 2)

    @property
    def row_tiles(self) -> int:
        """Tiles from top to bottom; the last may repeat rows of the one before."""
        return -(-self.size[0] // self.tile.rows)

    @property
    def parts(self) -> int:
        """Vectors of output channels times rows of tiles."""
        return self.target.blocks * self.row_tiles

    def emit(self, k: Kernel) -> None:
        """Samples, parts, columns of tiles."""
        x, w, y = k.pointers[:3]
        b, (rows, columns) = k.bytes, self.taps.count
        of_vector = rows * self.per_group[1] * columns * k.lanes * b
        with k.loop(0, k.count, name="n") as n, k.loop(k.first_part, k.last_part, name="part") as part:
            vector, row = part // self.row_tiles, part % self.row_tiles
            i = k.minimum(row * self.tile.rows, self.size[0] - self.tile.rows)
            image = x + n * (self.source.size * b) + i * (self.taps.move[0] * self.source.row * b)
            lines = [block + self.source.at(*self.taps.start) * b for block in read_blocks(k, image, self.source, self.groups, vector)]
            out = y + n * (self.target.size * b) + vector * (self.target.plane * b) + i * (self.apart[0] * self.target.row * b)
            with k.loop(0, self.size[1], self.tile.columns, name="column") as column:
                j = k.minimum(column, self.size[1] - self.tile.columns)
                sums = self._start(k, vector)
                right = j * (self.taps.move[1] * self.source.block * b)
                self._accumulate(k, [line + right for line in lines], w + vector * of_vector, sums)
                self._finish(k, sums, out + j * (self.apart[1] * self.target.block * b))

    def _start(self, k: Kernel, vector: Index) -> list[Cell]:
        """Sums begin at the bias."""
        start = k.load(k.pointers[3] + vector * (k.lanes * k.bytes)) if self.bias else k.zero()
        return [Cell(start) for _ in range(self.tile.sums)]

    def _accumulate(self, k: Kernel, lines: list[Pointer], weights: Pointer, sums: list[Cell]) -> None:
        """All taps; row by row if they are many."""
        (rows, columns), inputs = self.taps.count, self.per_group[1]
        down, of_row = self.taps.apart[0] * self.source.row * k.bytes, inputs * columns * k.lanes * k.bytes
        if rows * columns * inputs * self.tile.sums <= BODY:
            for r in range(rows):
                self._row(k, [line + r * down for line in lines], weights + r * of_row, sums)
            return
        moving, stream = [Cell(line) for line in lines], Cell(weights)
        with k.loop(0, rows, carrying=[*sums, *moving, stream], name="r"):
            self._row(k, [cell.pointer for cell in moving], stream.pointer, sums)
            for cell in moving:
                cell.value = cell.pointer + down
            stream.value = stream.pointer + of_row

    def _row(self, k: Kernel, lines: list[Pointer], weights: Pointer, sums: list[Cell]) -> None:
        """The taps of one window row, for each input of a group."""
        columns = self.taps.count[1]
        for number in range(self.per_group[1]):
            for first in range(0, columns, max(self.held, 1)):
                taps = range(first, min(first + self.held, columns))
                factors = {s: k.load(weights + (number * columns + s) * k.lanes * k.bytes, aligned=True) for s in taps}
                for i in range(self.tile.rows):
                    below = i * self.taps.move[0] * self.source.row * k.bytes
                    self._line(k, [line + below for line in lines], number, factors, sums[i * self.tile.columns :])

    def _line(self, k: Kernel, lines: list[Pointer], number: int, factors: dict[int, Number], sums: list[Cell]) -> None:
        """One row of pixels of the tile: each input goes to every pixel that sees it through one of the taps."""
        for column, seen in self._columns(self.tile, range(min(factors), max(factors) + 1)).items():
            here = column * self.source.block * k.bytes
            x = picked(k, [k.load(line + here) for line in lines], self.groups.picks(number))
            for pixel, s in seen:
                sums[pixel].value = k.multiply_add(x, factors[s], sums[pixel].number)

    def _columns(self, tile: Tile, taps: range) -> dict[int, list[tuple[int, int]]]:
        """The input columns under a row of the tile, and which (pixel, tap) see each."""
        columns: dict[int, list[tuple[int, int]]] = {}
        for pixel in range(tile.columns):
            for s in taps:
                columns.setdefault(pixel * self.taps.move[1] + s * self.taps.apart[1], []).append((pixel, s))
        return dict(sorted(columns.items()))

    def _finish(self, k: Kernel, sums: list[Cell], out: Pointer) -> None:
        """Apply ReLU, store."""
        origin = out + self.target.at(*self.first) * k.bytes
        for pixel, cell in enumerate(sums):
            i, j = divmod(pixel, self.tile.columns)
            value = rectified(k, cell.number) if self.relu else cell.number
            k.store(value, origin + (i * self.apart[0] * self.target.row + j * self.apart[1] * self.target.block) * k.bytes)


def read_blocks(k: Kernel, image: Pointer, source: Images, groups: Lanes, vector: Index) -> list[Pointer]:
    """The first pixel of each block of channels that a vector of outputs reads.

    Those after the last are not looked at.
    """
    first, b = vector * groups.span, k.bytes
    if groups.span < k.lanes:
        return [image + (first // k.lanes) * (source.plane * b) + first % k.lanes * b]
    blocks: list[Integer] = [k.minimum(vector * groups.blocks + i, source.blocks - 1) for i in range(groups.blocks)]
    return [image + block * (source.plane * b) for block in blocks]


def even_share(count: int, most: int) -> int:
    """The size of the largest piece when `count` is cut into pieces as equal as can be, none larger than `most`."""
    pieces = -(-count // most)
    return -(-count // pieces) if pieces else 0
