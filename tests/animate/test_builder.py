"""What can be animated: samples without a batch, a layer alone, networks in training; and what cannot be."""

from __future__ import annotations

import numpy as np
import pytest

from knoll import nn
from knoll.animate import animate
from knoll.errors import ArgumentError


@pytest.mark.parametrize("layer", [nn.Conv2d(1, 1, 3), nn.MaxPool2d(3, 1), nn.ConvTranspose2d(1, 1, 1, padding=1)])
def test_an_image_needs_no_batch(layer: nn.Module) -> None:
    x = np.random.default_rng(1).standard_normal((1, 5, 5)).astype(np.float32)
    captions = [[str(frame.caption) for frame in animate(layer, given).frames] for given in (x, x[None])]
    assert captions[0] == captions[1]


def test_without_an_input_it_is_the_example_of_the_layer() -> None:
    assert len(animate(nn.Conv2d(1, 1, 3, padding=1)).frames) == 49
    assert len(animate(nn.Linear(4, 3)).frames) == 3


def test_a_network_is_followed_in_evaluation_and_stays_in_training() -> None:
    net = nn.Sequential(nn.Conv2d(1, 2, 3), nn.BatchNorm2d(2), nn.Flatten(), nn.Linear(2, 2))
    assert len(animate(net, (1, 3, 3)).frames) == 2 * 5
    assert net.training
    assert net[1].num_batches_tracked.item() == 0


def test_a_lazy_layer_can_be_compared() -> None:
    layer = nn.LazyConv2d(1, 3)
    assert str(animate(layer, (1, 5, 5), compare={"stride": 2}).title).strip() == "LazyConv2d stride=1 | stride=2"
    assert layer.has_uninitialized_params()


@pytest.mark.parametrize("given", ["abc", (1, -2, 3), (1.5,), ()])
def test_what_is_no_input_is_told(given: object) -> None:
    with pytest.raises(ArgumentError, match="the shape of its input"):
        animate(nn.ReLU(), given)


def test_a_batch_of_rows_is_whole_as_its_loss_is() -> None:
    found = animate(nn.MSELoss(), np.ones((70, 1), np.float32), np.zeros((70, 1), np.float32))
    assert "/ 70 = 1" in str(found.frames[-1].caption)
