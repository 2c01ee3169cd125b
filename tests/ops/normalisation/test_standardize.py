"""Standardisation of rows: what it means, its gradients against differences, and its compositions."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from knoll.graph import Array, Graph, Value, evaluate, spec_of
from knoll.ops.normalisation.standardize import standardize, standardize_dx, standardize_sums

Check = Callable[..., None]

RNG = np.random.default_rng(3)
EPSILON = np.array(1e-3)

centred = pytest.mark.parametrize("centred", [True, False])


def test_each_row_gets_mean_zero_and_variance_one() -> None:
    x = RNG.standard_normal((3, 4, 50)) * 5 + 7
    (y,) = standardize.meaning(x, np.array(0.0), rows=4, centred=True, run=1, to=(4, 50))
    np.testing.assert_allclose(y.mean(2), 0, atol=1e-14)
    np.testing.assert_allclose(y.var(2), 1, rtol=1e-13)
    (y,) = standardize.meaning(x, np.array(0.0), rows=1, centred=False, run=1, to=(200,))
    np.testing.assert_allclose(np.square(y).mean(1), 1, rtol=1e-13)


@centred
def test_scale_and_shift_stand_for_places_or_runs(centred: bool) -> None:
    x, size = RNG.standard_normal((2, 6, 4)), 24
    (plain,) = standardize.meaning(x, EPSILON, rows=2, centred=centred, run=1, to=(6, 4))
    for count, run in ((12, 1), (6, 4), (24, 1), (2, 12)):
        scale, shift = RNG.standard_normal((2, count))
        (y,) = standardize.meaning(x, EPSILON, scale, shift, rows=2, centred=centred, run=run, to=(6, 4))
        wide = [np.tile(np.repeat(given, run), size // (count * run)).reshape(6, 4) for given in (scale, shift)]
        np.testing.assert_allclose(y, plain * wide[0] + wide[1], rtol=1e-14)


@centred
@pytest.mark.parametrize("affine", [0, 1, 2])
@pytest.mark.parametrize("rows", [1, 3])
def test_gradients(check_gradient: Check, rows: int, affine: int, centred: bool) -> None:
    x, learned = RNG.standard_normal((4, 3, 5)), list(RNG.standard_normal((2, 15 // rows)))[:affine]
    wrt = (0, *range(2, 2 + affine))
    check_gradient(standardize, x, EPSILON, *learned, wrt=wrt, rows=rows, centred=centred, run=1, to=(3, 5))


@centred
@pytest.mark.parametrize("affine", [1, 2])
@pytest.mark.parametrize(("rows", "count", "run"), [(2, 6, 4), (6, 6, 4), (1, 6, 4), (2, 6, 1), (1, 1, 24), (2, 24, 1)])
def test_gradients_by_channel(
    check_gradient: Check, rows: int, count: int, run: int, affine: int, centred: bool
) -> None:
    x, learned = RNG.standard_normal((3, count, run)), list(RNG.standard_normal((2, count)))[:affine]
    wrt = (0, *range(2, 2 + affine))
    of = {"rows": rows, "centred": centred, "run": run, "to": (count, run)}
    check_gradient(standardize, x, EPSILON, *learned, wrt=wrt, **of)


@centred
@pytest.mark.parametrize(("rows", "count", "run"), [(1, 15, 1), (3, 5, 1), (3, 15, 1), (3, 3, 5), (1, 3, 5)])
def test_compositions_mean_the_same(rows: int, count: int, run: int, centred: bool) -> None:
    dy, x = RNG.standard_normal((2, 4, 3, 5))
    of = {"rows": rows, "centred": centred, "run": run}
    for op, given, more in (
        (standardize_dx, [dy, x, EPSILON], {}),
        (standardize_dx, [dy, x, EPSILON, RNG.standard_normal(count)], {}),
        (standardize_sums, [dy, x, EPSILON], {"count": count}),
    ):
        values = tuple(Value(spec_of(array)) for array in given)
        assert op.composition is not None
        graph = Graph(values, op.composition(*values, **of, **more))
        truths: tuple[Array, ...] = op.meaning(*given, **of, **more)
        for mine, truth in zip(evaluate(graph, given), truths, strict=True):
            np.testing.assert_allclose(mine, truth, rtol=1e-12, atol=1e-13)
