"""The trapezoidal rule and finite differences against PyTorch: numbers, types, gradients, refusals."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import knoll
from knoll.errors import DimensionError, DTypeError, ShapeError
from side_by_side import WHOLE, A, B, Case, Refused, comparisons, refusals, second_derivatives

RNG = np.random.default_rng(2)
Y = RNG.standard_normal((3, 4, 5))
CASES: list[tuple[Any, Any, dict[str, Any]]] = [
    (Y, None, {}), (Y, None, {"dx": 0.5, "dim": 1}), (Y, np.sort(RNG.random(5)), {}), (Y, np.arange(3.0), {"dim": 0}),
    (Y, RNG.random((3, 4, 5)), {"dim": 1}), (Y, RNG.random((4, 5)), {}), (Y[0, 0, :1], None, {}),
    (np.arange(4), None, {}), (np.arange(4), np.array([1, 3, 4, 9]), {}), (Y[:, :, :1], np.ones(1), {}),
]  # fmt: skip


@pytest.mark.parametrize("name", ["trapezoid", "trapz", "cumulative_trapezoid"])
@pytest.mark.parametrize("case", range(len(CASES)))
def test_integrals_and_gradients_are_pytorchs(torch: Any, name: str, case: int) -> None:
    y, x, options = CASES[case]
    results = []
    for library in (knoll, torch):
        leaves = [library.tensor(a, requires_grad=a.dtype.kind == "f") for a in (y, x) if a is not None]
        made = getattr(library, name)(*leaves, **options)
        if made.requires_grad:
            made.square().sum().backward()
        results.append([made.detach(), *(leaf.grad for leaf in leaves if leaf.requires_grad)])
    for mine, truth in zip(*results, strict=True):
        assert str(mine.dtype) == str(truth.dtype).removeprefix("torch.")
        np.testing.assert_allclose(mine.numpy(), truth.numpy(), rtol=1e-12, atol=1e-14)


def test_no_samples() -> None:
    assert knoll.trapezoid(knoll.ones(2, 0)).tolist() == [0, 0]
    assert knoll.trapezoid(knoll.ones(0)).tolist() == 0
    assert knoll.cumulative_trapezoid(knoll.ones(2, 0)).shape == (2, 0)


@pytest.mark.parametrize("name", ["trapezoid", "cumulative_trapezoid"])
@pytest.mark.parametrize(
    ("given", "kind"),
    [
        (lambda k: (k.ones(3, 4), k.ones(3)), ShapeError),
        (lambda k: (k.ones(3) == 1,), DTypeError),
        (lambda k: (k.ones(3), k.ones(3) == 1), DTypeError),
    ],
)
def test_refusals(torch: Any, name: str, given: Any, kind: type[Exception]) -> None:
    with pytest.raises(kind) as mine:
        getattr(knoll, name)(*given(knoll))
    with pytest.raises(RuntimeError) as theirs:
        getattr(torch, name)(*given(torch))
    assert str(mine.value).splitlines()[0] == str(theirs.value).splitlines()[0]


def test_an_axis_that_there_is_not() -> None:
    with pytest.raises(
        DimensionError, match=r"Dimension out of range \(expected to be in range of \[-2, 1\], but got 5"
    ):
        knoll.trapezoid(knoll.ones(3, 4), dim=5)


COMPARED: dict[str, Case] = {
    "gradient": (lambda t, a: t.gradient(a), (A,)),
    "gradient edges": (lambda t, a: t.gradient(a, edge_order=2), (A,)),
    "gradient spacing": (lambda t, a: t.gradient(a, spacing=2.0, dim=1), (A,)),
    "gradient spacings": (lambda t, a: t.gradient(a, spacing=[1, 0.5], edge_order=2), (A,)),
    "gradient coordinates": (
        lambda t, a, b: t.gradient(a, spacing=(b[0].cumsum(0)[:3], b[1].cumsum(0))),
        (A, np.abs(B)),
    ),
    "gradient coordinates edges": (
        lambda t, a, b: t.gradient(a, spacing=(b[1].cumsum(0),), dim=(1,), edge_order=2),
        (A, np.abs(B)),
    ),
    "gradient integers": (lambda t, a: t.gradient(a, spacing=2), (WHOLE[:4],)),
    "gradient nowhere": (lambda t, a: t.gradient(a), (np.array(1.0),)),
    "gradient plain": (lambda t, a: t.gradient(a, spacing=None, dim=None), (A,)),
}
REFUSED: dict[str, Refused] = {
    "gradient order": lambda t: t.gradient(t.ones(4), edge_order=3),
    "gradient size": lambda t: t.gradient(t.ones(2, 2), edge_order=2),
    "gradient twice": lambda t: t.gradient(t.ones(2, 2), dim=(0, 0)),
    "gradient axis": lambda t: t.gradient(t.ones(2, 2), dim=(0, 3)),
    "gradient spacings": lambda t: t.gradient(t.ones(2, 2), spacing=(1.0, 2.0, 3.0)),
    "gradient spacings of axes": lambda t: t.gradient(t.ones(2, 2), spacing=(1.0, 2.0), dim=1),
    "gradient rank": lambda t: t.gradient(t.ones(2, 2), spacing=(t.ones(1, 2), t.ones(2))),
    "trapezoid of one": lambda t: t.trapezoid(t.tensor(1.0)),
}

test_results_and_gradients_as_in_pytorch = comparisons(COMPARED)
test_second_derivatives_as_in_pytorch = second_derivatives(COMPARED, ["gradient", "gradient coordinates edges"])
test_refused_as_in_pytorch = refusals(REFUSED)
