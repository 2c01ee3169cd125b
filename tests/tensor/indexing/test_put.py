"""Values put at places counted in reading order, against PyTorch."""

from __future__ import annotations

from typing import Any

import numpy as np

from side_by_side import A, B, Case, Refused, both, comparisons, refusals

PLACES = np.array([[2, -1], [0, 5]])
COMPARED: dict[str, Case] = {
    "put": (lambda t, a, b: t.put(a, t.tensor(PLACES), b[0]), (A, B)),
    "put sum": (lambda t, a, b: a.put(t.tensor([1, 1, -1, 0]), b[0], accumulate=True), (A, B)),
    "put_": (lambda t, a, b: (a * 1).put_(t.tensor(PLACES), b[:1]), (A, B)),
    "put_ sum": (lambda t, a, b: (a * 1).put_(t.tensor([1, 1, -1, 0]), b[1], True), (A, B)),
    "put_ in a view": (lambda t, a, b: _in_a_view(t, a, b), (A, B)),
    "one number": (lambda t, a, b: a[0, 0].put(t.tensor(0), b[0, 0]), (A, B)),
    "nothing": (lambda t, a, b: a.put(t.tensor(PLACES[:0]), b[:0]), (A, B)),
}
REFUSED: dict[str, Refused] = {
    "place": lambda t: t.ones(2, 3).put_(t.tensor([6]), t.tensor([9.0])),
    "place from the end": lambda t: t.ones(2, 3).put_(t.tensor([-7]), t.tensor([9.0])),
    "type of values": lambda t: t.ones(2).put_(t.tensor([1]), t.tensor([9])),
    "type of places": lambda t: t.ones(2).put_(t.tensor([1.0]), t.tensor([9.0])),
    "counts": lambda t: t.ones(2).put_(t.tensor([1]), t.tensor([9.0, 1.0])),
    "into nothing": lambda t: t.zeros(0).put_(t.tensor([1]), t.tensor([9.0])),
}


def _in_a_view(t: Any, a: Any, b: Any) -> Any:
    whole = a * 1
    whole.t().put_(t.tensor([1, 4]), b[0, :2])
    return whole


test_results_and_gradients_as_in_pytorch = comparisons(COMPARED)
test_refused_as_in_pytorch = refusals(REFUSED)


def test_integers() -> None:
    both(lambda t, x: x.put(t.tensor([0, 1]), t.tensor([7, 8])), np.arange(6).reshape(2, 3))
