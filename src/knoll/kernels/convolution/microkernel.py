"""The microkernel of direct convolution: the loops over input channels and taps that accumulate a register tile.

Vector lanes run along output channels. Weights are read as vectors, in the order in which they are packed; inputs are
broadcast from memory. Loops are unrolled as far as the instruction cache holds their bodies.
"""

from __future__ import annotations

from dataclasses import dataclass

from knoll.graph.sizes import ceil_div
from knoll.kernels.convolution.taps import Taps
from knoll.kernels.layout.lanes import joined
from knoll.kernels.layout.layout import Images
from knoll.kernels.tile.tile import Tile
from knoll.llvm.builder import KernelBuilder
from knoll.llvm.registers import Integer, LoopCarried, Pointer

# More multiply-adds than this in one loop body no longer fit the instruction cache.
MAX_BODY = 1000

# Products in one running sum, as far as whole blocks of channels allow: the rounding error of a longer one grows.
MAX_CHAIN = 384


@dataclass(frozen=True)
class Sums:
    """The sums of a tile in their registers, by pixel and vector of outputs."""

    tile: Tile
    cells: list[LoopCarried]

    def of(self, pixel: int) -> list[LoopCarried]:
        """Those of a pixel, one for each vector."""
        return self.cells[pixel * self.tile.vectors : (pixel + 1) * self.tile.vectors]

    def fill_vectors(self, k: KernelBuilder) -> None:
        """Fill the halves of vectors up with zeros."""
        for cell in self.cells:
            if cell.number.type == k.half:
                cell.value = joined(k, [cell.number, k.zero(k.half)])


def vector_types(k: KernelBuilder, tile: Tile) -> list[str]:
    """The types of the vectors of outputs of a pixel."""
    return [k.vector] * (tile.vectors - tile.half) + [k.half] * tile.half


@dataclass(frozen=True)
class Microkernel:
    """The sums of a tile over the `channels` input channels and the taps of `source` that each output reads."""

    source: Images
    taps: Taps
    channels: int

    def emit(self, k: KernelBuilder, pixels: Pointer, weights: Pointer, sums: Sums) -> None:
        """Accumulate all input channels and taps: many in several running sums, whose total is in memory."""
        stream = LoopCarried(weights)
        blocks = ceil_div(self.channels, self.source.block)
        of_block = self.source.block * self.taps.count[0] * self.taps.count[1]  # none where all taps lie outside
        together = max(MAX_CHAIN // max(of_block, 1), 1)
        if together >= blocks:
            self._blocks(k, pixels, stream, sums, (0, blocks))
            return
        total = k.alloca(sums.tile.sums)
        places = [total + i * k.lanes * k.bytes for i in range(sums.tile.sums)]
        for cell, place in zip(sums.cells, places, strict=True):
            k.store(cell.number, place)
        with k.loop(0, blocks, together, carrying=[stream], name="chain") as first:
            for cell in sums.cells:
                cell.value = k.zero(cell.number.type)
            self._blocks(k, pixels, stream, sums, (first, k.minimum(first + together, blocks)))
            for cell, place in zip(sums.cells, places, strict=True):
                k.store(k.load(place, cell.number.type) + cell.number, place)
        for cell, place in zip(sums.cells, places, strict=True):
            cell.value = k.load(place, cell.number.type)

    def _blocks(
        self,
        k: KernelBuilder,
        pixels: Pointer,
        stream: LoopCarried,
        sums: Sums,
        span: tuple[Integer, Integer],
    ) -> None:
        """Accumulate some blocks of input channels; with blocks of one, channels."""
        block, plane = self.source.block, self.source.plane * k.bytes
        if block == 1:
            self._channels(k, pixels + span[0] * plane, stream, sums, span[1] - span[0], plane)
            return
        with k.loop(*span, carrying=[*sums.cells, stream], name="block") as index:
            channels = k.minimum(self.channels - index * block, block) if self.channels % block else block
            self._channels(k, pixels + index * plane, stream, sums, channels, k.bytes)

    def _channels(
        self,
        k: KernelBuilder,
        pixels: Pointer,
        stream: LoopCarried,
        sums: Sums,
        channels: Integer,
        step: int,
    ) -> None:
        """Input channels that lie `step` bytes apart."""
        once = self.taps.count[0] * self.taps.count[1] * sums.tile.sums
        unroll = next(
            u for u in (8, 4, 2, 1) if u == 1 or (isinstance(channels, int) and channels % u == 0 and once * u <= 120)
        )
        here = LoopCarried(pixels)
        with k.loop(0, channels, unroll, carrying=[*sums.cells, stream, here], name="c"):
            for u in range(unroll):
                self._window(k, here.pointer + u * step, stream, sums)
            here.value = here.pointer + unroll * step

    def _window(self, k: KernelBuilder, pixels: Pointer, stream: LoopCarried, sums: Sums) -> None:
        """Accumulate all taps of one input channel; a loop over window rows if they are many."""
        (rows, columns), down = self.taps.count, self.taps.dilation[0] * self.source.row * k.bytes
        if rows * columns * sums.tile.sums <= MAX_BODY:
            for r in range(rows):
                self._taps(k, pixels + r * down, stream, sums, columns)
            return
        line = LoopCarried(pixels)
        with k.loop(0, rows, carrying=[*sums.cells, stream, line], name="r"):
            self._row(k, line.pointer, stream, sums)
            line.value = line.pointer + down

    def _row(self, k: KernelBuilder, line: Pointer, stream: LoopCarried, sums: Sums) -> None:
        """Accumulate the taps of one window row; a loop if they are many."""
        columns = self.taps.count[1]
        at_once = columns if columns * sums.tile.sums <= MAX_BODY else max(MAX_BODY // (4 * sums.tile.sums), 1)
        if at_once == columns:
            self._taps(k, line, stream, sums, columns)
            return
        here = LoopCarried(line)
        with k.loop(0, columns // at_once, carrying=[*sums.cells, stream, here], name="s"):
            self._taps(k, here.pointer, stream, sums, at_once)
            here.value = here.pointer + at_once * self.taps.dilation[1] * self.source.block * k.bytes
        self._taps(k, here.pointer, stream, sums, columns % at_once)

    def _taps(self, k: KernelBuilder, line: Pointer, stream: LoopCarried, sums: Sums, count: int) -> None:
        """Accumulate neighbouring taps of one window row: vectors of weights times the broadcast inputs."""
        t, source, b = sums.tile, self.source, k.bytes
        for s in range(count):
            types = enumerate(vector_types(k, t))
            weights = [k.load(stream.pointer + v * k.lanes * b, each, aligned=True) for v, each in types]
            stream.value = stream.pointer + t.vectors * k.lanes * b
            for pixel in range(t.rows * t.columns):
                i, j = divmod(pixel, t.columns)
                offset = (
                    i * self.taps.stride[0] * source.row
                    + (j * self.taps.stride[1] + s * self.taps.dilation[1]) * source.block
                )
                mine = sums.of(pixel)
                news = k.multiply_add_one(line + offset * b, weights, [cell.number for cell in mine])
                for cell, new in zip(mine, news, strict=True):
                    cell.value = new
