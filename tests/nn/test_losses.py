from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from knoll import nn
from knoll.errors import ArgumentError, KnollError
from knoll.nn import functional as F  # noqa: N812 (the field's own name for it)

REDUCTIONS = ("mean", "sum", "none")


def compare(torch: Any, ours: Any, theirs: Any, x: np.ndarray, target: np.ndarray) -> None:
    """The loss and the gradient of its sum against PyTorch's."""
    scores, other = nn.Parameter(x), torch.tensor(x, requires_grad=True)
    loss, expected = ours(scores, target), theirs(other, torch.tensor(target))
    np.testing.assert_allclose(loss.detach().numpy(), expected.detach().numpy(), rtol=1e-9)
    assert loss.shape == tuple(expected.shape)
    loss.sum().backward()
    expected.sum().backward()
    np.testing.assert_allclose(scores.grad.detach().numpy(), other.grad.detach().numpy(), rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("reduction", REDUCTIONS)
@pytest.mark.parametrize("name", ["MSELoss", "L1Loss"])
@pytest.mark.parametrize("shape", [(4, 5), (), (3, 0)])
@pytest.mark.filterwarnings("ignore:Mean of empty slice", "ignore:invalid value encountered")
def test_differences_are_pytorchs(torch: Any, name: str, reduction: str, shape: tuple[int, ...]) -> None:
    random = np.random.default_rng(0)
    x, target = random.standard_normal(shape), random.standard_normal(shape)
    ours, theirs = getattr(nn, name)(reduction=reduction), getattr(torch.nn, name)(reduction=reduction)
    assert repr(ours) == repr(theirs)
    compare(torch, ours, theirs, np.asarray(x), np.asarray(target))


CASES: list[tuple[tuple[int, ...], tuple[int, ...]]] = [
    ((4, 5), (4,)), ((5,), ()), ((2, 5, 3), (2, 3)), ((2, 5, 3, 2), (2, 3, 2)), ((4, 5), (4, 5)),
    ((2, 5, 3), (2, 5, 3)), ((5,), (5,)),
]  # fmt: skip


@pytest.mark.parametrize(("shape", "targets"), CASES)
@pytest.mark.parametrize("reduction", REDUCTIONS)
def test_cross_entropy_is_pytorchs(
    torch: Any, shape: tuple[int, ...], targets: tuple[int, ...], reduction: str
) -> None:
    random = np.random.default_rng(0)
    x = random.standard_normal(shape)
    target = random.random(targets) if shape == targets else np.asarray(random.integers(0, 5, targets))
    weights = random.random(5)
    for weighted, smoothing in itertools.product((False, True), (0.0, 0.3)):
        more: dict[str, Any] = {"reduction": reduction, "label_smoothing": smoothing}
        ours = nn.CrossEntropyLoss(weights if weighted else None, **more)
        theirs = torch.nn.CrossEntropyLoss(torch.tensor(weights) if weighted else None, **more)
        assert repr(ours) == repr(theirs)
        compare(torch, ours, theirs, x, target)


@pytest.mark.parametrize("reduction", REDUCTIONS)
@pytest.mark.parametrize("smoothing", [0.0, 0.2])
@pytest.mark.parametrize("ignored", [-100, 2, 7])
def test_ignored_labels_do_not_count(torch: Any, reduction: str, smoothing: float, ignored: int) -> None:
    x = np.random.default_rng(0).standard_normal((4, 5))
    more: dict[str, Any] = {"ignore_index": ignored, "reduction": reduction, "label_smoothing": smoothing}
    target = np.array([0, ignored, 3, ignored])
    compare(torch, nn.CrossEntropyLoss(**more), torch.nn.CrossEntropyLoss(**more), x, target)
    weights = np.arange(1.0, 6.0)
    weighted = torch.nn.CrossEntropyLoss(torch.tensor(weights), **more)
    compare(torch, nn.CrossEntropyLoss(weights, **more), weighted, x, target)


@pytest.mark.parametrize("dtype", ["int8", "uint8", "int32"])
def test_small_integers_are_labels_too(dtype: str) -> None:
    x = np.random.default_rng(0).standard_normal((4, 5))
    labels = np.array([0, 1, 4, 2])
    expected = F.cross_entropy(x, labels).detach().numpy()
    np.testing.assert_array_equal(F.cross_entropy(x, labels.astype(dtype)).detach().numpy(), expected)


@pytest.mark.parametrize(
    "call",
    [
        lambda k: k.F.cross_entropy(k.x(4, 5), k.x(3, dtype="int64")),
        lambda k: k.F.cross_entropy(k.x(4, 5), k.x(4, dtype="int64") * 5),
        lambda k: k.F.cross_entropy(k.x(4, 5), -k.x(4, dtype="int64")),
        lambda k: k.F.cross_entropy(k.x(4, 5), k.x(4)),
        lambda k: k.F.cross_entropy(k.x(4, 5), k.x(4, dtype="bool")),
        lambda k: k.F.cross_entropy(k.x(4, 5), k.x(4, 1, dtype="int64")),
        lambda k: k.F.cross_entropy(k.x(4, 5), k.x(4, 4)),
        lambda k: k.F.cross_entropy(k.x(4, 5), k.x(4, 5, dtype="int64")),
        lambda k: k.F.cross_entropy(k.x(2, 5, 3, 3), k.x(2, 2, 3, dtype="int64")),
        lambda k: k.F.cross_entropy(k.x(2, 5, 3, 3), k.x(4, dtype="int64")),
        lambda k: k.F.cross_entropy(k.x(4, 5), k.x(4, dtype="int64"), weight=k.x(4)),
        lambda k: k.F.cross_entropy(k.x(4, 5), k.x(4, dtype="int64"), reduction="average"),
        lambda k: k.F.cross_entropy(k.x(4, 5), [1, 2, 3, 4]),
        lambda k: k.F.cross_entropy([1.0], k.x(4, dtype="int64")),
        lambda k: k.F.mse_loss(k.x(4), k.x(4), reduction="average"),
    ],
)
def test_errors_are_pytorchs(same_error: Any, call: Callable[[Any], object]) -> None:
    same_error(call)


@pytest.mark.parametrize("loss", [nn.MSELoss, nn.L1Loss, nn.CrossEntropyLoss])
def test_wrong_reductions_are_refused_at_once(loss: Any) -> None:
    with pytest.raises(ArgumentError, match="average is not a valid value for reduction"):
        loss(reduction="average")


def test_wrong_smoothing_is_refused_at_once(same_error: Any) -> None:
    with pytest.raises(ArgumentError, match="label_smoothing must be between"):
        nn.CrossEntropyLoss(label_smoothing=-0.1)
    same_error(lambda k: k.F.cross_entropy(k.x(4, 5), k.x(4, dtype="int64"), label_smoothing=2.0), ArgumentError)


def test_labels_in_a_column_are_told_so() -> None:
    with pytest.raises(KnollError, match=r"try: labels.reshape\(-1\)"):
        F.cross_entropy(np.zeros((4, 5)), np.zeros((4, 1), np.int64))


def test_other_shapes_are_warned_of(torch: Any) -> None:
    with pytest.warns(UserWarning, match="is different to the input size") as theirs:
        torch.nn.MSELoss()(torch.ones(4, 1), torch.ones(4))
    with pytest.warns(UserWarning, match="is different to the input size") as ours:
        loss = nn.MSELoss()(np.ones((4, 1)), np.ones(4))
    assert loss.detach().numpy() == 0
    assert str(ours[0].message) == str(theirs[0].message)


def test_the_weights_are_a_buffer_that_is_saved() -> None:
    loss = nn.CrossEntropyLoss(np.ones(3, np.float32))
    assert list(loss.state_dict()) == ["weight"]
    assert list(loss.parameters()) == []
