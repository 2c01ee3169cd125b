"""Loops over the vectors of a contiguous row; the remainder is masked."""

from __future__ import annotations

import math
from collections.abc import Iterator

from knoll.kernels.layout.lanes import shuffled
from knoll.kernels.reduction.horizontal import horizontal_max, larger
from knoll.llvm.builder import KernelBuilder
from knoll.llvm.registers import Integer, LoopCarried, Pointer, Register


def row_max(k: KernelBuilder, row: Pointer, length: int) -> Register:
    """The largest element of a row, in every lane; NaN is ignored."""
    best = LoopCarried(k.constant(-math.inf))
    for _, _, numbers in row_vectors(k, row, length, best, rest=-math.inf):
        best.value = larger(numbers, best.number)
    return horizontal_max(k, best.number)


def row_vectors(
    k: KernelBuilder, row: Pointer, length: int, *carrying: LoopCarried, rest: float = 0.0
) -> Iterator[tuple[Integer, int, Register]]:
    """The vectors of a row: index of the first element, number of used lanes, elements; `rest` in unused lanes."""
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


def vector_offsets(k: KernelBuilder, size: int) -> Iterator[tuple[Integer, int]]:
    """The byte offset and the used lanes of each vector of an array: a loop over whole vectors, then the remainder."""
    whole = size - size % k.lanes
    if whole:
        with k.loop(0, whole, k.lanes) as i:
            yield i * k.bytes, k.lanes
    if size % k.lanes:
        yield whole * k.bytes, size % k.lanes
