"""Inputs that are only shapes: no memory is taken for them; wrong ones are told with what was meant."""

from __future__ import annotations

import resource
from collections.abc import Callable
from typing import Any

import pytest

import knoll
from knoll import nn
from knoll.analysis import costs, trace
from knoll.errors import ArgumentError, KnollError, OutOfMemoryError
from knoll.vision.models import get_model

HUGE = (3, 10**5, 10**5)  # 112 GiB
NETWORK = nn.Sequential(
    nn.Conv2d(3, 8, 3, padding=1), nn.ReLU(), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(8, 4)
)
LAYERS: dict[str, nn.Module] = {
    "convolution": nn.Conv2d(3, 6, 3),
    "transposed": nn.ConvTranspose2d(3, 4, 3, stride=2),
    "pooling": nn.MaxPool2d(1000, stride=1),
    "average": nn.AvgPool2d(1000, stride=1),
    "adaptive": nn.AdaptiveMaxPool2d(5),
    "unpooling": nn.MaxUnpool2d(2),
    "batch norm": nn.BatchNorm2d(3),
    "upsampling": nn.Upsample(scale_factor=2, mode="bilinear"),
    "shuffle": nn.ChannelShuffle(3),
    "padding": nn.ReflectionPad2d(1),
    "dropout": nn.Dropout(),
    "flatten": nn.Flatten(),
    "ReLU": nn.ReLU(),
    "Sequential": NETWORK,
    "resnet18": get_model("resnet18"),
}


class Sees(nn.Module):
    """A network that is no Sequential."""

    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(3, 4, 3)
        self.asks, self.changes = False, False

    def forward(self, x: knoll.Tensor) -> knoll.Tensor:
        if self.changes:
            x += 1
        if self.asks and x.sum() > 0:
            x = x * 2
        y: knoll.Tensor = self.conv(x)
        return y


@pytest.mark.parametrize("layer", LAYERS.values(), ids=LAYERS)
def test_a_shape_takes_no_memory(layer: nn.Module) -> None:
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    layer.explain(HUGE).text()
    layer.summary(HUGE).text()
    layer.check(HUGE).text()
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 1 << 20  # KiB


def test_the_numbers_of_a_huge_image_are_right() -> None:
    explained = nn.Conv2d(3, 6, 3).explain(HUGE)
    side = 10**5 - 2
    assert explained.outputs == ((6, side, side),)
    assert explained.cost.multiply_adds == 6 * 27 * side * side
    pooled = costs(trace(nn.MaxPool2d(1000, stride=1), HUGE)).total
    assert pooled.operations == 3 * (1000 * (10**5 - 999)) ** 2


@pytest.mark.parametrize(
    ("asked", "reason"),
    [
        (lambda: nn.Conv2d(3, 6, 3).animate(HUGE), "numbers are made up for inputs of up to"),
        (lambda: nn.CrossEntropyLoss().explain(HUGE), "explained with the numbers of its input"),
        (lambda: nn.ReLU().explain((3, 10**12, 10**12)), "up to 4,194,304 rows and columns"),
        (lambda: nn.ReLU().explain((10**12, 10**12)), "no machine can hold"),
        (lambda: nn.ReLU().explain((10**30,)), "no machine can hold"),
    ],
)
def test_what_needs_numbers_says_that_there_are_too_many(asked: Callable[[], Any], reason: str) -> None:
    with pytest.raises(KnollError, match=reason):
        asked()


def test_a_network_that_asks_for_the_numbers_of_a_huge_image_is_stopped() -> None:
    net = Sees()
    assert trace(net, HUGE).outputs[0].spec.shape == (1, 4, 10**5 - 2, 10**5 - 2)
    net.asks = True
    assert trace(net, (3, 8, 8)).outputs[0].spec.shape == (1, 4, 6, 6)
    with pytest.raises(OutOfMemoryError, match="asks for numbers on the way"):
        trace(net, HUGE)


def test_a_network_may_change_a_huge_image_in_place() -> None:
    net = Sees()
    net.changes = True
    assert trace(net, HUGE).outputs[0].spec.shape == (1, 4, 10**5 - 2, 10**5 - 2)


@pytest.mark.parametrize("name", ["explain", "check", "summary", "animate"])
@pytest.mark.parametrize("net", [Sees(), NETWORK], ids=["module", "Sequential"])
def test_a_shape_without_channels_is_told_as_it_was_written(net: nn.Module, name: str) -> None:
    with pytest.raises(ArgumentError, match="channels are missing") as caught:
        getattr(net, name)((32, 32))
    assert (caught.value.got, caught.value.advice) == ("(32, 32)", "(3, 32, 32)")


def test_two_sizes_may_be_right_for_a_network_with_convolutions() -> None:
    net = nn.Sequential(nn.Linear(4, 27), nn.ReLU(), nn.Unflatten(1, (3, 3, 3)), nn.Conv2d(3, 2, 3))
    assert trace(net, (4,)).outputs[0].spec.shape == (1, 2, 1, 1)
    assert net.check((5, 4)).text().startswith("Check of Sequential, input 5×4\n")
