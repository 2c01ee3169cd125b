"""Two layers side by side: the same numbers, what differs is named."""

from __future__ import annotations

import numpy as np
import pytest
from tests.animate.reading import numbers, shows

import knoll
from knoll import nn
from knoll.animate import animate, compare
from knoll.animate.compare import changed
from knoll.errors import ArgumentError, KnollError
from knoll.messages import Sentence


def test_both_are_told_and_the_shorter_one_rests() -> None:
    layer = nn.Conv2d(1, 1, 3, padding=1)
    x = np.random.default_rng(1).integers(0, 9, (1, 1, 5, 5)).astype(np.float32)
    found = animate(layer, x, compare={"stride": 2})
    assert str(found.title).strip() == "Conv2d stride=1 | stride=2"
    assert len(found.frames) == 25
    last = found.frames[-1].caption
    assert isinstance(last, Sentence)
    for side, other in (("first", layer), ("second", changed(layer, {"stride": 2}))):
        y = other(knoll.tensor(x)).detach().numpy()
        assert shows(str(dict(last.values)[side]).split()[-1], y[0, 0, -1, -1], y)
    assert all(scene.width <= 1100 for scene in found.scenes())


def test_a_click_finds_the_cells_of_the_first_alone() -> None:
    found = animate(nn.MaxPool2d(2), (1, 5, 5), compare={"ceil_mode": True})
    assert [frame.cell for frame in found.frames[:4]] == [(0, 0, 0), (0, 0, 1), (0, 1, 0), (0, 1, 1)]
    assert [frame.cell for frame in found.frames[4:]] == [None] * 5
    assert len(numbers(found.frames[-1].scene, "output")) == 4


def test_the_other_layer_has_the_same_numbers() -> None:
    layer = nn.BatchNorm2d(2)
    layer.running_mean.fill_(3.0)
    other = changed(layer, {"training": False, "eps": 0.1})
    assert not other.training
    assert other.running_mean.tolist() == [3.0, 3.0]
    assert compare(layer, other, (2, 3, 3)).frames


@pytest.mark.parametrize(
    ("first", "second", "title"),
    [
        (nn.ReLU(), nn.GELU(), "ReLU() | GELU()"),
        (nn.Dropout(), nn.Dropout().eval(), "Dropout train() | eval()"),
        (nn.ReLU(), nn.ReLU(), "ReLU ReLU() | ReLU()"),
    ],
)
def test_what_differs_is_named(first: nn.Module, second: nn.Module, title: str) -> None:
    assert str(compare(first, second, (3,)).title).strip() == title


def test_what_cannot_be_is_told() -> None:
    with pytest.raises(ArgumentError, match="Conv2d has no argument strid") as error:
        animate(nn.Conv2d(1, 1, 3), (1, 5, 5), compare={"strid": 2})
    assert "stride" in str(error.value)
    with pytest.raises(KnollError, match="stride"):
        animate(nn.Conv2d(1, 1, 3), (1, 5, 5), compare={"stride": -1})


@pytest.mark.parametrize(
    ("layer", "x", "other"),
    [
        (nn.Conv2d(1, 1, 3, bias=False), knoll.arange(25.0).reshape(1, 1, 5, 5), {"padding": 1}),
        (nn.BatchNorm1d(1), knoll.tensor([[1.0], [3.0], [5.0], [7.0]]), {"training": False}),
    ],
)
def test_if_one_layer_goes_on_below_the_other_does_too(
    layer: nn.Module, x: knoll.Tensor, other: dict[str, object]
) -> None:
    scene = animate(layer, x, compare=other).frames[-1].scene
    below = []
    for side in ("", "second "):
        first, last = numbers(scene, f"{side}input"), numbers(scene, f"{side}output")
        (_, top, _, _), (_, bottom, _, _) = scene.box(f"{side}input", max(first)), scene.box(f"{side}output", min(last))
        below.append(bottom > top)
    assert below == [True, True]
