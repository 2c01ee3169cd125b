"""Scaled dot-product attention against PyTorch: masks, shared heads, broadcasting, machine code, refusals."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

import knoll
from knoll.errors import ArgumentError, ArgumentTypeError, DimensionError, DTypeError, ShapeError, StateError
from knoll.nn import functional as F

RNG = np.random.default_rng(11)
L, S, E = 5, 7, 4
SOME = RNG.random((L, S)) < 0.6
HIDDEN = np.arange(L)[:, None] * np.ones(S) != 2  # the third query sees no key
SHAPES = {
    "matrices": ((L, E), (S, E), (S, 3)),
    "samples": ((2, L, E), (2, S, E), (2, S, E)),
    "heads": ((2, 3, L, E), (2, 3, S, E), (2, 3, S, E)),
    "broadcast": ((2, 1, L, E), (3, S, E), (1, 1, S, 6)),
    "more axes": ((2, 1, 3, L, E), (2, 2, 1, S, E), (2, 2, 3, S, E)),
    "no features": ((2, L, 0), (2, S, 0), (2, S, E)),
    "no keys": ((2, L, E), (2, 0, E), (2, 0, E)),
}
OPTIONS: dict[str, dict[str, Any]] = {
    "plain": {}, "causal": {"is_causal": True}, "scaled": {"scale": 0.3}, "turned": {"scale": -1.5},
    "zero": {"scale": 0}, "some": {"attn_mask": SOME & HIDDEN},
    "numbers": {"attn_mask": np.where(SOME & HIDDEN, 1.5, -np.inf)},
    "float32": {"attn_mask": np.where(SOME, 1.5, -np.inf).astype(np.float32)},
    "row": {"attn_mask": np.arange(S)[None] < 5},
    "lowest": {"attn_mask": np.where(SOME & HIDDEN, 0, np.finfo(np.float64).min)},
}  # fmt: skip


def outcomes(library: Any, arrays: list[Any], options: dict[str, Any]) -> list[Any]:
    """The result and the gradients of all that has one."""
    leaves = [library.tensor(array, requires_grad=True) for array in arrays]
    given = dict(options)
    if isinstance(mask := given.get("attn_mask"), np.ndarray):
        given["attn_mask"] = library.tensor(mask, requires_grad=mask.dtype.kind == "f")
    y = library.nn.functional.scaled_dot_product_attention(*leaves, **given)
    (
        y * library.tensor(np.cos(np.arange(math.prod(y.shape))).reshape(tuple(y.shape)).astype(arrays[0].dtype))
    ).sum().backward()
    mask = given.get("attn_mask")
    leaves += [mask] if getattr(mask, "requires_grad", False) else []
    return [y.detach().numpy(), *(leaf.grad.numpy() for leaf in leaves)]


@pytest.mark.parametrize("options", OPTIONS)
@pytest.mark.parametrize("shapes", SHAPES)
def test_results_and_gradients_are_pytorchs(torch: Any, shapes: str, options: str) -> None:
    if shapes == "no keys" and "attn_mask" in OPTIONS[options]:
        pytest.skip("the masks are for keys")
    arrays = [RNG.standard_normal(shape) for shape in SHAPES[shapes]]
    for mine, truth in zip(
        outcomes(knoll, arrays, OPTIONS[options]), outcomes(torch, arrays, OPTIONS[options]), strict=True
    ):
        assert mine.shape == truth.shape
        np.testing.assert_allclose(mine, truth, rtol=1e-12, atol=1e-14)


@pytest.mark.parametrize("heads", [(6, 3, 3), (6, 2, 3), (6, 6, 1), (6, 6, 6)])
@pytest.mark.parametrize("options", ["plain", "causal", "numbers"])
def test_heads_that_share_keys_and_values(torch: Any, heads: tuple[int, ...], options: str) -> None:
    arrays = [RNG.standard_normal((2, n, m, E)) for n, m in zip(heads, (L, S, S), strict=True)]
    given = OPTIONS[options] | {"enable_gqa": True}
    for mine, truth in zip(outcomes(knoll, arrays, given), outcomes(torch, arrays, given), strict=True):
        np.testing.assert_allclose(mine, truth, rtol=1e-12, atol=1e-14)


@pytest.mark.parametrize("options", ["plain", "numbers"])
def test_gradients_are_finite_differences(options: str) -> None:
    arrays = [RNG.standard_normal(shape) for shape in SHAPES["samples"]]
    _, *slopes = outcomes(knoll, arrays, OPTIONS[options])
    for array, slope in zip(arrays, slopes, strict=False):
        at = tuple(n // 2 for n in array.shape)
        results = []
        for step in (1e-6, -1e-6):
            array[at] += step
            y = outcomes(knoll, arrays, OPTIONS[options])[0]
            results.append((y * np.cos(np.arange(y.size)).reshape(y.shape)).sum())
            array[at] -= step
        assert slope[at] == pytest.approx((results[0] - results[1]) / 2e-6, rel=1e-7, abs=1e-9)


def test_dropout_sets_weights_to_zero() -> None:
    v = np.eye(S)
    weights = F.scaled_dot_product_attention(np.zeros((200, 1)), np.zeros((S, 1)), np.eye(S), dropout_p=0.25).numpy()
    np.testing.assert_allclose(np.unique(weights), [0, 1 / (S * 0.75)])
    assert 0.15 < (weights == 0).mean() < 0.35
    assert not F.scaled_dot_product_attention(v, v, v, dropout_p=1.0).numpy().any()


def test_refusals(same_error: Any) -> None:
    def call(k: Any, *shapes: tuple[int, ...], **options: Any) -> Any:
        return k.F.scaled_dot_product_attention(*(k.x(*shape) for shape in shapes), **options)

    q, kv = (2, L, E), (2, S, E)
    same_error(lambda k: call(k, (E,), kv, kv), ShapeError)
    same_error(lambda k: call(k, q, (2, S, 3), kv), ShapeError)
    same_error(lambda k: call(k, (L, E), (S, 3), (S, 3)), ShapeError)
    same_error(lambda k: call(k, q, kv, (2, L, E)), ShapeError)
    same_error(lambda k: call(k, (3, *q), (3, 2, S, 3), (3, *kv)), ShapeError)
    same_error(lambda k: call(k, q, (3, S, E), (3, S, E)), ShapeError)
    same_error(lambda k: call(k, q, kv, kv, is_causal=True, attn_mask=k.x(L, S)), StateError)
    same_error(lambda k: call(k, q, kv, kv, attn_mask=k.x(L, S, dtype="int64")), DTypeError)
    same_error(lambda k: call(k, q, kv, kv, attn_mask=k.x(L, S, dtype="float64")), DTypeError)
    same_error(lambda k: call(k, q, kv, kv, attn_mask=k.x(L, L)), ShapeError)
    same_error(lambda k: call(k, q, kv, kv, attn_mask=k.x(3, 2, L, S)), ShapeError)
    same_error(lambda k: call(k, q, kv, kv, attn_mask=3), ArgumentTypeError)
    same_error(lambda k: call(k, q, kv, kv, dropout_p=1.5), ArgumentError)
    same_error(lambda k: call(k, q, kv, kv, dropout_p="x"), ArgumentTypeError)
    same_error(lambda k: call(k, q, kv, kv, scale="x"), ArgumentTypeError)
    same_error(lambda k: call(k, q, kv, kv, is_causal="x"), ArgumentTypeError)
    same_error(lambda k: call(k, (L, E), (S, E), (S, E), enable_gqa=True), DimensionError)
    same_error(lambda k: call(k, (6, L, E), (4, S, E), (2, S, E), enable_gqa=True), ShapeError)
    same_error(lambda k: k.F.scaled_dot_product_attention(k.x(L, E), k.x(S, E, dtype="float64"), k.x(S, E)), DTypeError)
    same_error(lambda k: k.F.scaled_dot_product_attention(*[k.x(2, L, E, dtype="int64")] * 3), DTypeError)
    same_error(lambda k: k.F.scaled_dot_product_attention(None, k.x(S, E), k.x(S, E)), ArgumentTypeError)
