"""The transform matrices of Winograd convolution, by the Cook-Toom algorithm.

F(m, r) computes m outputs of a convolution with r taps from m + r − 1 inputs d as Aᵀ[(G g) · (Bᵀ d)], with one
multiplication for each of m + r − 1 points; in two dimensions the transforms of columns and of rows are nested. The
matrices are exact fractions. A window that moves by more than one is the sum of its polyphase components: even inputs
meet even taps, odd inputs odd taps, and each component has points of its own. Sources: Winograd, Arithmetic Complexity
of Computations, 1980; Lavin and Gray, arXiv 1509.09308; for the points, Barabasz et al., arXiv 1803.10986; for strides,
Pan and Chen, arXiv 2108.08825.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from math import prod

from knoll.graph.sizes import Pair

Matrix = tuple[tuple[Fraction, ...], ...]

_FIVE = Fraction(0), Fraction(1), Fraction(-1), Fraction(1, 2), Fraction(-2)
_SEVEN = Fraction(0), Fraction(1), Fraction(-1), Fraction(1, 2), Fraction(-1, 2), Fraction(2), Fraction(-2)

# Points near one keep rounding errors small; infinity is always added.
POINTS: dict[int, tuple[Fraction, ...]] = {
    2: (Fraction(0), Fraction(1)),
    3: (Fraction(0), Fraction(1), Fraction(-1)),
    4: (Fraction(0), Fraction(1), Fraction(-1), Fraction(2)),
    5: _FIVE,
    6: (*_FIVE, Fraction(2)),
    7: _SEVEN,
    8: (*_SEVEN, Fraction(4)),
    9: (*_SEVEN, Fraction(3, 4), Fraction(-3, 4)),
}


@dataclass(frozen=True)
class Transforms:
    """The three matrices of F(outputs, taps)."""

    outputs: int
    taps: int
    a: Matrix  # outputs × size: products → outputs
    b: Matrix  # size × size: inputs → their values at the points
    g: Matrix  # size × taps: weights → their values at the points

    @property
    def size(self) -> int:
        """The number of points, which is that of inputs."""
        return len(self.b)


@dataclass(frozen=True)
class Transforms2d:
    """Nested transforms: those along rows of a window and those along its columns."""

    rows: Transforms
    columns: Transforms

    @property
    def points(self) -> int:
        """The number of points, which is that of inputs of a tile."""
        return self.rows.size * self.columns.size

    @property
    def taps(self) -> int:
        """The number of taps of a window."""
        return self.rows.taps * self.columns.taps

    @property
    def saving(self) -> float:
        """Multiplications of the direct algorithm for each one at a point."""
        return self.rows.outputs * self.columns.outputs * self.taps / self.points


def transforms2d(outputs: Pair, taps: Pair, stride: Pair) -> Transforms2d:
    """The transforms of tiles of `outputs` from windows of `taps` that move by `stride`.

    >>> transforms2d((4, 4), (3, 3), (1, 1)).saving
    4.0
    """
    rows, columns = (transforms(*axis) for axis in zip(outputs, taps, stride, strict=True))
    return Transforms2d(rows, columns)


def _times(polynomial: list[Fraction], root: Fraction) -> list[Fraction]:
    """The polynomial times (x − root); coefficients from the constant up."""
    shifted, scaled = [Fraction(0), *polynomial], [root * c for c in polynomial] + [Fraction(0)]
    return [a - b for a, b in zip(shifted, scaled, strict=True)]


def _product(roots: list[Fraction]) -> list[Fraction]:
    result = [Fraction(1)]
    for root in roots:
        result = _times(result, root)
    return result


@cache
def transforms(outputs: int, taps: int, stride: int = 1) -> Transforms:
    """The matrices of F(outputs, taps) for a window that moves by `stride`.

    >>> [[int(x) for x in row] for row in transforms(4, 3).a][:2]
    [[1, 1, 1, 1, 1, 0], [0, 1, -1, 0, -2, 0]]
    >>> transforms(4, 3, stride=2).size
    9
    """
    parts = [_of_stride_one(outputs, len(range(phase, taps, stride))) for phase in range(stride)]
    size = sum(part.size for part in parts)
    a = tuple(sum((part.a[i] for part in parts), ()) for i in range(outputs))
    b = sum((_spread(part.b, phase, stride, size) for phase, part in enumerate(parts)), ())
    g = sum((_spread(part.g, phase, stride, taps) for phase, part in enumerate(parts)), ())
    return Transforms(outputs, taps, a, b, g)


def _spread(matrix: Matrix, phase: int, stride: int, columns: int) -> Matrix:
    """The matrix with its columns at `phase`, `phase` + `stride`, … of `columns`, zeros between them."""
    return tuple(
        tuple(row[j // stride] if j % stride == phase else Fraction(0) for j in range(columns)) for row in matrix
    )


def _of_stride_one(outputs: int, taps: int) -> Transforms:
    """The matrices of F(outputs, taps); a single tap needs no points."""
    if taps == 1:
        unit = tuple(tuple(Fraction(int(i == j)) for j in range(outputs)) for i in range(outputs))
        return Transforms(outputs, taps, unit, unit, ((Fraction(1),),) * outputs)
    points = POINTS[outputs + taps - 2]
    last = len(points)

    def power(i: int, row: int, top: int) -> Fraction:
        return Fraction(int(row == top)) if i == last else points[i] ** row

    a = tuple(tuple(power(j, i, outputs - 1) for j in range(last + 1)) for i in range(outputs))
    norms = [prod((p - q for q in points if q != p), start=Fraction(1)) for p in points] + [Fraction(1)]
    g = tuple(tuple(power(j, k, taps - 1) / norms[j] for k in range(taps)) for j in range(last + 1))
    rows = [[*_product([q for q in points if q != p]), Fraction(0)] for p in points]
    return Transforms(outputs, taps, a, tuple(map(tuple, [*rows, _product(list(points))])), g)
