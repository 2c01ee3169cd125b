"""The matrices of fast convolution: exact in fractions."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest

from knoll.kernels.convolution.cook_toom import transforms


@pytest.mark.parametrize("stride", [1, 2])
@pytest.mark.parametrize(("outputs", "taps"), [(4, 3), (4, 5), (2, 3), (2, 5)])
def test_matrices_are_exact(outputs: int, taps: int, stride: int) -> None:
    t = transforms(outputs, taps, stride)
    d, g = [Fraction(n * n - 3, 7) for n in range(t.size)], [Fraction(2 * n + 1, 5) for n in range(taps)]

    def times(matrix: Any, vector: list[Fraction]) -> list[Fraction]:
        return [sum((a * b for a, b in zip(row, vector, strict=True)), Fraction(0)) for row in matrix]

    products = [a * b for a, b in zip(times(t.g, g), times(t.b, d), strict=True)]
    assert times(t.a, products) == [sum(d[stride * i + j] * g[j] for j in range(taps)) for i in range(outputs)]


@pytest.mark.parametrize(("outputs", "taps"), [(4, 3), (4, 5), (2, 3), (2, 5)])
def test_there_is_a_row_for_each_point_and_one_for_infinity(outputs: int, taps: int) -> None:
    t = transforms(outputs, taps)
    assert (len(t.a), len(t.b), len(t.g)) == (outputs, t.size, t.size)
    assert {len(row) for row in t.b} == {t.size}
    assert t.g[-1] == (0,) * (taps - 1) + (1,)
    assert transforms(outputs, taps) is t
