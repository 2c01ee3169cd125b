"""Histograms of one and several dimensions against PyTorch."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from side_by_side import A, B, Case, Refused, comparisons, refusals


def edges_of(t: Any) -> Any:
    return t.tensor([-1.0, 0, 0.5, 2], dtype=t.float64)


def flattened(found: Any) -> tuple[Any, ...]:
    return (found[0], *found[1])


COMPARED: dict[str, Case] = {
    "histc": (lambda t, a: t.histc(a.detach(), 5, -1, 1), (A,)),
    "histogram": (lambda t, a: tuple(t.histogram(a.detach(), 4)), (A,)),
    "histogram range": (lambda t, a: tuple(t.histogram(a.detach(), bins=7, range=(-1.0, 1.5))), (A,)),
    "histogram edges": (
        lambda t, a, b: tuple(t.histogram(a.detach(), edges_of(t), weight=b.detach())),
        (A, B),
    ),
    "histogram density": (lambda _, a: tuple(a.detach().histogram(5, density=True)), (A,)),
    "histogram of nothing": (lambda t, a: tuple(t.histogram(a.detach(), 4)), (np.zeros(0),)),
    "histogram of one": (lambda t, a: tuple(t.histogram(a.detach(), 4)), (np.ones(3),)),
    "histogram at edges": (lambda t, a: tuple(t.histogram(a.detach(), 5)), (np.arange(6.0),)),
    "histogramdd": (lambda t, a: flattened(t.histogramdd(a.detach(), [3, 2])), (A[:, :2],)),
    "histogramdd axes": (lambda t, a: flattened(t.histogramdd(a.detach().reshape(2, 3, 2), 3)), (A,)),
    "histogramdd weighed": (
        lambda t, a, b: flattened(
            t.histogramdd(a.detach(), bins=[3, 3], range=[-1.0, 1.0, -2.0, 2.0], weight=b.detach(), density=True)
        ),
        (A[:, :2], np.abs(B[:, 0])),
    ),
    "histogramdd edges": (
        lambda t, a: flattened(
            t.histogramdd(a.detach(), [t.tensor([-1.0, 0, 1], dtype=t.float64), t.tensor([-2.0, 2], dtype=t.float64)])
        ),
        (A[:, :2],),
    ),
}
REFUSED: dict[str, Refused] = {
    "histogram order": lambda t: t.histogram(t.ones(6), 4, range=(5.0, 0.0)),
    "histogram bins": lambda t: t.histogram(t.ones(6), 0),
    "histogram weights": lambda t: t.histogram(t.ones(6), 4, weight=t.ones(3)),
    "histogram weight type": lambda t: t.histogram(t.ones(6), 4, weight=t.ones(6, dtype=t.float64)),
    "histogram edges type": lambda t: t.histogram(t.ones(6), t.ones(3, dtype=t.float64)),
    "histogram edges rank": lambda t: t.histogram(t.ones(6), t.ones(2, 2)),
    "histogram no edges": lambda t: t.histogram(t.ones(6), t.ones(0)),
    "histogram one edge": lambda t: t.histogram(t.ones(6), t.ones(1)),
    "histogram integers": lambda t: t.histogram(t.tensor([1]), 4),
    "histogram half a range": lambda t: t.histogram(t.ones(6), 4, range=(0.0,)),
    "histogram range": lambda t: t.histogram(t.ones(6), 4, range=(math.nan, 1.0)),
    "histogramdd bins": lambda t: t.histogramdd(t.ones(3, 2), bins=[2]),
    "histogramdd range": lambda t: t.histogramdd(t.ones(3, 2), bins=[2, 2], range=[0.0, 1.0]),
    "histogramdd rank": lambda t: t.histogramdd(t.ones(3), bins=[2]),
    "histogramdd weights": lambda t: t.histogramdd(t.ones(2, 2), bins=[2, 2], weight=t.ones(3)),
    "histogramdd none": lambda t: t.histogramdd(t.ones(2, 2), bins=[2, 0]),
    "histc": lambda t: t.histc(t.ones(2), 0),
}

test_results_and_gradients_as_in_pytorch = comparisons(COMPARED)
test_refused_as_in_pytorch = refusals(REFUSED)
