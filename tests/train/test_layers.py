from __future__ import annotations

import io
from typing import Any

from rich.console import Console

from knoll import nn
from knoll.train import summary
from knoll.train.layers import layers_of, written
from knoll.vision.models import Practice, SegNet


def test_the_practice_network() -> None:
    layers = layers_of(Practice(), (3, 32, 32))
    assert [layer.name for layer in layers] == [f"model1.{number}" for number in range(9)]
    assert [layer.output for layer in layers] == [
        (32, 32, 32), (32, 16, 16), (32, 16, 16), (32, 8, 8), (64, 8, 8), (64, 4, 4), (1024,), (64,), (10,),
    ]  # fmt: skip
    assert [layer.parameters for layer in layers if layer.parameters] == [2432, 25632, 51264, 65600, 650]
    assert sum(layer.multiply_adds for layer in layers) == 12_354_176
    assert [layer.sources for layer in layers] == [("input",), *((f"model1.{number}",) for number in range(8))]


class Branching(nn.Module):
    """Two ways to one sum, a layer used twice, and a parameter of its own."""

    def __init__(self) -> None:
        super().__init__()
        self.first = nn.Linear(4, 4)
        self.second = nn.Linear(4, 4, bias=False)
        self.scale = nn.Parameter(nn.Linear(4, 1).weight)

    def forward(self, x: Any) -> Any:
        both = self.first(x) * self.scale + x
        return self.second(self.second(both))


def test_which_layer_feeds_which() -> None:
    layers = layers_of(Branching(), (4,))
    assert [(layer.name, set(layer.sources)) for layer in layers] == [
        ("first", {"input"}),
        ("second", {"first", "input"}),
        ("second", {"second"}),
    ]


def test_a_pooling_that_tells_its_indices_feeds_the_unpooling_too() -> None:
    layers = {layer.name: layer for layer in layers_of(SegNet(((4,), (8,)), 3), (3, 16, 16))}
    assert layers["features.3"].output == (4, 8, 8)
    assert layers["decoder.0"].sources == ("features.7",)
    assert set(layers["decoder.4"].sources) == {"decoder.3", "features.3"}


def test_looking_leaves_no_hook_and_no_mode() -> None:
    net = Branching()
    layers_of(net, (4,))
    assert net.training
    assert not any(module._forward_hooks for module in net.modules())


def test_a_layer_as_one_would_type_it() -> None:
    assert written(nn.Conv2d(4, 8, (3, 5), stride=2, groups=2, bias=False)) == (
        "Conv2d(4, 8, (3, 5), stride=2, groups=2, bias=False)"
    )
    assert written(nn.MaxPool2d(2, stride=1)) == "MaxPool2d(2, stride=1)"
    assert written(nn.ReLU()) == "ReLU()"
    assert written(Branching()) == "Branching()"


def test_the_table() -> None:
    console = Console(width=80, record=True, file=io.StringIO())
    console.print(summary(Practice(), (3, 32, 32)))
    lines = console.export_text().splitlines()
    assert max(map(len, lines)) <= 80
    assert any(line.split() == ["model1.1", "MaxPool2d(2)", "32×16×16", "–", "–"] for line in lines)
    assert any(line.split() == ["total", "145,578", "12,354,176"] for line in lines)
    assert any("Conv2d(32, 32, 5, padding=2)" in line for line in lines)


def test_shared_parameters_count_once() -> None:
    console = Console(width=80, record=True, file=io.StringIO())
    console.print(summary(Branching(), (4,)))
    assert ["total", "40", "48"] in [line.split() for line in console.export_text().splitlines()]
