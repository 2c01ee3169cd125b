"""Losses with a margin, of pairs, triplets and classes, against PyTorch's."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import knoll
from knoll import nn
from knoll.errors import ArgumentError, ArgumentTypeError, StateError
from knoll.nn import functional as F

REDUCTIONS = ("mean", "sum", "none")
RANDOM = np.random.default_rng(0)
LISTS = np.array([[0, 2, -1, 1], [3, 3, 1, -1], [-1, 0, 1, 2], [2, 0, 1, 3], [1, -1, -1, -1]])
Inputs = list[np.ndarray]


def floats(*shape: int) -> np.ndarray:
    return RANDOM.standard_normal(shape)


def signs(*shape: int, dtype: str = "float64") -> np.ndarray:
    return RANDOM.choice([-1, 1], shape).astype(dtype)


ROW, TABLE = (5,), (5, 4)
CASES: dict[str, list[tuple[dict[str, Any], Inputs]]] = {
    "MarginRankingLoss": [
        ({}, [floats(*TABLE), floats(*TABLE), signs(*TABLE)]),
        ({"margin": 0.7}, [floats(*ROW), floats(*ROW), signs(*ROW, dtype="int64")]),
        ({"margin": -0.2}, [floats(), floats(), signs()]),
        ({}, [np.ones(4), np.ones(4), signs(4)]),  # equal scores are driven apart
        ({}, [floats(5, 1), floats(1, 4), signs(1, 1)]),
        ({}, [floats(0, 4), floats(0, 4), signs(0, 4)]),
    ],
    "HingeEmbeddingLoss": [
        ({}, [floats(*TABLE), signs(*TABLE)]),
        ({"margin": 2.5}, [floats(*ROW), signs(*ROW, dtype="int64")]),
        ({"margin": 0.5}, [np.array([0.5, 1.5, np.nan, np.inf]), np.array([-1.0, 0.0, -1.0, 2.0])]),
        ({}, [floats(), signs()]),
        ({}, [floats(5, 1), signs(4)]),
        ({}, [floats(2, 0), signs(2, 0)]),
    ],
    "CosineEmbeddingLoss": [
        ({}, [floats(*TABLE), floats(*TABLE), signs(5)]),
        ({"margin": 0.3}, [floats(*TABLE), floats(*TABLE), signs(5, dtype="int64")]),
        ({"margin": -0.5}, [floats(4), floats(4), signs()]),
        ({}, [floats(*TABLE), floats(1, 4), np.array([1.0, -1.0, 0.0, 0.5, 1.0])]),
        ({}, [np.zeros((2, 3)), floats(2, 3), np.array([1.0, -1.0])]),
        ({}, [floats(0, 4), floats(0, 4), signs(0)]),
    ],
    "TripletMarginLoss": [
        ({}, [floats(*TABLE), floats(*TABLE), floats(*TABLE)]),
        ({"margin": 0.3, "p": 1}, [floats(4), floats(4), floats(4)]),
        ({"p": 3.0, "swap": True}, [floats(2, 3, 4), floats(2, 3, 4), floats(2, 3, 4)]),
        ({"p": float("inf"), "eps": 0.1, "swap": True}, [floats(*TABLE), floats(*TABLE), floats(1, 4)]),
        ({"margin": 5}, [np.ones(TABLE), np.ones(TABLE), floats(*TABLE)]),
        ({}, [floats(0, 4), floats(0, 4), floats(0, 4)]),
    ],
    "TripletMarginWithDistanceLoss": [
        ({}, [floats(*TABLE), floats(*TABLE), floats(*TABLE)]),
        ({"margin": 0.3, "swap": True}, [floats(2, 3, 4), floats(2, 3, 4), floats(2, 3, 4)]),
        ({"distance_function": lambda x, y: (x - y).abs().sum(-1)}, [floats(4), floats(4), floats(4)]),
    ],
    "MultiMarginLoss": [
        ({}, [floats(*TABLE), RANDOM.integers(0, 4, 5)]),
        ({"p": 2, "margin": 0.4}, [floats(*TABLE), RANDOM.integers(0, 4, 5)]),
        ({"margin": -0.1}, [floats(4), np.array([2])]),
        ({"p": 2}, [floats(4), np.array(1)]),
        ({"p": 1.0}, [floats(1, 4), np.array(1)]),
        ({}, [floats(), np.array(0)]),
        ({}, [np.array([[1.0, 0.0, 2.0, np.inf]]), np.array([3])]),
        ({}, [np.ones((2, 3)) * [1, 0, 1], np.array([0, 2])]),  # a class at the margin has no slope
    ],
    "MultiLabelMarginLoss": [
        ({}, [floats(*TABLE), LISTS]),
        ({}, [floats(4), LISTS[0]]),
        ({}, [floats(1), np.array(0)]),
        ({}, [floats(), np.array(-1)]),
        ({}, [np.ones((2, 3)) * [1, 0, 2], np.array([[0, -1, 2], [2, 0, -1]])]),
    ],
    "MultiLabelSoftMarginLoss": [
        ({}, [floats(*TABLE), RANDOM.random(TABLE)]),
        ({}, [50 * floats(4), RANDOM.integers(0, 2, 4)]),
        ({}, [floats(2, 3, 4), RANDOM.random((2, 3, 4))]),
        ({}, [floats(0, 4), RANDOM.random((0, 4))]),
    ],
}
WEIGHTS: dict[str, list[np.ndarray]] = {
    "MultiMarginLoss": [RANDOM.random(4)],
    "MultiLabelSoftMarginLoss": [RANDOM.random(4), RANDOM.random((5, 1))],
}
ROWS = [(name, *case) for name, cases in CASES.items() for case in cases]


def compare(torch: Any, ours: Any, theirs: Any, arrays: Inputs, dtype: str) -> None:
    """The losses, and the gradients of all inputs that have one."""
    arrays = [x.astype(dtype) if x.dtype.kind == "f" else x for x in arrays]
    learned = [x.dtype.kind == "f" for x in arrays]
    mine = [knoll.tensor(x, requires_grad=grad) for x, grad in zip(arrays, learned, strict=True)]
    its = [torch.tensor(x, requires_grad=grad) for x, grad in zip(arrays, learned, strict=True)]
    close = {"rtol": 1e-10, "atol": 1e-12} if dtype == "float64" else {"rtol": 1e-5, "atol": 4e-6}
    found, expected = ours(*mine), theirs(*its)
    np.testing.assert_allclose(found.detach().numpy(), expected.detach().numpy(), strict=True, **close)
    found.sum().backward()
    expected.sum().backward()
    for x, y in zip(mine, its, strict=True):
        assert (x.grad is None) == (y.grad is None)
        if x.grad is not None:
            np.testing.assert_allclose(x.grad.numpy(), y.grad.numpy(), strict=True, **close)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("reduction", REDUCTIONS)
@pytest.mark.parametrize(("name", "more", "arrays"), ROWS)
def test_losses_and_gradients(
    torch: Any, name: str, more: dict[str, Any], arrays: Inputs, reduction: str, dtype: str
) -> None:
    ours, theirs = (getattr(n, name)(reduction=reduction, **more) for n in (nn, torch.nn))
    assert repr(ours) == repr(theirs)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore" if arrays[0].size == 0 else "error")  # NumPy's, of the mean of nothing
        compare(torch, ours, theirs, arrays, dtype)


@pytest.mark.parametrize("reduction", REDUCTIONS)
@pytest.mark.parametrize("name", WEIGHTS)
def test_weights(torch: Any, name: str, reduction: str) -> None:
    for weight in WEIGHTS[name]:
        arrays = CASES[name][0][1]
        ours = getattr(nn, name)(weight=weight, reduction=reduction)
        theirs = getattr(torch.nn, name)(weight=torch.tensor(weight), reduction=reduction)
        assert list(ours.state_dict()) == list(theirs.state_dict()) == ["weight"]
        compare(torch, ours, theirs, arrays, "float64")


@pytest.mark.parametrize("dtype", ["int64", "uint8", "float16"])
@pytest.mark.parametrize("name", ["margin_ranking_loss", "hinge_embedding_loss", "cosine_embedding_loss"])
def test_other_element_types(torch: Any, name: str, dtype: str) -> None:
    count = 2 if name == "hinge_embedding_loss" else 3
    arrays = [np.array([[1, 2], [3, 1], [0, 2]], dtype), np.array([[2, 1], [3, 0], [1, 1]], dtype)][: count - 1]
    arrays.append(np.array([1, 0, 1] if name == "cosine_embedding_loss" else [[1, 0]] * 3, dtype))
    ours = getattr(F, name)(*arrays, margin=1.5, reduction="none").numpy()
    theirs = getattr(torch.nn.functional, name)(*map(torch.tensor, arrays), margin=1.5, reduction="none").numpy()
    np.testing.assert_allclose(ours, theirs, strict=True, rtol=2e-3 if dtype == "float16" else 1e-6)


@pytest.mark.parametrize("types", [("float32", "float64"), ("float64", "float32"), ("float16", "float32")])
@pytest.mark.parametrize("name", [name for name in CASES if name not in ("MultiMarginLoss", "MultiLabelMarginLoss")])
def test_the_type_of_a_loss_of_two_types(torch: Any, name: str, types: tuple[str, str]) -> None:
    more, arrays = CASES[name][0]
    first, *others = (x.astype(dtype) for x, dtype in zip(arrays, (*types, types[1]), strict=False))
    ours = getattr(nn, name)(reduction="none", **more)(first, *others)
    theirs = getattr(torch.nn, name)(reduction="none", **more)(torch.tensor(first), *map(torch.tensor, others))
    assert ours.numpy().dtype == theirs.numpy().dtype
    rough = 1e-2 if "float16" in types else 1e-5
    np.testing.assert_allclose(ours.numpy(), theirs.numpy(), rtol=rough, atol=rough)


@pytest.mark.parametrize(
    "call",
    [
        lambda k: k.F.margin_ranking_loss(k.x(3), k.x(3), k.x(1, 3)),
        lambda k: k.F.margin_ranking_loss(k.x(3), k.x(4), k.x(3)),
        lambda k: k.F.margin_ranking_loss(k.x(3), k.x(3), k.x(4)),
        lambda k: k.F.margin_ranking_loss(k.x(3), k.x(3), k.x(3, dtype="bool")),
        lambda k: k.F.margin_ranking_loss(k.x(3), k.x(3), k.x(3), margin="1"),
        lambda k: k.F.margin_ranking_loss(k.x(3), k.x(3), k.x(3), margin=None),
        lambda k: k.F.margin_ranking_loss(k.x(3), k.x(3), k.x(3), reduction="average"),
        lambda k: k.F.hinge_embedding_loss(k.x(3), k.x(4)),
        lambda k: k.F.hinge_embedding_loss(k.x(3, dtype="bool"), k.x(3)),
        lambda k: k.F.hinge_embedding_loss(k.x(3, dtype="int64"), k.x(3)),
        lambda k: k.F.hinge_embedding_loss(k.x(3), k.x(3), margin="1"),
        lambda k: k.F.hinge_embedding_loss([1], k.x(3)),
        lambda k: k.F.hinge_embedding_loss(k.x(3), [1]),
        lambda k: k.F.cosine_embedding_loss(k.x(3), k.x(3), k.x(3)),
        lambda k: k.F.cosine_embedding_loss(k.x(2, 3), k.x(2, 3), k.x(3)),
        lambda k: k.F.cosine_embedding_loss(k.x(2, 3), k.x(3), k.x(2)),
        lambda k: k.F.cosine_embedding_loss(k.x(2, 3), k.x(2, 3), k.x(2, 1)),
        lambda k: k.F.cosine_embedding_loss(k.x(2, 3), k.x(2, 3), k.x()),
        lambda k: k.F.cosine_embedding_loss(k.x(2, 3), k.x(2, 4), k.x(2)),
        lambda k: k.F.triplet_margin_loss(k.x(2, 3), k.x(3), k.x(2, 3)),
        lambda k: k.F.triplet_margin_loss(k.x(2, 3), k.x(2, 3), k.x(2, 4)),
        lambda k: k.F.triplet_margin_loss(k.x(3), k.x(3), k.x(3), margin=0),
        lambda k: k.F.triplet_margin_loss(k.x(3), k.x(3), k.x(3), p="1"),
        lambda k: k.F.triplet_margin_loss(k.x(3), k.x(3), k.x(3), eps="1"),
        lambda k: k.F.triplet_margin_loss(k.x(3), k.x(3), k.x(3), swap=1),
        lambda k: k.nn.TripletMarginLoss(margin=0),
        lambda k: k.nn.TripletMarginWithDistanceLoss(margin=-1.0),
        lambda k: k.F.triplet_margin_with_distance_loss(k.x(2, 3), k.x(3), k.x(2, 3)),
        lambda k: k.F.triplet_margin_with_distance_loss(k.x(3), k.x(3), k.x(3), reduction="average"),
        lambda k: k.F.triplet_margin_with_distance_loss(k.x(3), k.x(3), k.x(3), margin=-1),
        lambda k: k.F.triplet_margin_with_distance_loss(k.x(3), k.x(3), k.x(3), distance_function=3),
        lambda k: k.F.multi_margin_loss(k.x(3, 4), k.x(2, dtype="int64")),
        lambda k: k.F.multi_margin_loss(k.x(3, 4), 4 * k.x(3, dtype="int64")),
        lambda k: k.F.multi_margin_loss(k.x(3, 4), -k.x(3, dtype="int64")),
        lambda k: k.F.multi_margin_loss(k.x(3, 4), k.x(3)),
        lambda k: k.F.multi_margin_loss(k.x(3, 4), k.x(3, dtype="int32")),
        lambda k: k.F.multi_margin_loss(k.x(3, 4, dtype="int64"), k.x(3, dtype="int64")),
        lambda k: k.F.multi_margin_loss(k.x(3, 4, dtype="float16"), k.x(3, dtype="int64")),
        lambda k: k.F.multi_margin_loss(k.x(3, 0), k.x(3, dtype="int64")),
        lambda k: k.F.multi_margin_loss(k.x(3, 4, 5), k.x(3, dtype="int64")),
        lambda k: k.F.multi_margin_loss(k.x(4), k.x(1, dtype="int64"), weight=k.x(3)),
        lambda k: k.F.multi_margin_loss(k.x(4), k.x(1, dtype="int64"), weight=k.x(4, 1)),
        lambda k: k.F.multi_margin_loss(k.x(4), k.x(1, dtype="int64"), weight=k.x(4, dtype="float64")),
        lambda k: k.F.multi_margin_loss(k.x(4), k.x(1, dtype="int64"), p=3),
        lambda k: k.F.multi_margin_loss(k.x(4), k.x(1, dtype="int64"), p="1"),
        lambda k: k.F.multi_margin_loss(k.x(4), k.x(1, dtype="int64"), margin="1"),
        lambda k: k.nn.MultiMarginLoss(p=3),
        lambda k: k.nn.MultiMarginLoss(weight=k.x(4, 1)),
        lambda k: k.F.multilabel_margin_loss(k.x(3, 4), k.x(2, dtype="int64")),
        lambda k: k.F.multilabel_margin_loss(k.x(3), k.x(1, 3, dtype="int64")),
        lambda k: k.F.multilabel_margin_loss(k.x(3), 3 * k.x(3, dtype="int64")),
        lambda k: k.F.multilabel_margin_loss(k.x(3), -2 * k.x(3, dtype="int64")),
        lambda k: k.F.multilabel_margin_loss(k.x(3), k.x(3, dtype="int32")),
        lambda k: k.F.multilabel_margin_loss(k.x(3, dtype="int64"), k.x(3, dtype="int64")),
        lambda k: k.F.multilabel_margin_loss(k.x(3, 0), k.x(3, 0, dtype="int64")),
        lambda k: k.F.multilabel_margin_loss(k.x(3), k.x(3, dtype="int64"), reduction="average"),
        lambda k: k.F.multilabel_soft_margin_loss(k.x(), k.x()),
        lambda k: k.F.multilabel_soft_margin_loss(k.x(3, 4), k.x(3)),
        lambda k: k.F.multilabel_soft_margin_loss(k.x(3, 4), k.x(3, 4), weight=k.x(3)),
        lambda k: k.F.multilabel_soft_margin_loss(k.x(3, 4, dtype="int64"), k.x(3, 4)),
        lambda k: k.F.multilabel_soft_margin_loss(k.x(3, 4), k.x(3, 4, dtype="bool")),
        lambda k: k.F.multilabel_soft_margin_loss(k.x(3, 4), k.x(3, 4), reduction="average"),
        lambda k: k.F.multilabel_soft_margin_loss([1], k.x(3)),
    ],
)
def test_errors_are_pytorchs(same_error: Any, call: Callable[[Any], object]) -> None:
    same_error(call)


def test_weights_have_no_gradient() -> None:
    with pytest.raises(StateError, match="'multi_margin_loss' is not differentiable with respect to argument 'weight'"):
        F.multi_margin_loss(np.ones(4), np.array([0]), weight=nn.Parameter(np.ones(4)))


@pytest.mark.parametrize("name", [name for name in CASES if name != "TripletMarginWithDistanceLoss"])
def test_wrong_reductions_are_refused_at_once(name: str) -> None:
    with pytest.raises(ArgumentError, match="average is not a valid value for reduction"):
        getattr(nn, name)(reduction="average")


def test_a_margin_that_is_no_number_is_refused_at_once() -> None:
    with pytest.raises(ArgumentTypeError, match="argument 'margin'"):
        nn.TripletMarginLoss(margin="1")


def test_a_distance_that_learns_belongs_to_the_loss() -> None:
    class Weighted(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.weight = nn.Parameter(np.array([1.0, 2.0]))

        def forward(self, x: knoll.Tensor, y: knoll.Tensor) -> knoll.Tensor:
            return ((x - y).abs() * self.weight).sum(-1)

    loss = nn.TripletMarginWithDistanceLoss(distance_function=Weighted(), margin=2.0)
    assert [name for name, _ in loss.named_parameters()] == ["distance_function.weight"]
    loss(np.zeros((1, 2)), np.array([[3.0, 1.0]]), np.array([[1.0, 1.0]])).backward()
    assert next(loss.parameters()).grad.numpy().tolist() == [2.0, 0.0]


def test_losses_by_hand() -> None:
    """Known values, for where PyTorch is not installed."""
    ones = np.ones(2)
    assert F.margin_ranking_loss(ones, 2 * ones, np.array([1, -1]), 0.5, reduction="none").tolist() == [1.5, 0.0]
    assert F.hinge_embedding_loss(0.25 * ones, np.array([1, -1]), reduction="none").tolist() == [0.25, 0.75]
    x, y = np.array([[3.0, 4.0]] * 2), np.array([[4.0, 3.0]] * 2)
    cosine = F.cosine_embedding_loss(x, y, np.array([1, -1]), 0.5, reduction="none")
    np.testing.assert_allclose(cosine.numpy(), [0.04, 0.46])
    triplet = F.triplet_margin_loss(np.zeros(2), np.array([3.0, 4.0]), np.array([0.0, 2.0]), eps=0.0)
    assert triplet.item() == 4.0
    assert F.multi_margin_loss(np.array([0.25, 1.0, 0.5, 0.0]), np.array([1]), p=2).item() == 0.078125
    assert F.multilabel_margin_loss(np.array([0.5, 0.0, 0.25, 1.0]), np.array([3, 0, -1, 1])).item() == 0.375
    assert F.multilabel_soft_margin_loss(np.zeros(3), ones[:1]).item() == pytest.approx(np.log(2))
