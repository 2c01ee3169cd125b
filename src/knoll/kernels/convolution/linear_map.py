"""The product of a constant matrix and vectors in registers, with few operations.

Two rows that differ only in the signs of some entries share common subexpressions: they are the sum and the difference
of two partial sums. The rows of the points p and −p of Winograd's transforms are such a pair.
"""

from __future__ import annotations

from fractions import Fraction

from knoll.kernels.convolution.cook_toom import Matrix
from knoll.llvm.builder import KernelBuilder
from knoll.llvm.registers import Register

Term = tuple[Fraction, Register]


def transposed(matrix: Matrix) -> Matrix:
    """The transpose of a matrix."""
    return tuple(zip(*matrix, strict=True))


def mapped(k: KernelBuilder, matrix: Matrix, vectors: list[Register]) -> list[Register]:
    """matrix · vectors, one result for each row."""
    columns = _columns_joined(matrix, vectors)
    if columns is not None:
        return [combined(k, row) for row in columns]
    results: dict[int, Register] = {}
    for i, row in enumerate(matrix):
        if i in results:
            continue
        partner = next((j for j in range(i + 1, len(matrix)) if j not in results and _mirrored(row, matrix[j])), None)
        if partner is None:
            results[i] = combined(k, [(c, v) for c, v in zip(row, vectors, strict=True) if c])
            continue
        pairs = list(zip(row, matrix[partner], vectors, strict=True))
        same = combined(k, [(c, v) for c, d, v in pairs if c and c == d])
        other = combined(k, [(c, v) for c, d, v in pairs if c and c != d])
        results[i], results[partner] = same + other, same - other
    return [results[i] for i in range(len(matrix))]


def _mirrored(a: tuple[Fraction, ...], b: tuple[Fraction, ...]) -> bool:
    """Whether two rows differ only in signs, and share both kinds of entries."""
    pairs = [(c, d) for c, d in zip(a, b, strict=True) if c or d]
    return all(c in (d, -d) for c, d in pairs) and any(c == d for c, d in pairs) and any(c == -d for c, d in pairs)


def _columns_joined(matrix: Matrix, vectors: list[Register]) -> list[list[Term]] | None:
    """The terms of a wide matrix; vectors of columns that differ only in signs are added before they are scaled."""
    columns = transposed(matrix)
    if len(matrix) >= len(columns):
        return None
    rows: list[list[Term]] = [[] for _ in matrix]
    done: set[int] = set()
    for i, column in enumerate(columns):
        if i in done:
            continue
        partner = next((j for j in range(i + 1, len(columns)) if j not in done and _mirrored(column, columns[j])), None)
        if partner is None:
            for row, c in zip(rows, column, strict=True):
                row += [(c, vectors[i])] if c else []
            continue
        done.add(partner)
        total, difference = vectors[i] + vectors[partner], vectors[i] - vectors[partner]
        for row, c, d in zip(rows, column, columns[partner], strict=True):
            row += [(c, total if c == d else difference)] if c else []
    return rows


def combined(k: KernelBuilder, terms: list[Term]) -> Register:
    """A linear combination of vectors; coefficients ±1 cost an addition, others a multiply-add."""
    first, *others = sorted(terms, key=lambda term: (term[0] != 1, abs(term[0]) == 1))
    total = first[1] if first[0] == 1 else first[1] * k.constant(float(first[0]))
    for factor, vector in others:
        if abs(factor) == 1:
            total = total + vector if factor == 1 else total - vector
        else:
            total = k.multiply_add(vector, k.constant(float(factor)), total)
    return total
