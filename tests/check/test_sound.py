"""No false alarm: nothing is told of networks that are as they should be."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

import check.published
import check.sound_others
import check.sound_training
from check.sound import SOUND
from knoll import nn
from knoll.check import check
from knoll.vision.models import get_model, list_models
from knoll.vision.models.vgg import features


@pytest.mark.parametrize(("build", "shapes", "options"), [row[1:] for row in SOUND], ids=[row[0] for row in SOUND])
def test_nothing_is_told_of_a_sound_network(
    build: Callable[[], nn.Module], shapes: tuple[tuple[int, ...], ...], options: dict[str, Any]
) -> None:
    report = check(build(), *shapes, **options)
    assert not report.findings, report


LEAST = {"lenet": 100, "alexnet": 63}  # rows and columns of images
# The weights of VGG and ResNet-50 take seconds to be drawn; SegNet has VGG's features, ResNet-18 the same stages.
MODELS = [
    name
    for name in list_models()
    if name
    not in (
        "practice",
        "densenet161",
        "densenet169",
        "densenet201",
        "resnet50",
        "resnet101",
        "resnet152",
        "segnet_vgg16",
    )
    and name[:3] != "vgg"
]


@pytest.mark.parametrize("name", MODELS)
def test_nothing_is_told_of_the_models_of_the_library(name: str) -> None:
    net = get_model(name)
    c, h, w = net.input_shape
    for shape in ((c, h, w), *(each for each in ((c, 32, 32), (c, 96, 64)) if min(each[1:]) >= LEAST.get(name, 1))):
        report = check(net, shape)
        assert not report.findings, report


@pytest.mark.parametrize("norm", [False, True])
def test_nothing_is_told_of_the_features_of_vgg(norm: bool) -> None:
    report = check(features(((8,), (16,), (16, 16)), norm), (3, 32, 32))
    assert not report.findings, report
    assert report.silenced == (4 if norm else 0)  # torchvision's weights have a bias before the batch norm
