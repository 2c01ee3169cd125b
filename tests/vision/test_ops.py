"""Blocks of networks with torchvision's names."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import knoll
from knoll import nn
from knoll.errors import ArgumentError
from knoll.vision.ops import (
    MLP,
    Conv2dNormActivation,
    FrozenBatchNorm2d,
    Permute,
    SqueezeExcitation,
    StochasticDepth,
    sigmoid_focal_loss,
    stochastic_depth,
)

RNG = np.random.default_rng(0)
X = RNG.standard_normal((2, 3, 5, 6)).astype(np.float32)


def test_frozen_statistics_are_those_of_batch_norm() -> None:
    trained = nn.BatchNorm2d(3)
    for tensor in (trained.weight.data, trained.bias.data, trained.running_mean, trained.running_var):
        tensor.copy_(knoll.tensor(RNG.uniform(0.5, 2, 3).astype(np.float32)))
    frozen = FrozenBatchNorm2d(3)
    given = trained.state_dict()
    frozen.load_state_dict(given)
    assert "num_batches_tracked" in given
    assert set(frozen.state_dict()) == set(given) - {"num_batches_tracked"}
    np.testing.assert_allclose(
        frozen(knoll.tensor(X)).numpy(), trained.eval()(knoll.tensor(X)).detach().numpy(), rtol=1e-5, atol=1e-6
    )


@pytest.mark.parametrize(
    ("options", "layers"),
    [
        ({}, ["Conv2d", "BatchNorm2d", "ReLU"]),
        ({"norm_layer": None, "stride": 2}, ["Conv2d", "ReLU"]),
        ({"activation_layer": None, "groups": 3, "dilation": 2}, ["Conv2d", "BatchNorm2d"]),
        (
            {"activation_layer": nn.Sigmoid, "inplace": None, "kernel_size": (1, 5)},
            ["Conv2d", "BatchNorm2d", "Sigmoid"],
        ),
        ({"padding": 0, "bias": True, "activation_layer": nn.ReLU6}, ["Conv2d", "BatchNorm2d", "ReLU6"]),
    ],
)
def test_a_convolution_with_norm_and_activation(options: dict[str, Any], layers: list[str]) -> None:
    block = Conv2dNormActivation(3, 6, **options)
    assert [type(layer).__name__ for layer in block] == layers
    convolution: Any = block[0]
    assert (convolution.bias is not None) == options.get("bias", options.get("norm_layer", 1) is None)
    y = block(knoll.tensor(X))
    if "padding" not in options and "stride" not in options:
        assert y.shape == (2, 6, 5, 6)
    assert block.out_channels == 6


def test_squeeze_and_excitation_scales_channels() -> None:
    block = SqueezeExcitation(3, 2)
    mean = knoll.tensor(X).mean((2, 3), keepdim=True)
    scale = knoll.sigmoid(block.fc2(knoll.relu(block.fc1(mean))))
    np.testing.assert_allclose(
        block(knoll.tensor(X)).detach().numpy(), (scale * knoll.tensor(X)).detach().numpy(), rtol=1e-5, atol=1e-6
    )


def test_linear_layers_with_dropout() -> None:
    block = MLP(6, [4, 2], norm_layer=nn.LayerNorm, inplace=True, bias=False, dropout=0.5)
    assert [type(layer).__name__ for layer in block] == ["Linear", "LayerNorm", "ReLU", "Dropout", "Linear", "Dropout"]
    assert Permute([3, 0, 2, 1])(knoll.tensor(X)).shape == (6, 2, 5, 3)


def test_branches_are_left_out_by_sample_or_at_once() -> None:
    knoll.manual_seed(0)
    x = knoll.ones(200, 3, 2)
    rows = stochastic_depth(x, 0.25, "row").numpy().reshape(200, 6)
    assert set(np.unique(rows)) == {np.float32(0), np.float32(1 / 0.75)}
    assert (rows.min(1) == rows.max(1)).all()
    assert 0.15 < (rows[:, 0] == 0).mean() < 0.35
    whole = stochastic_depth(x, 0.5, "batch").numpy()
    assert whole.min() == whole.max()
    assert stochastic_depth(x, 0.5, "row", training=False) is x
    assert StochasticDepth(0.5, "row").eval()(x) is x
    assert not stochastic_depth(x, 1.0, "row").any()
    for p, mode, words in ((1.5, "row", "between 0 and 1, but got 1.5"), (0.5, "column", "'batch' or 'row'")):
        with pytest.raises(ArgumentError, match=words):
            stochastic_depth(x, p, mode)


@pytest.mark.parametrize("alpha", [0.25, -1])
@pytest.mark.parametrize("reduction", ["none", "mean", "sum"])
def test_focal_loss(alpha: float, reduction: str) -> None:
    scores, targets = RNG.standard_normal((4, 3)), RNG.integers(0, 2, (4, 3)).astype(float)
    p = 1 / (1 + np.exp(-scores))
    right = np.where(targets == 1, p, 1 - p)
    weight = 1 if alpha < 0 else np.where(targets == 1, alpha, 1 - alpha)
    expected = -weight * (1 - right) ** 2 * np.log(right)
    expected = {"none": expected, "mean": expected.mean(), "sum": expected.sum()}[reduction]
    loss = sigmoid_focal_loss(knoll.tensor(scores), knoll.tensor(targets), alpha, 2, reduction)
    np.testing.assert_allclose(loss.numpy(), expected, rtol=1e-12)
    for options in ({"alpha": 2.0}, {"reduction": "all"}):
        with pytest.raises(ArgumentError, match="Invalid"):
            sigmoid_focal_loss(knoll.tensor(scores), knoll.tensor(targets), **options)
