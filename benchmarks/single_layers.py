"""Single layers of the kinds that networks are made of, at sizes at which they appear there."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from benchmarks.layers import Add, BatchNorm, Function, Layer, MaxPool, MeanPool, Normalisation, Transposed, Unpool
from benchmarks.network import IMAGE, Network, convolution, linear


@dataclass(frozen=True, eq=False)
class SingleLayer:
    """A layer under the name that stands in the table, and how many inputs it is given at once."""

    name: str
    network: Network
    n: int = 1


def _random() -> np.random.Generator:
    return np.random.default_rng(0)


def _convolutions() -> Iterator[SingleLayer]:
    """c → k, window, the size of the (square) input, n, stride, groups, dilation."""
    for c, k, window, size, n, stride, groups, dilation in (
        (3, 64, 7, 224, 1, 2, 1, 1),
        (3, 32, 5, 32, 64, 1, 1, 1),
        (3, 32, 3, 224, 1, 2, 1, 1),
        (1, 32, 3, 28, 64, 1, 1, 1),
        (64, 64, 3, 56, 1, 1, 1, 1),
        (128, 128, 3, 28, 1, 1, 1, 1),
        (256, 256, 3, 14, 1, 1, 1, 1),
        (512, 512, 3, 7, 1, 1, 1, 1),
        (512, 512, 3, 4, 8, 1, 1, 1),
        (32, 32, 5, 16, 16, 1, 1, 1),
        (128, 128, 3, 56, 1, 2, 1, 1),
        (64, 64, 3, 56, 1, 1, 1, 2),
        (60, 100, 3, 30, 1, 1, 1, 1),
        (128, 128, 3, 28, 1, 1, 32, 1),
        (256, 64, 1, 56, 1, 1, 1, 1),
        (64, 256, 1, 56, 1, 1, 1, 1),
        (512, 2048, 1, 7, 1, 1, 1, 1),
        (256, 512, 1, 56, 1, 2, 1, 1),
        (96, 24, 1, 56, 1, 1, 1, 1),
        (96, 96, 3, 112, 1, 2, 96, 1),
        (144, 144, 3, 56, 1, 1, 144, 1),
        (240, 240, 5, 28, 1, 2, 240, 1),
        (672, 672, 5, 14, 1, 1, 672, 1),
    ):
        extra = f" /{stride}" * (stride > 1) + f" dilation {dilation}" * (dilation > 1)
        extra += " depthwise" if groups == c > 1 else f" groups {groups}" * (groups > 1)
        layer = convolution(_random(), c, k, window, stride=stride, groups=groups, dilation=dilation)
        yield _layer(f"conv {c}→{k} {window}×{window}{extra} at {size}", layer, (c, size, size), n)
    random = _random()
    for window, padding in ((2, 0), (4, 1)):
        shapes = (128, 64, window, window), (64,)
        weight, bias = (random.standard_normal(shape).astype(np.float32) / 16 for shape in shapes)
        layer = Transposed(weight, bias, padding, 2)
        yield _layer(f"transposed 128→64 {window}×{window} /2 at 28", layer, (128, 28, 28))


def _layer(name: str, layer: Layer, shape: tuple[int, ...], n: int = 1) -> SingleLayer:
    return SingleLayer(name if n == 1 else f"{name}, n={n}", Network((layer,), shape), n)


def _function(name: str, torch_name: str, shape: tuple[int, ...], n: int = 1, **arguments: float | str) -> SingleLayer:
    return _layer(name, Function(torch_name, tuple(arguments.items())), shape, n)


def _products() -> Iterator[SingleLayer]:
    for inputs, outputs, n in ((4096, 1000, 64), (4096, 1000, 1), (784, 128, 64), (512, 10, 256), (25088, 4096, 1)):
        yield _layer(f"linear {inputs}→{outputs}", linear(_random(), inputs, outputs), (inputs,), n)


def _elementwise() -> Iterator[SingleLayer]:
    maps = (64, 56, 56)
    yield _function("ReLU 64×56×56", "ReLU", maps, 4)
    for name in ("GELU", "SiLU", "Sigmoid", "Tanh", "Hardswish"):
        yield _function(f"{name} 64×56×56", name, maps, 4)
    yield _function("LeakyReLU 64×56×56", "LeakyReLU", maps, 4, negative_slope=0.01)
    random = _random()
    scale, shift, mean, variance = (random.uniform(0.5, 1.5, 64).astype(np.float32) for _ in range(4))
    yield _layer("batch norm 64×56×56", BatchNorm(scale, shift, mean, variance, 1e-5), maps, 4)
    yield _layer("layer norm 196×768", Normalisation("LayerNorm", (("normalized_shape", 768),), 768), (196, 768), 8)
    groups = (("num_groups", 32), ("num_channels", 64))
    yield _layer("group norm 64×56×56, 32 groups", Normalisation("GroupNorm", groups, 64), maps, 4)
    single = (("num_features", 64), ("affine", True))
    yield _layer("instance norm 64×56×56", Normalisation("InstanceNorm2d", single, 64), maps, 4)
    yield _function("local response norm 64×56×56", "LocalResponseNorm", maps, 4, size=5)
    yield SingleLayer("add 64×56×56, n=4", Network((Add(),), maps, ((IMAGE, IMAGE),)), 4)
    yield _function("softmax 1000", "Softmax", (1000,), 64, dim=1)
    yield _function("log-softmax 10", "LogSoftmax", (10,), 256, dim=1)


def _pooling() -> Iterator[SingleLayer]:
    yield _layer("max pool 2×2 64×112×112", MaxPool(2), (64, 112, 112))
    yield _layer("max pool 3×3 /2 64×112×112", MaxPool(3, 2, 1), (64, 112, 112))
    there_and_back = MaxPool(2, indices=True), Unpool(2)
    yield SingleLayer("max pool, unpool 2×2 64×112×112", Network(there_and_back, (64, 112, 112), ((IMAGE,), (0, 0))))
    yield _layer("average pool 2×2 64×112×112", MeanPool(2), (64, 112, 112))
    yield _function("average pool 3×3 /1 64×56×56", "AvgPool2d", (64, 56, 56), kernel_size=3, stride=1, padding=1)
    yield _layer("global average 2048×7×7", MeanPool(), (2048, 7, 7), 8)
    yield _function("adaptive average 7×7 512×14×14", "AdaptiveAvgPool2d", (512, 14, 14), output_size=7)


def _moves() -> Iterator[SingleLayer]:
    yield _function("pixel shuffle 2 64×56×56", "PixelShuffle", (64, 56, 56), upscale_factor=2)
    yield _function("reflection pad 1 64×56×56", "ReflectionPad2d", (64, 56, 56), padding=1)
    yield _function("upsample 2 nearest 64×56×56", "Upsample", (64, 56, 56), scale_factor=2, mode="nearest")
    yield _function("upsample 2 bilinear 64×56×56", "Upsample", (64, 56, 56), scale_factor=2, mode="bilinear")


SINGLE_LAYERS = (*_convolutions(), *_products(), *_elementwise(), *_pooling(), *_moves())
