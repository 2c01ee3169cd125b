"""Operations that only copy: their meaning is NumPy's, in memory of their own unless they are views."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from knoll.graph import Op
from knoll.ops.indexing.index import frozen, pick
from knoll.ops.reduction.reduce import expand
from knoll.ops.shapes.reshape import concatenate, convert, permute
from knoll.ops.shapes.strided import strided

X = np.random.default_rng(0).normal(0, 99, (2, 3, 4)).astype(np.float32)
CASES: list[tuple[Op, tuple[Any, ...], dict[str, Any], Any]] = [
    (permute, (X,), {"axes": (2, 0, 1)}, X.transpose(2, 0, 1)),
    (pick, (X,), {"key": frozen((0, slice(None, None, -1)))}, X[0, ::-1]),
    (pick, (X,), {"key": frozen((1, 2, 3))}, X[1, 2, 3]),
    (convert, (X,), {"dtype": "int16"}, X.astype(np.int16)),
    (convert, (X * np.inf,), {"dtype": "float16"}, (X * np.inf).astype(np.float16)),
    (expand, (X[:, :1],), {"shape": X.shape, "axes": (1,), "scale": 0.5}, np.repeat(X[:, :1], 3, 1) / 2),
    (concatenate, (X, X[:0], X[:1]), {"axis": 0}, np.concatenate([X, X[:1]])),
    (concatenate, (X, X[..., :1]), {"axis": 2}, np.concatenate([X, X[..., :1]], 2)),
    (strided, (X,), {"start": (0, 0, 1), "axes": ((2, (0, 0, 1)), (2, (0, 0, 1)))}, None),
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: str(case[0]))
def test_meaning(case: Any) -> None:
    op, operands, attributes, truth = case
    (result,) = op.meaning(*operands, **attributes)
    if truth is None:
        truth = np.array([[X[0, 0, 1], X[0, 0, 2]], [X[0, 0, 2], X[0, 0, 3]]])
    np.testing.assert_array_equal(result, truth)
    assert result.dtype == truth.dtype
    assert result.flags.c_contiguous
    assert op.is_view or not any(np.may_share_memory(result, operand) for operand in operands)
