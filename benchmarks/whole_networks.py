"""Whole networks at the sizes at which the tables compare them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from benchmarks.models import features_named, network_named
from benchmarks.network import Network, Task, practice, task
from knoll.errors import ArgumentError
from knoll.messages import say


@dataclass(frozen=True)
class WholeNetwork:
    """A network under the name that stands in the table, made when it is needed, and how many images it gets."""

    name: str
    make: Callable[[], Network]
    n: int

    def task(self, threads: int) -> Task:
        """The network with a batch of images."""
        return task(self.make(), self.n, threads)


def _named(model: str, h: int, w: int) -> partial[Network]:
    return partial(network_named, model, (h, w))


PRACTICE = WholeNetwork("practice 32×32", practice, 64)
_LARGE = (
    *((name, _named(model, 224, 224)) for name, model in (
        ("VGG-16", "vgg16"), ("ResNet-18", "resnet18"), ("ResNet-50", "resnet50"),
        ("MobileNetV1", "mobilenet_v1"), ("MobileNetV2", "mobilenet_v2"),
    )),
    ("SegNet 96×128", _named("segnet_vgg11", 96, 128)),
)  # fmt: skip
INFERENCE = {n: tuple(WholeNetwork(name, make, n) for name, make in _LARGE) for n in (1, 16)}
TRAINING = (
    WholeNetwork("ResNet-18 32×32", _named("resnet18", 32, 32), 32),
    WholeNetwork("VGG-11-BN 32×32", partial(features_named, "vgg11_bn", (32, 32)), 64),
    WholeNetwork("MobileNetV2 64×64", _named("mobilenet_v2", 64, 64), 32),
    WholeNetwork("SegNet 96×128", _named("segnet_vgg11", 96, 128), 8),
)


def whole_network(name: str) -> WholeNetwork:
    """A network that is trained, by its name. Raises ArgumentError."""
    for network in (PRACTICE, *TRAINING):
        if network.name == name:
            return network
    raise ArgumentError(say("bench.no_such", words=name))
