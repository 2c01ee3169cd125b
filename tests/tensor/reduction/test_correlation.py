"""Covariance and correlation against PyTorch."""

from __future__ import annotations

import numpy as np
import pytest

from side_by_side import A, B, Case, Refused, comparisons, refusals, same_warning, second_derivatives

COMPARED: dict[str, Case] = {
    "cov": (lambda t, a: t.cov(a), (A,)),
    "corrcoef": (lambda t, a: t.corrcoef(a), (A,)),
    "corrcoef row": (lambda t, a: t.corrcoef(a[0]), (A,)),
    "corrcoef integers": (lambda t, a: t.corrcoef(a), (np.array([[1, 2, 3], [3, 1, 2]]),)),
    "cov weighed": (
        lambda t, a: (
            t.cov(a, fweights=t.tensor([1, 2, 3, 1])),
            t.cov(a, aweights=t.tensor([0.5, 1, 2, 1], dtype=t.float64), correction=0),
            a.cov(fweights=t.tensor([1, 2, 3, 1]), aweights=t.tensor([0.5, 1, 2, 1], dtype=t.float64)),
        ),
        (A,),
    ),
    "cov weighed gradient": (
        lambda t, a, b: (
            t.cov(a, aweights=b[0], correction=0),
            t.cov(a[0], aweights=b[0]),
            t.cov(a, fweights=t.tensor([1, 2, 3, 1]), aweights=b[1]),
        ),
        (A, np.abs(B)),
    ),
}
REFUSED: dict[str, Refused] = {
    "corrcoef rank": lambda t: t.corrcoef(t.ones(2, 2, 2)),
    "corrcoef truths": lambda t: t.corrcoef(t.tensor([[True]])),
    "cov weights rank": lambda t: t.cov(t.ones(2, 2), fweights=t.tensor([[1, 2]])),
    "cov weights type": lambda t: t.cov(t.ones(2, 2), fweights=t.ones(2)),
    "cov weights number": lambda t: t.cov(t.ones(2, 2), fweights=t.tensor([1])),
    "cov weights sign": lambda t: t.cov(t.ones(2, 2), fweights=t.tensor([1, -1])),
    "cov weights sum": lambda t: t.cov(t.ones(2, 2), fweights=t.tensor([0, 0])),
    "cov importance type": lambda t: t.cov(t.ones(2, 2), aweights=t.tensor([1, 2])),
}

test_results_and_gradients_as_in_pytorch = pytest.mark.filterwarnings("ignore:cov")(comparisons(COMPARED))
test_second_derivatives_as_in_pytorch = second_derivatives(COMPARED, ["cov weighed gradient", "corrcoef"])
test_refused_as_in_pytorch = refusals(REFUSED)


def test_too_few_observations_are_told() -> None:
    same_warning(lambda t: t.corrcoef(t.ones(2, 0)))
