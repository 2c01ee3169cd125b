"""Operations on many numbers outside of modules: as NumPy's, whatever their order in memory."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import knoll
from knoll.errors import ShapeError, StateError
from knoll.run import light
from knoll.run.arrays import LARGE

SHAPE = (3, 5, LARGE // 10)
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
    monkeypatch.setattr(light, "_known", {})
    if request.param == "NumPy":
        monkeypatch.setattr(light, "has_eager_kernels", lambda: False)


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


AS_FUNCTION: dict[str, tuple[Any, ...]] = {
    **dict.fromkeys(["exp", "neg", "relu", "round", "rsqrt", "erf", "sign", "frac", "tanh", "deg2rad", "log10"], ()),
    "clamp": (-0.5, 0.5),
    "clamp_min": (0,),
    "pow": (2,),
    "div": (3,),
    "fmod": (0.3,),
    "floor_divide": (0.3,),
    "lerp": (B, 0.25),
    "addcmul": (B, B),
    "addcdiv": (B, B),
    "add": (B,),
    "hypot": (B,),
    "atan2": (B[0],),
}


@pytest.mark.parametrize("lies", ["in order", "permuted", "in part", "few"])
@pytest.mark.parametrize("name", AS_FUNCTION)
def test_in_place_as_function(name: str, lies: str) -> None:
    """What is written where x lies is what the function gives, and it is written there."""
    few = slice(3) if lies == "few" else slice(None)
    x = knoll.tensor(A)[..., few]
    whole = knoll.zeros(*x.shape[::-1]).permute(2, 1, 0) if lies == "permuted" else knoll.zeros(*x.shape, 2)[..., 0]
    y = (whole if lies in ("permuted", "in part") else knoll.zeros(*x.shape)).copy_(x)
    others = [knoll.tensor(each[..., few]) if isinstance(each, np.ndarray) else each for each in AS_FUNCTION[name]]
    truth, where, version = getattr(x, name)(*others), y.data_ptr(), y._version
    assert getattr(y, f"{name}_")(*others) is y
    np.testing.assert_array_equal(y.numpy(), truth.numpy())
    assert (y.data_ptr(), y._version) == (where, version + 1)


def test_in_place_where_a_gradient_is_wanted() -> None:
    x, w = knoll.tensor(A), knoll.ones(1, requires_grad=True)
    x.mul_(2).addcmul_(w, knoll.tensor(B)).div_(4)
    x.sum().backward()
    assert w.grad is not None
    np.testing.assert_allclose(w.grad.numpy(), [B.astype(np.float64).sum() / 4], rtol=1e-4)
    with pytest.raises(StateError, match="a leaf Variable that requires grad"):
        w.div_(2)
    with pytest.raises(ShapeError, match="output with shape"):
        knoll.ones(LARGE).mul_(knoll.ones(2, 1))


def test_half_precision() -> None:
    x = knoll.tensor(A).half()
    assert x.numpy().tobytes() == A.astype(np.float16).tobytes()
    y = x * 3 - x
    np.testing.assert_array_equal(y.numpy(), A.astype(np.float16) * np.float16(3) - A.astype(np.float16))
    np.testing.assert_array_equal(x.float().numpy(), A.astype(np.float16).astype(np.float32))


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
    many = LARGE + 3
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


@pytest.mark.parametrize("step", range(1, 9))
@pytest.mark.parametrize("name", ["neg_", "abs_", "sqrt_", "exp_", "square_", "floor_", "reciprocal_"])
def test_elements_that_lie_apart_are_changed_in_place(name: str, step: int) -> None:
    """NumPy's negation of every fourth float in its place is wrong."""
    for count in (2, 3, 5, 17):
        x = knoll.arange(1.0, 201.0)
        before = x.numpy().copy()
        truth = getattr(knoll.tensor(before[1::step][:count].copy()), name.removesuffix("_"))().numpy()
        getattr(x[1::step][:count], name)()
        before[1::step][:count] = truth
        np.testing.assert_array_equal(x.numpy(), before)
