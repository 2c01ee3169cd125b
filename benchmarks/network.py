"""Networks that belong to no library: layers with their arrays, from which every rival builds its own model."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from benchmarks.layers import Array, Convolution, Flatten, Layer, Linear, MaxPool

IMAGE = -1  # as a source: what the network is given


@dataclass(frozen=True, eq=False)
class Network:
    """Layers in order, and the shape (c, h, w) of one input.

    `sources` says of each layer which layers' results it reads, by their places; unless given, the one before it.
    """

    layers: tuple[Layer, ...]
    image: tuple[int, int, int]
    sources: tuple[tuple[int, ...], ...] = ()

    @cached_property
    def reads(self) -> tuple[tuple[int, ...], ...]:
        """The sources of each layer."""
        return self.sources or tuple((place - 1,) for place in range(len(self.layers)))

    @property
    def is_chain(self) -> bool:
        """Whether each layer reads the one before it and nothing else."""
        return all(read == (place - 1,) for place, read in enumerate(self.reads))

    @cached_property
    def spent(self) -> tuple[tuple[int, ...], ...]:
        """After each layer, the results that none after it reads."""
        last = {source: place for place, read in enumerate(self.reads) for source in read}
        return tuple(tuple(s for s in dict.fromkeys(read) if last[s] == place) for place, read in enumerate(self.reads))

    def state(self) -> Mapping[str, Array]:
        """All arrays under the names that they have in a state dict of the layers in a row."""
        return {f"{place}.{name}": a for place, layer in enumerate(self.layers) for name, a in layer.state().items()}

    def arrays(self) -> list[Array]:
        """The arrays alone, in order."""
        return list(self.state().values())


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
