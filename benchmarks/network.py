"""Networks that belong to no library: layers with their arrays, from which every rival builds its own model."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from benchmarks.layers import Array, Convolution, Flatten, Layer, Linear, MaxPool, Pair, Unpool, pair

IMAGE = -1  # as a source: what the network is given


@dataclass(frozen=True, eq=False)
class Network:
    """Layers in order, and the shape of one input: (c, h, w) of images, (features,) of rows.

    `sources` says of each layer which layers' results it reads, by their places; unless given, the one before it.
    """

    layers: tuple[Layer, ...]
    image: tuple[int, ...]
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

    @property
    def labelled(self) -> tuple[int, ...]:
        """The shape of the labels of an image: (h, w) where every pixel has a class, () where the image has one."""
        return self.image[1:] if any(isinstance(layer, Unpool) for layer in self.layers) else ()

    def state(self) -> Mapping[str, Array]:
        """All arrays under the names that they have in a state dict of the layers in a row."""
        return {f"{place}.{name}": a for place, layer in enumerate(self.layers) for name, a in layer.state().items()}

    def arrays(self) -> list[Array]:
        """The arrays alone, in order."""
        return list(self.state().values())


@dataclass(frozen=True, eq=False)
class Task:
    """What a rival is given: a network, a batch x (n, c, h, w), its labels, and how many threads it may use."""

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
        layers += [convolution(random, c, k, 5), MaxPool(2)]
    layers += [Flatten(), linear(random, 1024, 64), linear(random, 64, 10)]
    return Network(tuple(layers), (3, 32, 32))


def one_convolution(c: int, k: int, window: int, size: int) -> Network:
    """One convolution of `window` × `window` whose output is as large as its input, `size` × `size`."""
    return Network((convolution(np.random.default_rng(0), c, k, window),), (c, size, size))


def task(network: Network, n: int, threads: int) -> Task:
    """A network with `n` inputs of normally distributed numbers and labels from 0 to 9, perhaps for every pixel."""
    random = np.random.default_rng(1)
    x = random.standard_normal((n, *network.image)).astype(np.float32)
    return Task(network, x, random.integers(0, 10, (n, *network.labelled)), threads)


def convolution(
    random: np.random.Generator, c: int, k: int, window: Pair, *, stride: Pair = 1, groups: int = 1, dilation: Pair = 1
) -> Convolution:
    """A convolution of c to k channels whose output is as large as its input, or 1 / `stride` of that."""
    (r, s), (down, right) = pair(window), pair(dilation)
    bound = (c // groups * r * s) ** -0.5
    weight, bias = _uniform(random, bound, k, c // groups, r, s), _uniform(random, bound, k)
    return Convolution(weight, bias, (r // 2 * down, s // 2 * right), stride, groups, dilation)


def linear(random: np.random.Generator, inputs: int, outputs: int) -> Linear:
    """A linear layer."""
    bound = inputs**-0.5
    return Linear(_uniform(random, bound, outputs, inputs), _uniform(random, bound, outputs))


def _uniform(random: np.random.Generator, bound: float, *shape: int) -> Array:
    return random.uniform(-bound, bound, shape).astype(np.float32)
