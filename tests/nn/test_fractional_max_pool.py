"""Fractional max pooling against PyTorch's, with the same numbers in place of drawn ones."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import knoll
from knoll import nn
from knoll.errors import ArgumentError
from knoll.nn import functional as F

RANDOM = np.random.default_rng(0)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize(
    ("shape", "kernel", "more"),
    [
        ((2, 3, 7, 7), 2, {"output_size": 3}),
        ((2, 3, 10, 9), (3, 2), {"output_size": (4, 6)}),
        ((3, 8, 9), 2, {"output_ratio": (0.6, 0.7)}),
        ((4, 5, 5), 2, {"output_size": 1}),
        ((4, 5, 5), 2, {"output_size": (0, 2)}),
        ((0, 3, 7, 7), 2, {"output_size": 2}),
    ],
)
def test_results_indices_and_gradients(torch: Any, shape: Any, kernel: Any, more: dict[str, Any], dtype: str) -> None:
    x = RANDOM.integers(-3, 4, shape).astype(dtype)  # with ties
    x.flat[:1] = np.nan
    samples = RANDOM.random((shape[0] if len(shape) == 4 else 1, shape[-3], 2)).astype(dtype)
    mine, theirs = knoll.tensor(x, requires_grad=True), torch.tensor(x, requires_grad=True)
    ours = F.fractional_max_pool2d(mine, kernel, **more, return_indices=True, _random_samples=samples)
    pool = torch.nn.functional.fractional_max_pool2d
    truth = pool(theirs, kernel, **more, return_indices=True, _random_samples=torch.tensor(samples))
    for a, b in zip(ours, truth, strict=True):
        np.testing.assert_array_equal(a.detach().numpy(), b.detach().numpy(), strict=True)
    seed = RANDOM.standard_normal(tuple(truth[0].shape)).astype(dtype)
    ours[0].backward(knoll.tensor(seed))
    truth[0].backward(torch.tensor(seed))
    np.testing.assert_allclose(mine.grad.numpy(), theirs.grad.numpy(), rtol=1e-6)


@pytest.mark.parametrize(
    "make",
    [
        lambda n, tensor, samples: n.FractionalMaxPool2d(2, 3, _random_samples=tensor(samples)),
        lambda n, tensor, samples: n.FractionalMaxPool2d((2, 3), output_ratio=0.5, _random_samples=tensor(samples)),
        lambda n, tensor, samples: n.FractionalMaxPool2d(2, (3, 4), None, True, _random_samples=tensor(samples)),
    ],
)
def test_the_layer(torch: Any, make: Callable[..., Any]) -> None:
    x, samples = RANDOM.standard_normal((2, 3, 8, 9)), RANDOM.random((2, 3, 2))
    mine, theirs = make(nn, knoll.tensor, samples), make(torch.nn, torch.tensor, samples)
    assert repr(mine) == repr(theirs)
    assert list(mine.state_dict()) == list(theirs.state_dict()) == ["_random_samples"]
    ours, truth = mine(knoll.tensor(x)), theirs(torch.tensor(x))
    pairs = zip(ours, truth, strict=True) if mine.return_indices else [(ours, truth)]
    for a, b in pairs:
        np.testing.assert_array_equal(a.numpy(), b.numpy())


def test_a_layer_draws_anew_in_every_call() -> None:
    layer, x = nn.FractionalMaxPool2d(2, 13).eval(), knoll.tensor(RANDOM.standard_normal((2, 5, 20, 20)))
    assert list(layer.state_dict()) == []
    network = nn.Sequential(layer, nn.ReLU())
    assert not np.array_equal(layer(x).numpy(), layer(x).numpy())
    assert not np.array_equal(network(x).numpy(), network(x).numpy())


def test_places_are_drawn_by_the_seed() -> None:
    x = RANDOM.standard_normal((2, 5, 20, 20))
    found = []
    for seed in (1, 1, 2):
        knoll.manual_seed(seed)
        found.append(F.fractional_max_pool2d(x, 2, 13).numpy())
    np.testing.assert_array_equal(found[0], found[1])
    assert not np.array_equal(found[0], found[2])


def test_indices_go_back_by_unpooling() -> None:
    x = np.arange(1.0, 26).reshape(1, 1, 5, 5)
    values, indices = F.fractional_max_pool2d(x, 1, 5, return_indices=True)
    assert F.max_unpool2d(values, indices, 1).tolist() == x.tolist()


@pytest.mark.parametrize(
    "call",
    [
        lambda k: k.nn.FractionalMaxPool2d(2),
        lambda k: k.nn.FractionalMaxPool2d(2, 3, 0.5),
        lambda k: k.nn.FractionalMaxPool2d(2, output_ratio=1.0),
        lambda k: k.nn.FractionalMaxPool2d(2, output_ratio=(0.5, 2)),
        lambda k: k.F.fractional_max_pool2d(k.x(3, 7, 7), 2),
        lambda k: k.F.fractional_max_pool2d(k.x(3, 7, 7), 2, output_ratio=(0.5, 0.5, 0.5)),
        lambda k: k.F.fractional_max_pool2d(k.x(3, 7, 7), 2, output_ratio=0.5),
        lambda k: k.F.fractional_max_pool2d(k.x(7, 7), 2, 3),
        lambda k: k.F.fractional_max_pool2d(k.x(1, 2, 3, 7, 7), 2, 3),
        lambda k: k.F.fractional_max_pool2d(k.x(3, 7, 7), 2, 7),
        lambda k: k.F.fractional_max_pool2d(k.x(3, 7, 7), (2, 8), 1),
        lambda k: k.F.fractional_max_pool2d(k.x(3, 7, 7), 2, -1),
        lambda k: k.F.fractional_max_pool2d(k.x(3, 7, 7), (2, 2, 2), 2),
        lambda k: k.F.fractional_max_pool2d(k.x(3, 7, 7), 2, (2, 2, 2)),
        lambda k: k.F.fractional_max_pool2d(k.x(3, 7, 7), 2.5, 2),
        lambda k: k.F.fractional_max_pool2d(k.x(3, 7, 7), 2, 2.5),
        lambda k: k.F.fractional_max_pool2d(k.x(3, 7, 7, dtype="int64"), 2, 2),
        lambda k: k.F.fractional_max_pool2d(k.x(3, 7, 0), 2, 2),
        lambda k: k.F.fractional_max_pool2d(k.x(2, 0, 7, 7), 2, 2),
        lambda k: k.F.fractional_max_pool2d(k.x(2, 3, 7, 7), 2, 2, _random_samples=k.x(1, 3, 2)),
        lambda k: k.F.fractional_max_pool2d(k.x(2, 3, 7, 7), 2, 2, _random_samples=k.x(2, 2, 2)),
        lambda k: k.F.fractional_max_pool2d(k.x(2, 3, 7, 7), 2, 2, _random_samples=k.x(2, 3, 1)),
        lambda k: k.F.fractional_max_pool2d(k.x(2, 3, 7, 7), 2, 2, _random_samples=k.x(2, 3)),
        lambda k: k.F.fractional_max_pool2d(k.x(2, 3, 7, 7), 2, 2, _random_samples=k.x(2, 3, 2, dtype="float64")),
    ],
)
def test_errors_are_pytorchs(same_error: Any, call: Callable[[Any], object]) -> None:
    same_error(call)


def test_a_window_has_a_pixel() -> None:
    with pytest.raises(ArgumentError, match="kernel_size must be at least 1"):
        F.fractional_max_pool2d(np.ones((1, 3, 3)), 0, 2)
