"""Register tiles: the outputs of a convolution that are accumulated in registers together.

A tile has `rows` × `columns` pixels and `vectors` vectors of output channels, the last of which may be `half` empty.
Larger tiles need fewer loads for each multiply-add. A tile that spills registers is at least twice as slow. Where tiles
do not divide the image, the last one overlaps the one before and computes some outputs twice, or columns that are left
over have a smaller tile of their own.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

from knoll.graph.sizes import Pair, ceil_div
from knoll.machine import Machine

# The latency of multiply-adds: fewer independent sums than this leave the units idle.
LATENCY = 8

# Results of a tile that are stored without a wait, and the cycles of each further one: measured on Zen 4, where 16 to
# 40 input channels do not hide them. With fewer products than that smaller tiles have more to begin and end.
STORED_AT_ONCE, STORE, SHALLOWEST = 16, 2.75, 16

TWO_BODIES = 1.03  # what is left over has to gain, as a second tile is more code


@dataclass(frozen=True)
class Tile:
    """The rows, columns and vectors of output channels of a register tile."""

    rows: int
    columns: int
    vectors: int
    half: bool = False

    @property
    def sums(self) -> int:
        """Registers that hold sums."""
        return self.rows * self.columns * self.vectors

    def fits(self, machine: Machine) -> bool:
        """Whether sums, weights and an input fit the registers; where products are added apart, one of them too."""
        spare = 1 if machine.multiplies_from_memory(self.vectors) or machine.fused else 2
        return self.sums + self.vectors + spare <= machine.registers

    def cycles(self, machine: Machine, depth: float = math.inf) -> float:
        """An estimate per input channel and tap, of which there are `depth`, in multiply-adds.

        Inputs that pass through registers are loads.
        """
        pixels, least = self.rows * self.columns, float(LATENCY)
        products = self.sums - 0.5 * pixels * self.half
        if not machine.multiplies_from_memory(self.vectors):
            least = max(LATENCY + 0.5, 1.15 * (pixels + self.vectors))
        stores = STORE * max(self.sums - STORED_AT_ONCE, 0) / depth if depth >= SHALLOWEST else 0.0
        return max(products, least) + 0.15 * self.vectors + 0.04 * pixels + 0.5 + stores

    def rest(self, machine: Machine, columns: int, depth: float = math.inf) -> Tile | None:
        """A smaller tile for the columns that are left over; none if it is as fast to let the last one overlap."""
        whole, left = divmod(columns, self.columns)
        rest, mine = replace(self, columns=left), self.cycles(machine, depth)
        return rest if left and (whole * mine + rest.cycles(machine, depth)) * TWO_BODIES < (whole + 1) * mine else None

    def time(
        self,
        machine: Machine,
        rows: int,
        columns: int,
        vectors: int,
        rests: bool = True,
        depth: float = math.inf,
    ) -> float:
        """An estimate of the cycles per input channel and tap for the whole image."""
        lines, mine = ceil_div(rows, self.rows) * (vectors / self.vectors), self.cycles(machine, depth)
        rest = self.rest(machine, columns, depth) if rests else None
        if rest is None:
            return lines * ceil_div(columns, self.columns) * mine
        return lines * (columns // self.columns * mine + rest.cycles(machine, depth)) * TWO_BODIES


def best_tile(
    machine: Machine,
    size: Pair,
    vectors: int,
    window: Pair = (1, 1),
    least: Pair | None = None,
    depth: float = math.inf,
    half: bool = False,
) -> Tile:
    """The fastest tile whose rows and columns are multiples of the pooling `window`, and no more than `least`.

    Each output is a sum of `depth` products. `half` says that half of the last vector is empty.

    >>> from knoll.machine import NAMED
    >>> best_tile(NAMED["x86-64-v4"], (56, 56), 4)
    Tile(rows=1, columns=14, vectors=2, half=False)
    """
    rows, columns = least or size
    candidates = [
        Tile(r * window[0], s * window[1], v, half and v == vectors)
        for v in range(1, 5)
        if vectors % v == 0
        for r in range(1, min(rows // window[0], 8) + 1)
        for s in range(1, min(columns // window[1], 28) + 1)
    ]
    fitting = [tile for tile in candidates if tile.fits(machine)] or [Tile(*window, 1)]
    return min(fitting, key=lambda tile: (tile.time(machine, *size, vectors, columns == size[1], depth), tile.rows))
