"""Moments of rows: their means, and the sums of the squares of the distances from them.

A variance is found in two passes. The moments of long rows are merged from those of pieces that fit a first-level
cache.
Source: Chan, Golub and LeVeque, Updating formulae and a pairwise algorithm for computing sample variances, 1979.
"""

from __future__ import annotations

from functools import reduce
from operator import add

from knoll.kernels.layout.lanes import first_lanes, joined, split
from knoll.kernels.reduction.horizontal import horizontal_sum
from knoll.kernels.reduction.rows import vectors_of_rows
from knoll.llvm.builder import KernelBuilder
from knoll.llvm.registers import LoopCarried, Pointer, Register

PIECE = 4096  # numbers of a long row
QUARTER = PIECE // 4  # of a piece: the quarters stand side by side, each a sum of its own until the end

Moments = tuple[Register, Register]


def moments(k: KernelBuilder, rows: list[Pointer], length: int, centred: bool) -> Moments:
    """The moments of each of some rows, or of one long row, in every lane of its register; about 0 unless `centred`."""
    if length > PIECE:
        (row,) = rows
        return _of_long_row(k, row, length, centred)
    return _of_rows(k, rows, length, centred)


def _of_rows(k: KernelBuilder, rows: list[Pointer], length: int, centred: bool) -> Moments:
    with k.wider(len(rows)):
        mean = k.zero()
    if centred:
        total = _total(k, rows, length)
        with k.wider(len(rows)):
            mean = horizontal_sum(k, total) / k.constant(length)
    squares = _squares(k, rows, length, mean)
    with k.wider(len(rows)):
        return mean, horizontal_sum(k, squares)


def _of_piece(k: KernelBuilder, piece: Pointer, centred: bool) -> Moments:
    quarters, mean = [piece + first * k.bytes for first in range(0, PIECE, QUARTER)], k.zero()
    if centred:
        mean = _sum(k, _total(k, quarters, QUARTER), len(quarters)) / k.constant(PIECE)
    squares = _squares(k, quarters, QUARTER, joined(k, [mean] * len(quarters)))
    return mean, _sum(k, squares, len(quarters))


def _of_long_row(k: KernelBuilder, row: Pointer, length: int, centred: bool) -> Moments:
    whole, rest = divmod(length, PIECE)
    table = k.table([weight for j in range(whole) for weight in (1 / (j + 1), PIECE * j / (j + 1))], k.scalar)
    mean, squares = LoopCarried(k.zero()), LoopCarried(k.zero())
    with k.loop(0, whole, carrying=(mean, squares), name="piece") as piece:
        place = table + piece * (2 * k.bytes)
        share, weight = (k.splat(k.load(place + i * k.bytes, k.scalar)) for i in range(2))
        found = _of_piece(k, row + piece * (PIECE * k.bytes), centred)
        mean.value, squares.value = _merged(k, (mean.number, squares.number), found, share, weight)
    before = mean.number, squares.number
    if not rest:
        return before
    found = _of_rows(k, [row + whole * PIECE * k.bytes], rest, centred)
    return _merged(k, before, found, k.constant(rest / length), k.constant(whole * PIECE * rest / length))


def _merged(k: KernelBuilder, before: Moments, found: Moments, share: Register, weight: Register) -> Moments:
    """The moments of what came before and a piece; `share` is that of the piece, `weight` that of the distance²."""
    distance = found[0] - before[0]
    squares = before[1] + found[1]
    return k.multiply_add(distance, share, before[0]), k.multiply_add(distance * distance, weight, squares)


def _total(k: KernelBuilder, rows: list[Pointer], length: int) -> Register:
    """The sums of some rows, lane by lane."""
    with k.wider(len(rows)):
        total = LoopCarried(k.zero())
    for _, _, vectors in vectors_of_rows(k, rows, length, total):
        with k.wider(len(rows)):
            total.value = total.number + joined(k, vectors)
    return total.number


def _squares(k: KernelBuilder, rows: list[Pointer], length: int, mean: Register) -> Register:
    """The sums of the squares of the distances of some rows from means, lane by lane."""
    with k.wider(len(rows)):
        squares = LoopCarried(k.zero())
    for _, lanes, vectors in vectors_of_rows(k, rows, length, squares):
        with k.wider(len(rows)):
            distances = split(k, joined(k, vectors) - mean)
        distances = [first_lanes(k, distance, lanes, k.zero()) for distance in distances]
        with k.wider(len(rows)):
            distance = joined(k, distances)
            squares.value = k.multiply_add(distance, distance, squares.number)
    return squares.number


def _sum(k: KernelBuilder, wide: Register, registers: int) -> Register:
    """The sum of all numbers of a vector that fills some registers, in every lane of one."""
    with k.wider(registers):
        parts = split(k, wide)
    return horizontal_sum(k, reduce(add, parts))
