"""Going over one row of numbers by vectors, from its beginning to its ragged end."""

from __future__ import annotations

import math
from collections.abc import Iterator

from knoll.kernels.layout.lanes import shuffled
from knoll.kernels.reduction.horizontal import horizontal_max, larger
from knoll.llvm.builder import Integer, KernelBuilder, LoopCarried, Pointer, Register


def highest(k: KernelBuilder, row: Pointer, length: int) -> Register:
    """The highest number of a row, in every lane. One that is no number shows in sums."""
    best = LoopCarried(k.constant(-math.inf))
    for _, _, numbers in over(k, row, length, best, rest=-math.inf):
        best.value = larger(numbers, best.number)
    return horizontal_max(k, best.number)


def over(
    k: KernelBuilder, row: Pointer, length: int, *carrying: LoopCarried, rest: float = 0.0
) -> Iterator[tuple[Integer, int, Register]]:
    """The numbers of a row by vectors: where each begins, how many lanes count. The other lanes hold `rest`."""
    left = length % k.lanes
    if length > left:
        with k.loop(0, length - left, k.lanes, carrying=carrying) as i:
            yield i, k.lanes, k.load(row + i * k.bytes)
    if left:
        numbers = k.load_lanes(row + (length - left) * k.bytes, left)
        if rest:
            mask = [lane if lane < left else k.lanes + lane for lane in range(k.lanes)]
            numbers = shuffled(k, numbers, k.constant(rest), mask)
        yield length - left, left, numbers


def stretches(k: KernelBuilder, size: int) -> Iterator[tuple[Integer, int]]:
    """Bytes to each vector of an array, as a loop, and to what is left, with the number of its lanes."""
    whole = size - size % k.lanes
    if whole:
        with k.loop(0, whole, k.lanes) as i:
            yield i * k.bytes, k.lanes
    if size % k.lanes:
        yield whole * k.bytes, size % k.lanes
