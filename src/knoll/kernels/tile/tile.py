"""Register tiles: the outputs of a convolution that are accumulated in registers together.

A tile has `rows` × `columns` pixels and `vectors` vectors of output channels. Larger tiles need fewer loads for each
multiply-add. A tile that spills registers is at least twice as slow; one that does not divide the image computes some
outputs twice.
"""

from __future__ import annotations

from dataclasses import dataclass

from knoll.graph.sizes import Pair, ceil_div
from knoll.machine import Machine

# The latency of multiply-adds: fewer independent sums than this leave the units idle.
LATENCY = 8


@dataclass(frozen=True)
class Tile:
    """The rows, columns and vectors of output channels of a register tile."""

    rows: int
    columns: int
    vectors: int

    @property
    def sums(self) -> int:
        """Registers that hold sums."""
        return self.rows * self.columns * self.vectors

    def fits(self, machine: Machine) -> bool:
        """Whether sums, weights and inputs fit the registers; broadcasts through registers use two alternately."""
        spare = 1 if machine.broadcast == "memory" else 2
        return self.sums + self.vectors + spare <= machine.registers

    def time(self, rows: int, columns: int, vectors: int) -> float:
        """An estimate of the cycles per input channel and tap for the whole image."""
        tiles = ceil_div(rows, self.rows) * ceil_div(columns, self.columns) * (vectors / self.vectors)
        loads = 0.15 * self.vectors + 0.04 * self.rows * self.columns
        return tiles * (max(self.sums, LATENCY) + loads + 0.5)


def best_tile(machine: Machine, size: Pair, vectors: int, window: Pair = (1, 1), least: Pair | None = None) -> Tile:
    """The fastest tile whose rows and columns are multiples of the pooling `window`, and no more than `least`.

    >>> from knoll.machine import NAMED
    >>> best_tile(NAMED["x86-64-v4"], (56, 56), 4)
    Tile(rows=1, columns=14, vectors=2)
    """
    rows, columns = least or size
    candidates = [
        Tile(r * window[0], s * window[1], v)
        for v in range(1, 5)
        if vectors % v == 0
        for r in range(1, min(rows // window[0], 8) + 1)
        for s in range(1, min(columns // window[1], 28) + 1)
    ]
    fitting = [tile for tile in candidates if tile.fits(machine)] or [Tile(*window, 1)]
    return min(fitting, key=lambda tile: (tile.time(*size, vectors), tile.rows))
