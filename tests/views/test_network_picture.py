"""Networks as graphs: what feeds what, also around a shortcut; large ones by their blocks."""

from __future__ import annotations

import re

import pytest

import knoll
from knoll import Tensor, nn
from knoll.draw import Element, Group, Path, Scene
from knoll.errors import ShapeError
from knoll.views import network_picture
from knoll.vision.models import get_model


def words(scene: Scene) -> list[str]:
    return [re.sub(r"<[^>]*>", "", text) for text in re.findall(r"<text.*?</text>", scene.svg(language="en"))]


def heads(elements: tuple[Element, ...]) -> int:
    """How many arrows end somewhere."""
    inner = sum(heads(each.elements) for each in elements if isinstance(each, Group))
    return inner + sum(isinstance(each, Path) and each.closed for each in elements)


class Residual(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(4, 4, 3, padding=1)
        self.drop = nn.Dropout()

    def forward(self, x: Tensor) -> Tensor:
        return knoll.cat([self.drop(self.conv(x)), x + self.conv(x)], 1)


def test_every_call_has_a_box_and_every_use_an_arrow() -> None:
    scene = network_picture(Residual(), (4, 6, 6))
    found = words(scene)
    assert found.count("Conv2d(4, 4, 3, padding=1)") == 2
    assert {"Dropout()", "add", "concatenate", "input", "output", "148 parameters", "8×6×6"} <= set(found)
    assert heads(scene.elements) == 8


def test_a_network_too_large_to_read_is_drawn_by_its_blocks() -> None:
    net = nn.Sequential(*(nn.Sequential(*(nn.Linear(2, 2) for _ in range(8))) for _ in range(20)))
    found = words(network_picture(net, (2,)))
    assert found.count("Sequential") == 20 + 1
    assert "48 parameters" in found
    assert "Linear(2, 2)" in words(network_picture(net, (2,), depth=2))


@pytest.mark.parametrize("name", ["practice", "mobilenet_v1_025", "unet"])
def test_networks_of_the_library(name: str) -> None:
    net = get_model(name)
    scene = network_picture(net, net.input_shape)
    assert len(scene.svg()) < 300_000
    assert words(scene)[0] == type(net).__name__


def test_what_does_not_fit_is_told_as_the_network_tells_it() -> None:
    with pytest.raises(ShapeError, match="expected input"):
        network_picture(nn.Conv2d(3, 4, 3), (4, 8, 8))


def test_batch_norm_of_a_single_value_is_drawn_as_it_is_used() -> None:
    net = nn.Sequential(nn.Flatten(), nn.Linear(4, 2), nn.BatchNorm1d(2))
    assert "BatchNorm1d(2)" in words(network_picture(net, (1, 2, 2)))
