"""Networks that belong to no library: layers with their arrays, from which every rival builds its own model."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]


@dataclass(frozen=True, eq=False)
class Convolution:
    """Weight (k, c, r, s) and bias (k,); stride 1, `padding` zeros on every side."""

    weight: Array
    bias: Array
    padding: int


@dataclass(frozen=True)
class MaxPool:
    """Windows of `size` × `size`, side by side."""

    size: int


@dataclass(frozen=True)
class Flatten:
    """(n, c, h, w) → (n, c · h · w)."""


@dataclass(frozen=True, eq=False)
class Linear:
    """Weight (outputs, inputs) and bias (outputs,)."""

    weight: Array
    bias: Array


Layer = Convolution | MaxPool | Flatten | Linear


@dataclass(frozen=True, eq=False)
class Network:
    """Layers in order, and the shape (c, h, w) of one input."""

    layers: tuple[Layer, ...]
    image: tuple[int, int, int]

    def arrays(self) -> list[Array]:
        """Weights and biases, in order."""
        return [
            a for layer in self.layers if isinstance(layer, Convolution | Linear) for a in (layer.weight, layer.bias)
        ]


@dataclass(frozen=True, eq=False)
class Task:
    """What a rival is given: a network, a batch x (n, c, h, w), its labels (n,), and how many threads it may use."""

    network: Network
    x: Array
    labels: Array
    threads: int


def practice(seed: int = 0) -> Network:
    """The practice network, initialised as PyTorch initialises its layers.

    Source: https://pytorch.org/docs/stable/generated/torch.nn.Conv2d.html (variables)
    """
    random = np.random.default_rng(seed)
    layers: list[Layer] = []
    for c, k in ((3, 32), (32, 32), (32, 64)):
        layers += [_convolution(random, c, k, 5), MaxPool(2)]
    layers += [Flatten(), _linear(random, 1024, 64), _linear(random, 64, 10)]
    return Network(tuple(layers), (3, 32, 32))


def one_convolution(c: int, k: int, window: int, size: int) -> Network:
    """One convolution of `window` × `window` whose output is as large as its input, `size` × `size`."""
    return Network((_convolution(np.random.default_rng(0), c, k, window),), (c, size, size))


def task(network: Network, n: int, threads: int) -> Task:
    """A network with `n` images of normally distributed numbers and labels from 0 to 9."""
    random = np.random.default_rng(1)
    x = random.standard_normal((n, *network.image)).astype(np.float32)
    return Task(network, x, random.integers(0, 10, n), threads)


def _convolution(random: np.random.Generator, c: int, k: int, window: int) -> Convolution:
    bound = (c * window * window) ** -0.5
    return Convolution(_uniform(random, bound, k, c, window, window), _uniform(random, bound, k), window // 2)


def _linear(random: np.random.Generator, inputs: int, outputs: int) -> Linear:
    bound = inputs**-0.5
    return Linear(_uniform(random, bound, outputs, inputs), _uniform(random, bound, outputs))


def _uniform(random: np.random.Generator, bound: float, *shape: int) -> Array:
    return random.uniform(-bound, bound, shape).astype(np.float32)
