from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from knoll import nn
from knoll.errors import DTypeError
from knoll.nn import functional as F  # noqa: N812 (the field's own name for it)
from knoll.tensor import Tensor

NUMBERS = np.array([-math.inf, -100.0, -1.0, -0.0, 0.0, 0.5, 100.0, math.inf, math.nan])
LAYERS: list[tuple[str, tuple[Any, ...]]] = [
    ("ReLU", ()), ("ReLU", (True,)), ("Sigmoid", ()), ("Tanh", ()), ("Softmax", (0,)), ("LogSoftmax", (-1,)),
]  # fmt: skip


@pytest.mark.parametrize(("name", "arguments"), LAYERS)
@pytest.mark.parametrize("count", [9, 7])
def test_results_and_gradients_are_pytorchs(torch: Any, name: str, arguments: Any, count: int) -> None:
    ours, theirs = getattr(nn, name)(*arguments), getattr(torch.nn, name)(*arguments)
    assert repr(ours) == repr(theirs)
    numbers = np.tile(NUMBERS[1:count], (3, 1)) if count == 7 or "Soft" not in name else np.full((2, 3), 1e4)
    x, other = nn.Parameter(numbers), torch.tensor(numbers, requires_grad=True)
    y, expected = ours(x * 1), theirs(other * 1)
    np.testing.assert_allclose(y.detach().numpy(), expected.detach().numpy(), atol=1e-12)
    seed = np.linspace(1, 2, numbers.size).reshape(numbers.shape)
    (y * nn.Parameter(seed, requires_grad=False)).sum().backward()
    (expected * torch.tensor(seed)).sum().backward()
    known = ~np.isnan(numbers)
    np.testing.assert_allclose(x.grad.detach().numpy()[known], other.grad.detach().numpy()[known], atol=1e-12)


def test_in_place_the_tensor_passed_in_becomes_the_result() -> None:
    x = Tensor(np.array([-1.0, 2.0]))
    assert nn.Sequential(nn.Identity(), nn.ReLU(inplace=True))(x).tolist() == [0, 2]
    assert x.tolist() == [0, 2]


@pytest.mark.parametrize("name", ["Sigmoid", "Tanh"])
def test_integers_give_float32(name: str) -> None:
    y = getattr(nn, name)()(np.array([0, 1]))
    assert y.detach().numpy().dtype == np.float32
    assert 0.7 < y.detach().numpy()[1] < 0.8


def test_relu_keeps_integers_and_refuses_bools(same_error: Any) -> None:
    assert nn.ReLU()(np.array([-1, 2])).detach().numpy().tolist() == [0, 2]
    with pytest.raises(DTypeError, match="Boolean inputs not supported for relu"):
        nn.ReLU()(np.array([True]))
    same_error(lambda k: k.F.relu(k.x(2, dtype="bool")))


def test_shares_sum_to_one() -> None:
    y = F.softmax(np.random.default_rng(0).standard_normal((4, 5, 6)).astype(np.float32) * 50, dim=1).detach().numpy()
    np.testing.assert_allclose(y.sum(1), 1, rtol=1e-6)
    assert F.softmax(np.zeros((2, 0)), dim=1).shape == (2, 0)


@pytest.mark.parametrize(
    ("numbers", "classes", "words"),
    [([0.5], -1, "one_hot is only applicable to index tensor"), ([-1], -1, "Class values must be non-negative."),
     ([3], 3, "Class values must be smaller than num_classes."), ([], -1, "num_classes should be positive")],
)  # fmt: skip
def test_one_hot_refuses(numbers: Any, classes: int, words: str) -> None:
    with pytest.raises((ValueError, RuntimeError), match=words):
        F.one_hot(np.array(numbers, np.float64 if words.startswith("one_hot") else np.int64), classes)


def test_one_hot_is_pytorchs(torch: Any) -> None:
    numbers = np.array([[0, 2], [1, 1]])
    for classes in (-1, 5):
        expected = torch.nn.functional.one_hot(torch.tensor(numbers), classes).detach().numpy()
        np.testing.assert_array_equal(F.one_hot(numbers, classes).detach().numpy(), expected)
