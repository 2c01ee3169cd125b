"""Packed layouts of matrices and vectors: the loop nests of their copies."""

from __future__ import annotations

from knoll.kernels.layout.copy import Nest


def matrix_weights(columns: int, inner: int, width: int, lanes: int, transposed: bool = False) -> tuple[Nest, ...]:
    """(columns, inner), or (inner, columns) if `transposed`, → [tile][inner][width], zeros after the last column."""
    column, step = (1, columns) if transposed else (inner, 1)

    def nest(tiles: int, vectors: int, count: int, first: int) -> Nest:
        loops = (
            (tiles, width * column, inner * width),
            (vectors, lanes * column, lanes),
            (inner, step, width),
            (count, column, 1),
        )
        tile, lane = divmod(first, width)
        return Nest(loops, first * column, tile * width * inner + lane)

    tiles, left = divmod(columns, width)
    vectors, rest = divmod(left, lanes)
    nests = [(tiles, width // lanes, lanes, 0), (1, vectors, lanes, columns - left), (1, 1, rest, columns - rest)]
    return tuple(nest(*each) for each in nests if 0 not in each[:3])


def contiguous(size: int, start: int = 0, to: int = 0) -> tuple[Nest, ...]:
    """A copy of `size` contiguous elements from `start` to `to`."""
    return (Nest(((1, 0, 0), (size, 1, 1)), start, to),)
