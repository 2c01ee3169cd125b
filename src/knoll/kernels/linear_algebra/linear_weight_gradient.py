"""The weight gradient of a linear layer: dyᵀ · x over all rows of the batch.

Threads divide the weights among them, not the samples, so there are no partial sums to combine.
"""

from __future__ import annotations

from dataclasses import dataclass

from knoll.graph.sizes import ceil_div
from knoll.kernels.kernel import Kernel
from knoll.kernels.linear_algebra.matmul import accumulate_products, tile_lengths, vector_lanes
from knoll.llvm.builder import KernelBuilder
from knoll.llvm.registers import Integer, IntRegister, LoopCarried, Pointer, Register

BLOCK = 256  # rows at a time, so that the columns of dy and x that a tile reads stay in the L1 cache


@dataclass(frozen=True)
class LinearWeightGradient(Kernel):
    """dw[k, c] = Σ dy[m, k] · x[m, c] over all rows m of the batch; each sample has `rows_per_sample`."""

    outputs: int
    inputs: int
    rows_per_sample: int = 1

    @property
    def title(self) -> str:
        """Operation and size."""
        return f"linear_dw_{self.outputs}x{self.inputs}"

    @property
    def pointers(self) -> int:
        """dy, x, dw."""
        return 3

    @property
    def vectors(self) -> int:
        """Vectors of inputs in a tile."""
        return min(4 if self.machine.registers >= 32 else 2, ceil_div(self.inputs, self.lanes))

    @property
    def tile_outputs(self) -> int:
        """Outputs in a tile."""
        return min((self.machine.registers - 2 - self.vectors) // self.vectors, 6, self.outputs)

    @property
    def output_tiles(self) -> int:
        """Tiles in a column of tiles."""
        return ceil_div(self.outputs, self.tile_outputs)

    @property
    def parts(self) -> int:
        """Tiles."""
        return self.output_tiles * ceil_div(self.inputs, self.lanes * self.vectors)

    @property
    def work(self) -> int:
        """Multiply-adds of a sample: one for each weight and row."""
        return self.outputs * self.inputs * self.rows_per_sample

    def emit(self, k: KernelBuilder) -> None:
        """Loop nest: blocks of rows, tiles of weights (parts), rows."""
        rows = k.batch * self.rows_per_sample
        with k.loop(0, rows, BLOCK, name="block") as start:
            count = k.minimum(start + BLOCK, rows) - start
            with k.loop(k.first_part, k.last_part, name="part") as part:
                below, beside = part % self.output_tiles, part // self.output_tiles
                for outputs in tile_lengths(k, below, self.outputs, self.tile_outputs):
                    for width in tile_lengths(k, beside, self.inputs, self.lanes * self.vectors):
                        corner = below * self.tile_outputs, beside * (self.lanes * self.vectors)
                        self._tile(k, start, count, corner, outputs, vector_lanes(k, width))

    def _tile(
        self,
        k: KernelBuilder,
        start: IntRegister,
        count: Integer,
        corner: tuple[IntRegister, IntRegister],
        outputs: int,
        lanes: list[int],
    ) -> None:
        """Sum one block of rows for one tile of weights, and add it to the blocks before: short sums round less."""
        output, column = corner
        dy, x, dw = k.pointers
        target = dw + output * (self.inputs * k.bytes) + column * k.bytes
        places = [
            (target + (i * self.inputs + v * k.lanes) * k.bytes, n) for i in range(outputs) for v, n in enumerate(lanes)
        ]
        sums = [LoopCarried(k.zero()) for _ in places]
        left = dy + start * (self.outputs * k.bytes) + output * k.bytes
        right = x + start * (self.inputs * k.bytes) + column * k.bytes
        accumulate_products(k, sums, left, right, (1, self.outputs, self.inputs), count, lanes)
        for (place, n), result in zip(places, sums, strict=True):
            k.store_lanes(self._former_sum(k, start, place, n) + result.number, place, n)

    def _former_sum(self, k: KernelBuilder, start: IntRegister, place: Pointer, lanes: int) -> Register:
        """The sum of the blocks before; zero for the first block."""
        first = Register(k, "i1", k.emit(f"icmp eq i64 {start}, 0"))
        return first.select(k.zero(), k.load_lanes(place, lanes))
