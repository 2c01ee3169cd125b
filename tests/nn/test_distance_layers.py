"""Cosine similarity, distances of pairs, and vectors of length one: as PyTorch's."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

import knoll
from knoll.errors import ArgumentTypeError, DimensionError, DTypeError, ShapeError, StateError
from knoll.nn import functional as F

SHAPES = [((3, 4), (3, 4)), ((3, 4), (4,)), ((2, 3, 4), (3, 1)), ((4,), (2, 3, 4)), ((3, 0), (3, 0))]


def with_gradients(library: Any, function: Any, *arrays: np.ndarray) -> list[np.ndarray]:
    """The result and the gradients of its sum of squares."""
    tensors = [library.tensor(array, requires_grad=True) for array in arrays]
    result = function(*tensors)
    (result * result).sum().backward()
    return [result.detach().numpy(), *(tensor.grad.numpy() for tensor in tensors)]


def compare(torch: Any, call: Any, *arrays: np.ndarray) -> None:
    for found, expected in zip(
        with_gradients(knoll, lambda *x: call(F, *x), *arrays),
        with_gradients(torch, lambda *x: call(torch.nn.functional, *x), *arrays),
        strict=True,
    ):
        np.testing.assert_allclose(found, expected, rtol=1e-6, atol=1e-6, strict=True)


def numbers(*shape: int) -> np.ndarray:
    return np.random.default_rng(len(shape)).standard_normal(shape)


@pytest.mark.parametrize("shapes", SHAPES, ids=str)
@pytest.mark.parametrize("dim", [0, -1])
def test_cosine_similarity(torch: Any, shapes: tuple[tuple[int, ...], ...], dim: int) -> None:
    arrays = [numbers(*shape) for shape in shapes]
    compare(torch, lambda lib, x, y: lib.cosine_similarity(x, y, dim), *arrays)
    arrays[0].reshape(-1)[:4] = 0  # a vector without a length
    compare(torch, lambda lib, x, y: lib.cosine_similarity(x, y, dim, eps=0.7), *arrays)


@pytest.mark.parametrize("shapes", SHAPES[:-1], ids=str)
@pytest.mark.parametrize("p", [2.0, 1, 3, 0.5, math.inf, -math.inf])
def test_pairwise_distance(torch: Any, shapes: tuple[tuple[int, ...], ...], p: float) -> None:
    arrays = [numbers(*shape) for shape in shapes]
    compare(torch, lambda lib, x, y: lib.pairwise_distance(x, y, p, keepdim=p > 1), *arrays)


@pytest.mark.parametrize("dim", [0, 1, -1, (1, 2), None])
@pytest.mark.parametrize("p", [2.0, 1, 4, math.inf])
def test_normalize(torch: Any, dim: Any, p: float) -> None:
    compare(torch, lambda lib, x: lib.normalize(x, p, dim), numbers(2, 3, 4))
    compare(torch, lambda lib, x: lib.normalize(x, p, dim, eps=1.0), np.zeros((2, 3, 4)))


def test_normalize_writes_where_it_is_told() -> None:
    x, out = knoll.tensor([[3.0, 4.0]]), knoll.zeros(1, 2)
    assert F.normalize(x, out=out) is out
    assert out.tolist() == knoll.tensor([[0.6, 0.8]]).tolist()
    with pytest.raises(StateError, match=r"functions with out=\.\.\. arguments don't support"):
        F.normalize(x.requires_grad_(), out=out)


def test_element_types_meet(torch: Any) -> None:
    one, two = numbers(3, 4).astype("float32"), numbers(4)
    found = knoll.cosine_similarity(knoll.tensor(one), knoll.tensor(two))
    expected = torch.cosine_similarity(torch.tensor(one), torch.tensor(two))
    np.testing.assert_allclose(found.numpy(), expected.numpy(), rtol=1e-6, strict=True)
    whole = knoll.pairwise_distance(knoll.tensor([[3, 4]]), knoll.tensor([[0, 0]]))
    assert whole.dtype == knoll.float32


@pytest.mark.parametrize(
    ("call", "error", "sentence"),
    [
        (lambda: F.cosine_similarity(knoll.ones(2, 3), knoll.ones(4)), ShapeError, "size of tensor a"),
        (lambda: F.cosine_similarity(knoll.ones(3), knoll.ones(3)), DimensionError, "Dimension out of range"),
        (
            lambda: F.cosine_similarity(knoll.tensor([[1]]), knoll.tensor([[1]])),
            DTypeError,
            "expected common dtype to be floating point, yet common dtype is Long",
        ),
        (
            lambda: F.cosine_similarity(knoll.ones(2, 3), knoll.ones(2, 3), eps=-1),
            StateError,
            "eps must be non-negative, got: -1",
        ),
        (lambda: F.pairwise_distance(knoll.ones(4, 3), knoll.ones(2, 3)), ShapeError, "size of tensor a"),
        (lambda: F.normalize(knoll.tensor([[1]])), DTypeError, "Expected a floating point or complex tensor"),
        (lambda: F.normalize(knoll.ones(3)), DimensionError, "Dimension out of range"),
        (lambda: F.normalize([1.0]), ArgumentTypeError, "must be Tensor, not list"),
    ],
)
def test_what_does_not_fit_is_refused(call: Any, error: type[Exception], sentence: str) -> None:
    with pytest.raises(error, match=sentence):
        call()
