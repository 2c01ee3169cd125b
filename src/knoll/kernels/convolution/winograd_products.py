"""The matrix products of Winograd convolution: at each point, tiles times channels · channels times outputs.

Inputs, weights and products of a point are matrices; those of the points follow each other at `point_strides`. Where
weights at the points would fill no core's cache, those of some channels are transformed at a time, and products are
added up.
"""

from __future__ import annotations

from dataclasses import dataclass

from knoll.graph.sizes import ceil_div
from knoll.kernels.convolution.cook_toom import Transforms2d
from knoll.kernels.convolution.winograd_weights import transform_window
from knoll.llvm.builder import KernelBuilder
from knoll.llvm.registers import Integer, IntRegister, LoopCarried, Pointer
from knoll.machine import Machine


@dataclass(frozen=True)
class PointProducts:
    """Products over `channels` input channels, which lie in `padded_channels`, for groups of `vectors` of outputs.

    `channels_at_once` have their weights at the points together; products `adds_up` over several such panels. Sums of
    `least_tiles` tiles keep the multiplier busy.
    """

    machine: Machine
    transforms: Transforms2d
    point_strides: tuple[int, int, int]
    channels: int
    padded_channels: int
    channels_at_once: int
    vectors: int
    width: int
    adds_up: bool
    least_tiles: int

    def emit_transforming(
        self, k: KernelBuilder, values: Pointer, weights: Pointer, products: Pointer, panel: Pointer, count: IntRegister
    ) -> None:
        """For some channels at a time: their weights at the points, and the products that these add."""
        t, vector, width = self.transforms, k.lanes * k.bytes, self.width * k.bytes
        _, of_weights, of_products = (n * k.bytes for n in self.point_strides)
        with k.loop(0, t.points, name="point") as point, k.loop(0, count * self.vectors, name="tile") as tile:
            k.store(k.zero(), products + point * of_products + tile * vector)
        with k.loop(0, self.channels, self.channels_at_once, name="block") as first:
            size = k.minimum(self.channels - first, self.channels_at_once)
            with k.loop(0, size, name="c") as c, k.loop(0, self.vectors, name="v") as v:
                window = weights + (first + c) * (t.taps * width) + v * vector
                transform_window(k, t, window, panel + c * width + v * vector, (width, of_weights))
            ahead = weights + (first + self.channels_at_once) * (t.taps * width)
            self.emit(k, values + first * k.bytes, panel, products, count, size, ahead)

    def emit(
        self,
        k: KernelBuilder,
        values: Pointer,
        weights: Pointer,
        products: Pointer,
        count: IntRegister,
        channels: Integer,
        ahead: Pointer | None = None,
    ) -> None:
        """For each point the product (tiles × channels) · (channels × outputs), many tiles at once, then few."""
        b, padded = k.bytes, self.padded_channels
        of_inputs, of_weights, of_products = (n * b for n in self.point_strides)
        many, few = self._rows
        whole = count - count % many
        with k.loop(0, self.transforms.points, name="point") as point:
            left, panel, out = values + point * of_inputs, weights + point * of_weights, products + point * of_products
            if ahead is not None:
                self._prefetch(k, ahead, point)
            with k.loop(0, whole, many, name="tile") as tile:
                self._product(k, left + tile * (padded * b), panel, out + tile * (self.width * b), many, channels)
            with k.loop(whole, count, few, name="tile") as tile:
                self._product(k, left + tile * (padded * b), panel, out + tile * (self.width * b), few, channels)

    def _prefetch(self, k: KernelBuilder, windows: Pointer, point: IntRegister) -> None:
        """One point's share of the windows of the next channels, which arrive while products are summed."""
        vectors = self.channels_at_once * self.transforms.taps * self.vectors
        share, vector = ceil_div(vectors, self.transforms.points), k.lanes * k.bytes
        for place in range(share):
            k.prefetch(windows + point * (share * vector) + place * vector)

    @property
    def _rows(self) -> tuple[int, int]:
        """Tiles whose sums fit the registers, and the fewest that keep the multiplier busy; both divide a block."""
        weights, inputs = self.vectors, 1 if self.machine.multiplies_from_memory(self.vectors) else 2
        most = (self.machine.registers - weights - inputs) // self.vectors
        many = max(n for n in (1, 2, 4, 8, 16) if n <= most)
        return many, min(many, self.least_tiles)

    def _product(
        self, k: KernelBuilder, left: Pointer, panel: Pointer, out: Pointer, rows: int, channels: Integer
    ) -> None:
        """The sums of some tiles at a point; those of blocks of channels are added up, with fewer rounding errors."""
        b, padded = k.bytes, self.padded_channels
        places = [out + place * k.lanes * b for place in range(rows * self.vectors)]
        sums = [LoopCarried(k.zero()) for _ in places]
        here, stream = LoopCarried(left), LoopCarried(panel)
        unroll = next(u for u in (8, 4, 2, 1) if self.channels % u == 0)
        with k.loop(0, channels, unroll, carrying=[*sums, here, stream], name="c"):
            for u in range(unroll):
                addresses = [stream.pointer + (u * self.width + v * k.lanes) * b for v in range(self.vectors)]
                vectors = [k.load(address, aligned=True) for address in addresses]
                for i in range(rows):
                    mine = sums[i * self.vectors : (i + 1) * self.vectors]
                    one = here.pointer + (i * padded + u) * b
                    for cell, new in zip(mine, k.multiply_add_one(one, vectors, [c.number for c in mine]), strict=True):
                        cell.value = new
            here.value = here.pointer + unroll * b
            stream.value = stream.pointer + unroll * self.width * b
        for place, cell in zip(places, sums, strict=True):
            k.store(k.load(place) + cell.number if self.adds_up else cell.number, place)
