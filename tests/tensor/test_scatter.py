"""Elements scattered by index: what is refused."""

from __future__ import annotations

import numpy as np
import pytest
from side_by_side import same_refusal

import knoll


def test_refused_as_in_pytorch() -> None:
    same_refusal(lambda t: t.scatter_add(t.ones(2, 2), 0, t.zeros(1, 1, dtype=t.int64), t.ones(2, 2, 2)))


def test_a_reduction_is_named_by_a_text() -> None:
    x, index = knoll.ones(2, 2), knoll.zeros(2, 2, dtype=knoll.int64)
    with pytest.raises(TypeError, match="argument 'reduce' must be str, not ndarray"):
        x.scatter(0, index, x, reduce=np.ones(2))  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="argument 'reduce' must be str, not int"):
        x.scatter_reduce(0, index, x, 3)  # type: ignore[arg-type]
