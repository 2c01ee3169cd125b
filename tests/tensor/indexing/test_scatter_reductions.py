"""Elements joined at the same place, and in segments, as in PyTorch: results, gradients, second derivatives."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import knoll
from side_by_side import both, same_refusal, second

RNG = np.random.default_rng(0)
A, B = RNG.standard_normal((2, 4, 5))
ZEROS = np.where(RNG.random((4, 5)) < 0.3, 0.0, B)
INDEX = RNG.integers(0, 4, (4, 5))
TIES = RNG.integers(0, 3, (4, 5)).astype(np.float64)
REDUCTIONS = ("sum", "prod", "mean", "amax", "amin")


def pairs(include_self: bool) -> list[tuple[np.ndarray, np.ndarray]]:
    """Numbers, some with zeros, some that tie; PyTorch shares with what is not included, too."""
    return [(A, B), (ZEROS, ZEROS), (TIES, TIES)] if include_self else [(A, B), (A, ZEROS), (A, TIES)]


@pytest.mark.parametrize("include_self", [True, False])
@pytest.mark.parametrize("reduce", REDUCTIONS)
def test_scatter_reduce(reduce: str, include_self: bool) -> None:
    def call(t: Any, x: Any, source: Any, index: Any) -> Any:
        return t.scatter_reduce(x, 0, index, source, reduce, include_self=include_self)

    for x, source in pairs(include_self):
        both(call, x, source, INDEX)
        if source is not ZEROS or reduce != "prod":  # which PyTorch has no second derivative for
            second(call, x, source, INDEX)
    both(call, np.vstack([A, A]), B, INDEX)
    both(lambda t, x, source, index: call(t, x[:, :2], source[:3, :2], index[:3, :2]), A, B, INDEX)
    both(lambda t, x, s, i: t.scatter_reduce(x, 1, i, s, reduce, include_self=include_self), A, B, INDEX)
    both(call, TIES.astype(np.int64), B.astype(np.int64), INDEX)
    both(lambda t, x: x.clone().scatter_reduce_(0, t.tensor([1, 1]), t.tensor([2, 3]), reduce), np.array([3, 4, 5]))


@pytest.mark.parametrize("include_self", [True, False])
@pytest.mark.parametrize("reduce", REDUCTIONS[1:])
@pytest.mark.filterwarnings("ignore:index_reduce")
def test_index_reduce(reduce: str, include_self: bool) -> None:
    def call(t: Any, x: Any, source: Any) -> Any:
        index = t.tensor([2, 0, 2, 1])
        return t.index_reduce(x, 0, index, source, reduce, include_self=include_self)

    for x, source in pairs(include_self):
        both(call, x, source)
        if source is not ZEROS or reduce != "prod":
            second(call, x, source)
    both(lambda t, x, s: x.index_reduce(1, t.tensor([4, 4]), s[:, :2], reduce, include_self=include_self), A, B)
    both(call, TIES.astype(np.int64), B.astype(np.int64))
    both(lambda t, x: (x * 2).index_reduce_(0, t.tensor(0), x + 1, reduce), np.array(1.5))


@pytest.mark.parametrize("initial", [None, 0.5])
@pytest.mark.parametrize("reduce", ["sum", "mean", "prod", "max", "min"])
def test_segment_reduce(reduce: str, initial: float | None) -> None:
    def call(t: Any, x: Any) -> Any:
        return t.segment_reduce(x, reduce, lengths=t.tensor([1, 0, 3]), initial=initial)

    both(call, A)
    both(lambda t, x: t.segment_reduce(x, reduce, offsets=t.tensor([0, 2, 4]), initial=initial), A)
    lengths = [[2, 3], [5, 0], [1, 4], [0, 5]]
    both(lambda t, x: t.segment_reduce(x, reduce, lengths=t.tensor(lengths), axis=1, initial=initial), A)
    both(lambda t, x: t.segment_reduce(x, reduce, lengths=t.tensor([1, 2]), unsafe=True, initial=initial), A)


@pytest.mark.parametrize("include_self", [True, False])
def test_products_with_zeros_have_second_derivatives(include_self: bool) -> None:
    index = knoll.tensor([0, 0, 1, 1])

    def slope(numbers: np.ndarray) -> np.ndarray:
        x, source = knoll.tensor(numbers[:2], requires_grad=True), knoll.tensor(numbers[2:], requires_grad=True)
        y = knoll.scatter_reduce(x, 0, index, source, "prod", include_self=include_self)
        dx = knoll.autograd.grad((y * y).sum() + y.sum(), [x, source], create_graph=True)
        weights = knoll.tensor(np.arange(1.0, 7.0))
        total = (knoll.cat(dx) * weights).sum()
        slope.again = np.concatenate([d.numpy() for d in knoll.autograd.grad(total, [x, source], allow_unused=True)])
        return float(total)

    start = np.array([2.0, 3.0, 0.0, 0.0, 0.0, 1.5])
    slope(start)
    found, step = slope.again, 1e-5
    for place in range(2 if not include_self else 0, 6):
        one = np.eye(6)[place] * step
        expected = (slope(start + one) - slope(start - one)) / (2 * step)
        assert found[place] == pytest.approx(expected, abs=1e-6)


def test_elements_of_a_segment_that_tie_share_the_gradient() -> None:
    """PyTorch lets each of them have all of it where it is negative."""
    x = knoll.tensor([1.0, 3.0, 3.0], requires_grad=True)
    knoll.segment_reduce(x, "max", lengths=knoll.tensor([3])).backward(knoll.tensor([-1.0]))
    assert x.grad.tolist() == [0, -0.5, -0.5]


def test_a_product_of_many_factors_has_a_gradient() -> None:
    x = knoll.full((1000,), 1.001, dtype=knoll.float64, requires_grad=True)
    y = knoll.scatter_reduce(knoll.ones(1, dtype=knoll.float64), 0, knoll.zeros(1000, dtype=knoll.int64), x, "prod")
    y.sum().backward()
    np.testing.assert_allclose(x.grad, np.full(1000, 1.001**999))


def test_refusals_are_those_of_pytorch() -> None:
    def scattered(t: Any, index: Any, reduce: str = "sum", dim: int = 0, source: Any = None) -> Any:
        x = t.ones(2, 3)
        return t.scatter_reduce(x, dim, index, x if source is None else source, reduce)

    same_refusal(lambda t: scattered(t, t.zeros(2, 3, dtype=t.int64), "foo"))
    same_refusal(lambda t: scattered(t, t.zeros(2, 3)))
    same_refusal(lambda t: scattered(t, t.zeros(3, dtype=t.int64)))
    same_refusal(lambda t: scattered(t, t.zeros(3, 3, dtype=t.int64)))
    same_refusal(lambda t: scattered(t, t.full((2, 3), 5)))
    same_refusal(lambda t: scattered(t, t.full((2, 3), 0), dim=5))
    same_refusal(lambda t: scattered(t, t.full((2, 3), 0), source=t.ones(2, 3, dtype=t.float64)))

    def indexed(t: Any, index: Any, source: Any, reduce: str = "prod", dim: int = 1) -> Any:
        return t.ones(2, 3).index_reduce(dim, index, source, reduce)

    two = [0, 0]
    same_refusal(lambda t: indexed(t, t.tensor(two), t.ones(2, 2), "sum"))
    same_refusal(lambda t: indexed(t, t.tensor([0.0]), t.ones(2, 2)))
    same_refusal(lambda t: indexed(t, t.tensor([0, 5]), t.ones(2, 2)))
    same_refusal(lambda t: indexed(t, t.tensor([0, -1]), t.ones(2, 2)))
    same_refusal(lambda t: indexed(t, t.tensor([0]), t.ones(2, 2)))
    same_refusal(lambda t: indexed(t, t.tensor([[0]]), t.ones(2, 2)))
    same_refusal(lambda t: indexed(t, t.tensor(two), t.ones(1, 2)))
    same_refusal(lambda t: indexed(t, t.tensor(two), t.ones(2, 2, dtype=t.float64)))
    same_refusal(lambda t: indexed(t, t.tensor(two), t.ones(2, 2), dim=5))

    def segments(t: Any, reduce: str = "sum", **options: Any) -> Any:
        return t.segment_reduce(t.ones(6), reduce, **options)

    same_refusal(lambda t: segments(t))
    same_refusal(lambda t: segments(t, "foo", lengths=t.tensor([2, 4])))
    same_refusal(lambda t: segments(t, lengths=t.tensor([2, 3])))
    same_refusal(lambda t: segments(t, lengths=t.tensor([-2, 8])))
    same_refusal(lambda t: segments(t, lengths=t.tensor([2.0, 4.0])))
    same_refusal(lambda t: segments(t, lengths=t.tensor([2, 4]), axis=1))
    same_refusal(lambda t: segments(t, indices=t.tensor([2, 4])))
    same_refusal(lambda t: t.segment_reduce(t.ones(2, 6), "sum", lengths=t.tensor([2, 4]), axis=1))
    same_refusal(lambda t: t.segment_reduce(t.arange(6), "sum", lengths=t.tensor([2, 4])))
