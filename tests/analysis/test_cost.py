"""What networks cost: by hand for single layers, and the published totals of known networks."""

from __future__ import annotations

from typing import Any

import pytest

import knoll
from knoll import nn
from knoll.analysis import Cost, costs, sources, trace
from knoll.nn import functional as F
from knoll.nn.init.skip import skip_init
from knoll.vision.models import SegNet, get_model, vgg


def cost_of(layer: nn.Module, *shape: int, training: bool = False) -> Cost:
    return costs(trace(layer, shape, training=training)).total


def test_a_convolution_by_hand() -> None:
    cost = cost_of(nn.Conv2d(3, 6, 3, stride=2, groups=3, bias=True), 2, 3, 9, 7)
    made = 2 * 6 * 4 * 3
    assert (cost.parameters, cost.parameter_bytes) == (6 * 1 * 9 + 6, 4 * 60)
    assert (cost.multiply_adds, cost.flops, cost.operations) == (made * 9, 2 * made * 9, 0)
    assert (cost.activation_bytes, cost.kept_bytes) == (4 * made, 0)


def test_a_linear_layer_by_hand() -> None:
    cost = cost_of(nn.Linear(20, 5, bias=False).double(), 4, 20)
    assert cost == Cost(0, 0, 0, 0, 0, 0, 0) + cost  # adding nothing changes nothing
    assert (cost.parameters, cost.parameter_bytes, cost.multiply_adds, cost.activation_bytes) == (100, 800, 400, 160)


def test_a_batch_normalisation_by_hand() -> None:
    used, trained = (cost_of(nn.BatchNorm2d(5), 2, 5, 3, 3, training=mode) for mode in (False, True))
    assert (used.parameters, used.multiply_adds, used.operations) == (10, 0, 90)
    assert trained.operations == 180  # the statistics look at each number once more
    assert used.activation_bytes == 4 * 90


@pytest.mark.parametrize(
    ("layer", "multiply_adds", "operations"),
    [
        (nn.MaxPool2d(3, 2), 0, 5 * 9 * 4),
        (nn.AvgPool2d(2), 0, 5 * 36),
        (nn.ReLU(), 0, 5 * 36),
        (nn.Softmax(1), 0, 5 * 36),
        (nn.ReflectionPad2d(1), 0, 0),
        (nn.Upsample(scale_factor=2), 0, 0),
        (nn.Upsample(scale_factor=2, mode="bilinear"), 5 * 22 * 22, 0),
        (nn.Flatten(), 0, 0),
        (nn.ConvTranspose2d(5, 2, 3), 5 * 36 * 2 * 9, 0),
    ],
    ids=str,
)
def test_layers_without_weights_and_the_way_back(layer: nn.Module, multiply_adds: int, operations: int) -> None:
    cost = cost_of(layer, 1, 5, 6, 6)
    assert (cost.multiply_adds, cost.operations) == (multiply_adds, operations)


@pytest.mark.parametrize(
    ("name", "size", "parameters", "billions"),
    [
        ("practice", 32, 145_578, 0.012354176),
        ("resnet18", 224, 11_689_512, 1.814073344),
        ("resnet50", 224, 25_557_032, 4.089),
        ("vgg16", 224, 138_357_544, 15.470),
        ("mobilenet_v2", 224, 3_504_872, 0.30084),
    ],
)
def test_networks_whose_costs_are_published(
    name: str, size: int, parameters: int, billions: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(vgg, "_initialise", lambda _: None)  # 138 million random numbers take a while
    with skip_init():
        cost = cost_of(get_model(name), 1, 3, size, size)
    assert cost.parameters == parameters
    assert cost.multiply_adds / 1e9 == pytest.approx(billions, rel=5e-4)


class Branching(nn.Module):
    """Two ways to one sum, a layer used twice, a weight used by two layers, and a parameter of its own."""

    def __init__(self) -> None:
        super().__init__()
        self.first = nn.Linear(4, 4)
        self.second = nn.Linear(4, 4, bias=False)
        self.third = nn.Linear(4, 4, bias=False)
        self.third.weight = self.second.weight
        self.scale = nn.Parameter(knoll.ones(1, 4))

    def forward(self, x: Any) -> Any:
        both = self.first(x) * self.scale + x
        return F.linear(self.third(self.second(self.second(both))), self.scale)


def test_shared_parameters_count_once_and_shared_layers_work_each_time() -> None:
    found = trace(Branching(), (4,))
    cost = costs(found)
    assert cost.total.parameters == 4 * 4 + 4 + 4 * 4 + 4
    assert cost.total.multiply_adds == 4 * 16 + 4
    assert [(cost.of[call].parameters, cost.of[call].shared) for call in found.calls] == [
        (4, 0), (20, 0), (16, 0), (16, 16), (16, 16),
    ]  # fmt: skip
    assert cost.total.parameters == sum(each.parameters - each.shared for each in cost.of.values())


def test_what_backward_keeps() -> None:
    """A ReLU keeps its result, the convolution behind it the same numbers; frozen weights keep nothing."""
    net = nn.Sequential(nn.Conv2d(1, 2, 3), nn.ReLU(), nn.Flatten(), nn.Linear(2 * 36, 3))
    found = trace(net, (1, 8, 8))
    cost = costs(found)
    assert [cost.of[call].kept_bytes for call in found.calls] == [0, 0, 4 * 72, 0, 0]
    net.requires_grad_(False)
    assert cost_of(net, 1, 8, 8).kept_bytes == 0


def test_a_network_without_a_gradient_keeps_nothing() -> None:
    class Floored(nn.Module):
        def forward(self, x: knoll.Tensor) -> knoll.Tensor:
            return x.argmax(1)

    assert cost_of(Floored(), 4).kept_bytes == 0


def test_which_layer_feeds_which() -> None:
    found = trace(Branching(), (4,))
    fed = sources(found)
    names = {call: call.name for call in found.calls}
    assert [(names[call], {names.get(each, "input") for each in fed[call]}) for call in found.layers] == [
        ("first", {"input"}),
        ("second", {"first", "input"}),
        ("second", {"second"}),
        ("third", {"second"}),
    ]


def test_a_pooling_that_tells_its_indices_feeds_the_unpooling_too() -> None:
    found = trace(SegNet([4, "M", 8, "M"], 3), (3, 16, 16))
    fed = {call.name: {getattr(each, "name", "input") for each in some} for call, some in sources(found).items()}
    assert fed["decoder.0"] == {"features.7"}
    assert fed["decoder.4"] == {"decoder.3", "features.3"}


def test_a_batch_costs_as_much_as_its_samples() -> None:
    one, eight = (cost_of(get_model("practice"), n, 3, 32, 32) for n in (1, 8))
    assert eight.multiply_adds == 8 * one.multiply_adds
    assert eight.parameters == one.parameters
    assert eight.kept_bytes == 8 * one.kept_bytes
