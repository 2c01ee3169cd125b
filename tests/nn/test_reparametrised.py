"""Weights that are made of others before every forward, and layers that are made of two: beside PyTorch."""

from __future__ import annotations

import copy
from typing import Any

import numpy as np
import pytest

import knoll
from knoll import nn
from knoll.errors import ArgumentError, StateError
from reparametrised import LAYERS, losses_of

RNG = np.random.default_rng(0)
pytestmark = pytest.mark.filterwarnings("ignore:.*weight_norm.*:FutureWarning")


def alike(torch: Any, name: str, wrap: Any) -> tuple[Any, Any, tuple[int, ...]]:
    """The layer in both libraries, wrapped, with the same numbers."""
    make, shape = LAYERS[name]
    ours, theirs = wrap(knoll, make(knoll)), wrap(torch, make(torch))
    assert list(ours.state_dict()) == list(theirs.state_dict())
    ours.load_state_dict({key: knoll.tensor(value.numpy()) for key, value in theirs.state_dict().items()})
    return ours, theirs, shape


@pytest.mark.pytorch
@pytest.mark.parametrize("name", LAYERS)
@pytest.mark.parametrize(
    "wrap",
    [
        lambda library, layer: library.nn.utils.spectral_norm(layer),
        lambda library, layer: library.nn.utils.spectral_norm(layer, n_power_iterations=3, dim=1),
        lambda library, layer: library.nn.utils.weight_norm(layer),
        lambda library, layer: library.nn.utils.weight_norm(layer, dim=None),
        lambda library, layer: library.nn.utils.weight_norm(layer, dim=1),
    ],
    ids=["spectral", "spectral, other axis", "weight", "weight as one", "weight, other axis"],
)
def test_results_gradients_and_state_are_those_of_pytorch(torch: Any, name: str, wrap: Any) -> None:
    ours, theirs, shape = alike(torch, name, wrap)
    x = RNG.standard_normal(shape).astype(np.float32)
    for training in (True, True, False):
        ours.train(training)
        theirs.train(training)
        ours.zero_grad()
        theirs.zero_grad()
        mine, other = ours(knoll.tensor(x)), theirs(torch.tensor(x))
        np.testing.assert_allclose(mine.detach().numpy(), other.detach().numpy(), rtol=1e-5, atol=1e-5)
        mine.square().sum().backward()
        other.square().sum().backward()
        for (key, one), two in zip(ours.named_parameters(), theirs.parameters(), strict=True):
            scale = float(two.grad.abs().max())
            np.testing.assert_allclose(one.grad.numpy(), two.grad.numpy(), atol=1e-5 * scale, err_msg=key)
        for (key, value), number in zip(ours.state_dict().items(), theirs.state_dict().values(), strict=True):
            np.testing.assert_allclose(value.numpy(), number.numpy(), rtol=1e-5, atol=1e-6, err_msg=key)


@pytest.mark.parametrize("kind", ["spectral_norm", "weight_norm"])
def test_they_can_be_taken_away(kind: str) -> None:
    layer = nn.Conv2d(3, 4, 3)
    before = copy.deepcopy(layer)
    getattr(nn.utils, kind)(layer)
    x = knoll.tensor(RNG.standard_normal((1, 3, 5, 5)).astype(np.float32))
    wrapped = layer.eval()(x)
    if kind == "weight_norm":
        np.testing.assert_allclose(wrapped.detach().numpy(), before(x).detach().numpy(), rtol=1e-5, atol=1e-6)
    with pytest.raises(StateError, match=f"two {kind} hooks on the same parameter weight"):
        getattr(nn.utils, kind)(layer)
    assert getattr(nn.utils, f"remove_{kind}")(layer) is layer
    np.testing.assert_allclose(layer(x).detach().numpy(), wrapped.detach().numpy(), rtol=1e-5, atol=1e-6)
    assert sorted(layer.state_dict()) == ["bias", "weight"]
    assert isinstance(layer.weight, nn.Parameter)
    with pytest.raises(ArgumentError, match=f"{kind} of 'weight' not found"):
        getattr(nn.utils, f"remove_{kind}")(layer)


def test_a_wrapped_network_is_trained_and_saved(tmp_path: Any) -> None:
    knoll.manual_seed(0)
    net = nn.Sequential(
        nn.utils.spectral_norm(nn.Conv2d(1, 4, 3)), nn.LeakyReLU(0.2), nn.utils.weight_norm(nn.Conv2d(4, 1, 3))
    )
    x = knoll.tensor(RNG.standard_normal((4, 1, 8, 8)).astype(np.float32))
    losses = losses_of(net, x, 0.1)
    assert losses == sorted(losses, reverse=True)
    knoll.save(net.state_dict(), tmp_path / "net.safetensors")
    other = nn.Sequential(
        nn.utils.spectral_norm(nn.Conv2d(1, 4, 3)), nn.LeakyReLU(0.2), nn.utils.weight_norm(nn.Conv2d(4, 1, 3))
    )
    other.load_state_dict(knoll.load(tmp_path / "net.safetensors"))
    expected = net.eval()(x).detach().numpy()
    np.testing.assert_array_equal(other.eval()(x).detach().numpy(), expected)


@pytest.mark.parametrize(
    ("call", "error", "words"),
    [
        (lambda: nn.utils.spectral_norm(nn.ReLU()), ArgumentError, "'ReLU' object has no parameter 'weight'"),
        (lambda: nn.utils.weight_norm(nn.ReLU()), ArgumentError, "'ReLU' object has no parameter 'weight'"),
        (lambda: nn.utils.spectral_norm(nn.Linear(2, 2), n_power_iterations=0), ArgumentError, "to be positive"),
        (
            lambda: nn.utils.spectral_norm(nn.Linear(2, 2, bias=False), "bias"),
            ArgumentError,
            "parameter `bias` is None",
        ),
        (lambda: nn.utils.fuse_conv_bn_eval(nn.Conv2d(1, 1, 1), nn.BatchNorm2d(1)), StateError, "only for eval"),
        (
            lambda: nn.utils.fuse_linear_bn_eval(nn.Linear(2, 3).eval(), nn.BatchNorm1d(2).eval()),
            StateError,
            "To fuse, linear.out_features == bn.num_features",
        ),
        (
            lambda: nn.utils.fuse_conv_bn_eval(
                nn.Conv2d(1, 1, 1).eval(), nn.BatchNorm2d(1, track_running_stats=False).eval()
            ),
            StateError,
            "Conv2d and BatchNorm2d cannot be made one layer",
        ),
    ],
)
def test_what_cannot_be_is_refused(call: Any, error: type[Exception], words: str) -> None:
    with pytest.raises(error, match=words):
        call()


@pytest.mark.parametrize("bias", [True, False])
@pytest.mark.parametrize("affine", [True, False])
def test_a_batch_norm_becomes_part_of_the_layer_before_it(bias: bool, affine: bool) -> None:
    fuse, fuse_linear = nn.utils.fuse_conv_bn_eval, nn.utils.fuse_linear_bn_eval
    image, row = (RNG.standard_normal(shape).astype(np.float32) for shape in ((2, 3, 5, 6), (2, 3)))
    cases: list[tuple[Any, Any, Any, Any]] = [
        (nn.Conv2d(3, 4, 3, bias=bias), nn.BatchNorm2d(4, affine=affine), image, fuse),
        (
            nn.ConvTranspose2d(3, 4, 3, bias=bias),
            nn.BatchNorm2d(4, affine=affine),
            image,
            lambda a, b: fuse(a, b, True),
        ),
        (nn.Linear(3, 4, bias=bias), nn.BatchNorm1d(4, affine=affine), row, fuse_linear),
    ]
    for layer, norm, x, fused in cases:
        for tensor in norm.state_dict().values():
            if tensor.is_floating_point():
                tensor.copy_(knoll.tensor(RNG.uniform(0.5, 2, 4).astype(np.float32)))
        both = nn.Sequential(layer, norm).eval()
        one = fused(layer, norm)
        assert one is not layer
        np.testing.assert_allclose(
            one(knoll.tensor(x)).detach().numpy(), both(knoll.tensor(x)).detach().numpy(), rtol=1e-4, atol=1e-5
        )
