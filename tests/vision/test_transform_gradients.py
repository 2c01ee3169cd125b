"""Gradients go through the transforms of tensors, by the same numbers as without them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import knoll
from knoll import nn
from knoll.vision import transforms
from knoll.vision.transforms import InterpolationMode, v2
from knoll.vision.transforms import functional as single
from knoll.vision.transforms.v2 import functional as second

BOTH: dict[str, Callable[[Any, Any], Any]] = {
    "resize": lambda of, x: of.resize(x, [4, 3]),
    "resize, larger": lambda of, x: of.resize(x, [9, 11], InterpolationMode.BICUBIC),
    "resize without antialias": lambda of, x: of.resize(x, [4, 3], antialias=False),
    "resize, nearest": lambda of, x: of.resize(x, [4, 9], InterpolationMode.NEAREST),
    "crop": lambda of, x: of.crop(x, 1, 2, 3, 4),
    "crop beyond": lambda of, x: of.crop(x, -1, -2, 9, 5),
    "center_crop": lambda of, x: of.center_crop(x, [9, 3]),
    "resized_crop": lambda of, x: of.resized_crop(x, 1, 1, 4, 5, [3, 3]),
    "five_crop": lambda of, x: knoll.stack(of.five_crop(x, [3, 3])),
    "hflip": lambda of, x: of.hflip(x),
    "vflip": lambda of, x: of.vflip(x),
    "pad": lambda of, x: of.pad(x, [1, 2, 0, 1], fill=0.5),
    "pad, cut off": lambda of, x: of.pad(x, [-1, 2, 0, -2]),
    "pad, reflect": lambda of, x: of.pad(x, [1, 2, 3, 0], padding_mode="reflect"),
    "pad, edge": lambda of, x: of.pad(x, [1, -2, 3, 1], padding_mode="edge"),
    "pad, symmetric": lambda of, x: of.pad(x, 2, padding_mode="symmetric"),
    "normalize": lambda of, x: of.normalize(x, [0.5, 0.4, 0.3], [0.2, 0.3, 0.4]),
    "rotate": lambda of, x: of.rotate(x, 30.0),
    "rotate, bilinear": lambda of, x: of.rotate(x, 30.0, InterpolationMode.BILINEAR, expand=True, fill=[0.1, 0.2, 0.3]),
    "affine": lambda of, x: of.affine(x, 10.0, [1, 2], 1.2, [5.0, 3.0], InterpolationMode.BILINEAR),
    "perspective": lambda of, x: of.perspective(x, CORNERS, [[1, 1], [5, 0], [6, 5], [1, 4]]),
    "elastic_transform": lambda of, x: of.elastic_transform(x, MOVED),
    "gaussian_blur": lambda of, x: of.gaussian_blur(x, [3, 5]),
    "adjust_sharpness": lambda of, x: of.adjust_sharpness(x, 1.3),
    "erase": lambda of, x: of.erase(x, 1, 2, 3, 4, knoll.tensor(0.5, dtype=knoll.float64)),
    "rgb_to_grayscale": lambda of, x: of.rgb_to_grayscale(x, 3),
    "adjust_brightness": lambda of, x: of.adjust_brightness(x, 1.3),
    "adjust_contrast": lambda of, x: of.adjust_contrast(x, 0.7),
    "adjust_saturation": lambda of, x: of.adjust_saturation(x, 1.5),
    "adjust_gamma": lambda of, x: of.adjust_gamma(x, 0.8, 1.1),
    "invert": lambda of, x: of.invert(x),
    "solarize": lambda of, x: of.solarize(x, 0.5),
    "autocontrast": lambda of, x: of.autocontrast(x),
}
SECOND: dict[str, Callable[[Any, Any], Any]] = {
    "permute_channels": lambda of, x: of.permute_channels(x, [2, 0, 1]),
    "grayscale_to_rgb": lambda of, x: of.grayscale_to_rgb(x[:, :1]),
    "posterize": lambda of, x: of.posterize(x, 2),
}
CORNERS = [[0, 0], [6, 0], [6, 5], [0, 5]]
MOVED = knoll.from_numpy(np.random.default_rng(1).uniform(-0.2, 0.2, (1, 6, 7, 2)).astype(np.float32))
CASES = [(single, name, function) for name, function in BOTH.items()]
CASES += [(second, name, function) for name, function in (BOTH | SECOND).items()]


def images() -> np.ndarray[Any, Any]:
    """Numbers far from each other and from the bounds at which slopes change."""
    numbers = np.random.default_rng(0).permutation(2 * 3 * 6 * 7) / (2 * 3 * 6 * 7)
    return (0.051 + 0.9 * numbers).reshape(2, 3, 6, 7)


@pytest.mark.parametrize(("module", "name", "function"), CASES, ids=lambda each: getattr(each, "__name__", each))
def test_the_gradient_is_the_slope_and_the_numbers_are_the_same(module: Any, name: str, function: Any) -> None:
    x = knoll.from_numpy(images())
    learnt = x.clone().requires_grad_()
    made, plain = function(module, learnt), function(module, x)
    assert made.requires_grad
    assert not plain.requires_grad
    assert made.dtype == plain.dtype == knoll.float64
    np.testing.assert_allclose(made.detach().numpy(), plain.numpy(), rtol=1e-12, atol=1e-14)
    assert knoll.autograd.gradcheck(lambda each: function(module, each), learnt, eps=1e-6, atol=1e-4)


@pytest.mark.parametrize("module", [single, second])
def test_hue_has_the_slope_of_float32(module: Any) -> None:
    """Colours are turned in float32 whatever the type, so steps are larger."""
    x = images()
    learnt = knoll.from_numpy(x).requires_grad_()
    weights = np.random.default_rng(2).standard_normal(x.shape)
    (module.adjust_hue(learnt, 0.2) * knoll.from_numpy(weights)).sum().backward()
    step = 1e-3
    for place in [(0, 0, 0, 0), (0, 1, 2, 3), (1, 2, 5, 6), (1, 0, 3, 3)]:
        higher, lower = x.copy(), x.copy()
        higher[place] += step
        lower[place] -= step
        above, below = (
            (module.adjust_hue(knoll.from_numpy(each), 0.2).numpy() * weights).sum() for each in (higher, lower)
        )
        assert learnt.grad is not None
        assert abs((above - below) / (2 * step) - learnt.grad.numpy()[place]) < 2e-3


@pytest.mark.parametrize("module", [single, second])
def test_pixels_of_another_type_have_the_gradient_of_those_given(module: Any) -> None:
    learnt = knoll.rand(1, 2, 2, requires_grad=True)
    made = module.convert_image_dtype(learnt, knoll.float64)
    made.sum().backward()
    assert (made.dtype, learnt.grad.dtype) == (knoll.float64, knoll.float32)  # type: ignore[union-attr]  # it has one
    assert not module.convert_image_dtype(learnt, knoll.uint8).requires_grad
    assert v2.ToDtype(knoll.float64, scale=True)(learnt).requires_grad


def test_without_recording_nothing_is_recorded() -> None:
    learnt = knoll.rand(3, 6, 6, requires_grad=True)
    with knoll.no_grad():
        assert not single.resize(learnt, 3).requires_grad


def test_what_has_no_slope_is_refused() -> None:
    with pytest.raises(knoll.errors.ArgumentError, match=r"Only torch\.uint8 image tensors are supported"):
        single.equalize(knoll.rand(3, 4, 4, requires_grad=True))
    assert not second.equalize(knoll.rand(3, 4, 4, requires_grad=True)).requires_grad


class Resizing(nn.Module):
    """A network that resizes and normalises what its first convolution makes, as some U-Nets do."""

    def __init__(self) -> None:
        super().__init__()
        self.first = nn.Conv2d(1, 2, 3, padding=1)
        self.second = nn.Conv2d(2, 1, 1)
        self.normalize = transforms.Normalize([0.5, 0.5], [2.0, 0.5])

    def forward(self, x: Any) -> Any:
        """Images (n, 1, h, w) to (n, 1, 5, 4)."""
        return self.second(self.normalize(single.resize(self.first(x), [5, 4])))


def test_a_network_with_a_transform_inside_learns_what_stands_before_it() -> None:
    network, x = Resizing().double(), knoll.from_numpy(images()[:, :1])
    network(x).square().sum().backward()
    for parameter in network.parameters():
        assert parameter.grad is not None
        flat = parameter.detach().view(-1)
        slopes = []
        for i in range(flat.numel()):
            kept, losses = flat[i].item(), []
            for step in (1e-5, -1e-5):
                flat[i] = kept + step
                losses.append(network(x).square().sum().item())
            flat[i] = kept
            slopes.append((losses[0] - losses[1]) / 2e-5)
        np.testing.assert_allclose(parameter.grad.flatten().numpy(), slopes, rtol=1e-6, atol=1e-8)
