"""Operations on many numbers outside of modules: as NumPy's, whatever their order in memory."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import knoll
from knoll.tensor import eager

SHAPE = (3, 5, eager.LARGE // 10)
A, B = (np.random.default_rng(seed).standard_normal(SHAPE).astype(np.float32) for seed in (0, 1))

EXACT: dict[str, Callable[[Any, Any], Any]] = {
    "sum of two": lambda a, b: a + b,
    "times a number": lambda a, _: a * 3,
    "less": lambda a, b: 1 - a - b,
    "quotient": lambda a, b: a / b,
    "negative": lambda a, _: -a,
    "of a row": lambda a, b: a + b[0, 0],
    "of a column": lambda a, b: a * b[:, :1, :1],
    "permuted": lambda a, b: a.T + b.T,
    "of parts": lambda a, b: a[:, ::2] * b[:, ::2],
    "tiny": lambda a, _: a * 1e-30 * 1e-12,
}
IN_PLACE: dict[str, Callable[[Any, Any], Any]] = {
    "add": lambda a, b: a.__iadd__(b),
    "multiply": lambda a, _: a.__imul__(0.5),
    "itself": lambda a, _: a.__isub__(a),
    "its own number": lambda a, _: a.__iadd__(a[0, 0, 1]),
    "a neighbour": lambda a, _: a[:, 1:].__iadd__(a[:, :-1]),
    "permuted": lambda a, b: a.T.__iadd__(b.T),
}


@pytest.fixture(params=["machine code", "NumPy"], autouse=True)
def where(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """With machine code, and as on a system that allows none."""
    monkeypatch.setattr(eager, "_known", {})
    if request.param == "NumPy":
        monkeypatch.setattr(eager, "has_eager_kernels", lambda: False)


@pytest.mark.parametrize("name", EXACT)
def test_as_in_numpy(name: str) -> None:
    truth = EXACT[name](A, B)
    result = EXACT[name](knoll.tensor(A), knoll.tensor(B))
    assert result.dtype == np.float32
    np.testing.assert_array_equal(result.numpy(), truth)


@pytest.mark.parametrize("name", IN_PLACE)
def test_changed_in_place(name: str) -> None:
    array, x = A.copy(), knoll.tensor(A)
    seen, version = x[1], x._version
    IN_PLACE[name](array, B)
    IN_PLACE[name](x, knoll.tensor(B))
    np.testing.assert_array_equal(x.numpy(), array)
    np.testing.assert_array_equal(seen.numpy(), array[1])
    assert x._version > version


@pytest.mark.parametrize("dim", [(0,), (1,), (2,), (0, 1), (1, 2), (0, 2), (0, 1, 2)])
@pytest.mark.parametrize("keep", [False, True])
@pytest.mark.parametrize("name", ["sum", "mean"])
def test_sums(name: str, dim: tuple[int, ...], keep: bool) -> None:
    result = getattr(knoll.tensor(A), name)(dim, keepdim=keep).numpy()
    truth = getattr(A.astype(np.float64), name)(axis=dim, keepdims=keep)
    assert result.dtype == np.float32
    assert result.shape == truth.shape
    scale = getattr(np.abs(A.astype(np.float64)), name)(axis=dim, keepdims=keep)
    assert (np.abs(result - truth) < 1e-6 * scale).all()


def test_other_types_and_empty_tensors() -> None:
    many = eager.LARGE + 3
    whole = knoll.arange(many)
    assert int((whole + 1).sum()) == many * (many + 1) // 2
    assert knoll.ones(many, dtype=knoll.float16).add(1).dtype == np.float16
    assert knoll.zeros(0, many).sum(1).shape == (0,)
    assert (knoll.ones(many) * knoll.tensor(2.0, dtype=knoll.float64)).dtype == np.float32


def test_a_gradient_flows_through_many_numbers() -> None:
    x = knoll.tensor(A, requires_grad=True)
    (x * x + 2 * x).sum().backward()
    assert x.grad is not None
    np.testing.assert_allclose(x.grad.numpy(), 2 * A + 2, rtol=1e-6)
