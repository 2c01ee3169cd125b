"""Loops over the vectors of contiguous rows, one or several of a length; the remainder is masked."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

from knoll.kernels.layout.lanes import first_lanes, joined
from knoll.kernels.reduction.horizontal import horizontal_max, larger
from knoll.llvm.builder import KernelBuilder
from knoll.llvm.registers import Integer, LoopCarried, Pointer, Register


def row_max(k: KernelBuilder, row: Pointer, length: int) -> Register:
    """The largest element of a row, in every lane; NaN is ignored."""
    return maxima(k, [row], length)


def maxima(k: KernelBuilder, rows: Sequence[Pointer], length: int) -> Register:
    """The largest element of each of some rows, in every lane of its register; NaN is ignored."""
    with k.wider(len(rows)):
        best = LoopCarried(k.constant(-math.inf))
    for _, _, vectors in vectors_of_rows(k, rows, length, best, rest=-math.inf):
        with k.wider(len(rows)):
            best.value = larger(joined(k, vectors), best.number)
    with k.wider(len(rows)):
        return horizontal_max(k, best.number)


def row_vectors(
    k: KernelBuilder, row: Pointer, length: int, *carrying: LoopCarried, rest: float = 0.0
) -> Iterator[tuple[Integer, int, Register]]:
    """The vectors of a row: index of the first element, number of used lanes, elements; `rest` in unused lanes."""
    for i, lanes, (numbers,) in vectors_of_rows(k, [row], length, *carrying, rest=rest):
        yield i, lanes, numbers


def vectors_of_rows(
    k: KernelBuilder, rows: Sequence[Pointer], length: int, *carrying: LoopCarried, rest: float = 0.0
) -> Iterator[tuple[Integer, int, list[Register]]]:
    """As `row_vectors`, with the elements of several rows: while one waits, the processor goes on with the next."""
    left = length % k.lanes
    if length > left:
        with k.loop(0, length - left, k.lanes, carrying=carrying) as i:
            yield i, k.lanes, [k.load(row + i * k.bytes) for row in rows]
    if left:
        numbers = [k.load_lanes(row + (length - left) * k.bytes, left) for row in rows]
        if rest:
            numbers = [first_lanes(k, number, left, k.constant(rest)) for number in numbers]
        yield length - left, left, numbers


def vector_offsets(k: KernelBuilder, size: int, whole: Integer | None = None) -> Iterator[tuple[Integer, int]]:
    """The byte offset and the used lanes of each vector of an array: a loop over whole vectors, then the remainder.

    `whole` are the elements in whole vectors, where a kernel has them as a number.
    """
    whole = size - size % k.lanes if whole is None else whole
    if whole != 0:
        with k.loop(0, whole, k.lanes) as i:
            yield i * k.bytes, k.lanes
    if size % k.lanes:
        yield whole * k.bytes, size % k.lanes
