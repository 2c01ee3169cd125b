"""Axes that are expanded, against PyTorch."""

from __future__ import annotations

from typing import Any

import numpy as np

import knoll
from knoll.tensor import recording
from side_by_side import WHOLE, A, Case, Refused, X, comparisons, refusals


def _recorded(library: Any, x: Any) -> Any:
    """An expansion inside a recording, where the library has them."""
    if library is not knoll:
        return x.expand(3, 2, 3, 4)
    with recording():
        return x.expand(3, 2, 3, 4)


COMPARED: dict[str, Case] = {
    "expand": (lambda _, x: (x[:, :1].expand(2, 5, 4), x.expand(3, 2, 3, 4), x[:1].expand(5, -1, -1)), (X,)),
    "expand float32": (lambda _, x: x.expand(3, 2, 3, 4), (X.astype(np.float32),)),
    "expand integers": (lambda _, x: x.expand(2, 6), (WHOLE,)),
    "expand a number": (lambda _, x: x.expand(3), (np.array(1.5),)),
    "expand in a recording": (_recorded, (X,)),
    "expand_as": (lambda _, a, x: a[:, :1].expand_as(x[0]), (A, X)),
}
REFUSED: dict[str, Refused] = {
    "another size": lambda t: t.zeros(2, 3).expand(3, 3),
    "too few sizes": lambda t: t.zeros(2, 3).expand(3),
    "-1 of a new axis": lambda t: t.zeros(2).expand(-1, 2),
}

test_results_and_gradients_as_in_pytorch = comparisons(COMPARED)
test_refused_as_in_pytorch = refusals(REFUSED)


def test_an_expanded_tensor_is_a_view() -> None:
    x = knoll.zeros(1, 2)
    y = x.expand(3, 2)
    x[0, 1] = 5
    assert y.tolist() == [[0, 5]] * 3
    assert y.stride() == (0, 1)
