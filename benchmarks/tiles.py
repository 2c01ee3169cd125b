"""Whether the model of register tiles chooses well: direct convolutions with the tiles that it likes best, measured.

`python -m benchmarks.tiles` prints for each shape the tile that was chosen, the fastest of those that were tried, and
how much longer the chosen one takes. `KNOLL_MACHINE` names another machine than this one.
"""

from __future__ import annotations

import ctypes
import itertools
import os
import time
from collections.abc import Iterator
from dataclasses import dataclass, fields

import numpy as np

from knoll.graph.sizes import ceil_div, round_up
from knoll.kernels.convolution.direct import DirectConvolution
from knoll.kernels.convolution.taps import Taps
from knoll.kernels.layout.layout import Images
from knoll.kernels.tile.tile import Tile
from knoll.llvm.builder import KernelBuilder
from knoll.llvm.code import load
from knoll.llvm.compile import object_code
from knoll.machine import NAMED, host
from knoll.run.workspace import address, aligned

TRIED = 14  # tiles of each shape, those that the model likes best
ROUNDS, SECONDS = 7, 0.004
_numbers = itertools.count()


@dataclass(frozen=True)
class Shape:
    """c → k channels, a window of r × r with a stride, images of size × size with a padding of half the window."""

    c: int
    k: int
    r: int
    size: int
    stride: int = 1

    def __str__(self) -> str:
        return f"{self.c}→{self.k} {self.r}×{self.r}{f' /{self.stride}' if self.stride > 1 else ''} at {self.size}"


SHAPES = (
    Shape(64, 64, 1, 56), Shape(64, 64, 3, 56), Shape(256, 64, 1, 56), Shape(64, 256, 1, 56), Shape(128, 128, 3, 28),
    Shape(512, 2048, 1, 7), Shape(256, 512, 1, 56, 2), Shape(96, 24, 1, 56), Shape(24, 144, 1, 56),
    Shape(32, 16, 1, 112), Shape(16, 96, 1, 112), Shape(144, 32, 1, 28), Shape(384, 96, 1, 14), Shape(960, 320, 1, 7),
    Shape(320, 1280, 1, 7), Shape(128, 128, 3, 56, 2), Shape(60, 100, 3, 30), Shape(32, 32, 5, 16),
    Shape(512, 512, 3, 4), Shape(48, 80, 3, 35), Shape(192, 192, 1, 17), Shape(40, 120, 1, 28),
)  # fmt: skip


def kernel_of(shape: Shape) -> DirectConvolution:
    """The direct convolution of a shape, between blocked images."""
    name = os.environ.get("KNOLL_MACHINE")
    machine = NAMED[name] if name else host()
    lanes, half = machine.lanes(np.dtype(np.float32)), shape.r // 2
    size = (shape.size + 2 * half - shape.r) // shape.stride + 1
    source = Images(round_up(shape.c, lanes), shape.size, shape.size, lanes, ((half, half), (half, half)))
    target = Images(round_up(shape.k, lanes), size, size, lanes)
    taps = Taps((-half, -half), (shape.stride, shape.stride), (shape.r, shape.r), (1, 1))
    return DirectConvolution(machine, "float32", source, target, taps, (size, size), (shape.k, shape.c), bias=True)


def candidates(kernel: DirectConvolution) -> list[Tile]:
    """The tiles that the model likes best, the chosen one first."""
    machine, (rows, columns), vectors = kernel.machine, kernel.size, kernel.group_vectors
    sizes = itertools.product(range(1, min(rows, 8) + 1), range(1, min(columns, 28) + 1), range(1, 5))
    every = [Tile(*size) for size in sizes if vectors % size[2] == 0]
    fitting = [tile for tile in every if tile.fits(machine) and tile != kernel.tile]
    fitting.sort(key=lambda tile: tile.time(machine, rows, columns, vectors, depth=kernel.depth))
    return [kernel.tile, *fitting[: TRIED - 1]]


def milliseconds(kernel: DirectConvolution, tile: Tile) -> float:
    """The fastest of some rounds on one thread, with another tile than the kernel would choose."""
    kernel = DirectConvolution(**{field.name: getattr(kernel, field.name) for field in fields(kernel)})
    kernel.__dict__["tile"] = tile  # where the property keeps what it has chosen
    k = KernelBuilder(f"tile_{next(_numbers)}", kernel.machine, kernel.dtype, kernel.pointers)
    kernel.emit(k)
    code = load(object_code(k.text(), kernel.machine), (k.name,))
    function = code.kernel(k.name)
    weights = kernel.group_weights * ceil_div(kernel.vectors, tile.vectors)
    sizes = kernel.source.size, weights, kernel.target.size, round_up(kernel.target.c, kernel.lanes)
    arrays = [aligned((size + kernel.lanes) * kernel.dtype.itemsize) for size in sizes]
    table = (ctypes.c_int64 * len(arrays))(*map(address, arrays))
    best = float("inf")
    for _ in range(ROUNDS):
        calls, begin = 0, time.perf_counter()
        while (taken := time.perf_counter() - begin) < SECONDS:
            function(ctypes.addressof(table), 1, 0, kernel.parts, 1, 1)
            calls += 1
        best = min(best, taken / calls)
    return 1e3 * best


def measured(shapes: tuple[Shape, ...] = SHAPES) -> Iterator[tuple[Shape, Tile, Tile, float]]:
    """For each shape the chosen tile, the fastest, and how many times as long the chosen one takes."""
    for shape in shapes:
        kernel = kernel_of(shape)
        taken = {tile: milliseconds(kernel, tile) for tile in candidates(kernel)}
        fastest = min(taken, key=lambda tile: taken[tile])
        yield shape, kernel.tile, fastest, taken[kernel.tile] / taken[fastest]


if __name__ == "__main__":
    ratios = []
    for shape, chosen, fastest, ratio in measured():
        print(f"{shape!s:22} {chosen.rows}×{chosen.columns}×{chosen.vectors}", end="")
        print(f"  fastest {fastest.rows}×{fastest.columns}×{fastest.vectors}  {ratio:.3f}", flush=True)
        ratios.append(ratio)
    print(f"geometric mean {np.exp(np.mean(np.log(ratios))):.3f}, most {max(ratios):.3f}")
