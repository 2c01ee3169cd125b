"""Elements that are repeated, against PyTorch."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import knoll
from knoll.tensor import recording
from side_by_side import Refused, X, both, refusals

CALLS: dict[str, Any] = {
    "repeat": lambda _, x: (x.repeat(2, 1, 3), x[0, 0].repeat(2, 2)),
    "tile": lambda t, x: (x.tile(2), t.tile(x, (2, 1, 3)), x.tile(2, 1, 1, 2)),
    "broadcast_to": lambda t, x: t.broadcast_to(x[:1], (5, 3, 4)),
    "repeat_interleave": lambda t, x: (
        x.repeat_interleave(2), t.repeat_interleave(x, 3, dim=1), x.repeat_interleave(t.tensor([0, 2, 1]), 1)
    ),
}  # fmt: skip
REFUSED: dict[str, Refused] = {
    "repeat a negative number of times": lambda t: t.zeros(2).repeat(-1),
    "repeat fewer axes": lambda t: t.zeros(2, 3).repeat(2),
    "repeat_interleave a negative number of times": lambda t: t.ones(2).repeat_interleave(-1),
    "repeat_interleave of another size": lambda t: t.ones(2).repeat_interleave(t.tensor([1, 2, 3])),
}

test_refused_as_in_pytorch = refusals(REFUSED)


@pytest.mark.parametrize("name", CALLS)
@pytest.mark.parametrize("x", [X, X.astype(np.float32), np.arange(24).reshape(2, 3, 4)], ids=lambda x: str(x.dtype))
def test_results_and_gradients_as_in_pytorch(name: str, x: np.ndarray) -> None:
    both(CALLS[name], x)


def test_the_same_inside_a_recording() -> None:
    x = knoll.arange(6.0).reshape(2, 3)
    with recording():
        y = x.repeat(2, 1)
    assert y.tolist() == [[0, 1, 2], [3, 4, 5]] * 2
