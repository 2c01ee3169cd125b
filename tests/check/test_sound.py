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
from knoll.vision.models import get_model
from knoll.vision.models.vgg import make_layers


@pytest.mark.parametrize(("build", "shapes", "options"), [row[1:] for row in SOUND], ids=[row[0] for row in SOUND])
def test_nothing_is_told_of_a_sound_network(
    build: Callable[[], nn.Module], shapes: tuple[tuple[int, ...], ...], options: dict[str, Any]
) -> None:
    report = check(build(), *shapes, **options)
    assert not report.findings, report


LEAST = {"lenet": 100, "alexnet": 63, "convnext_tiny": 32, "inception_v3": 75}  # rows and columns of images
# The weights of VGG and ResNet-50 take seconds to be drawn; SegNet has VGG's features, ResNet-18 the same stages.
# Of other families the smallest network stands for all.
MODELS = [
    "alexnet",
    "convnext_tiny",
    "densenet121",
    "efficientnet_b0",
    "efficientnet_v2_s",
    "googlenet",
    "inception_v3",
    "lenet",
    "mnasnet0_5",
    "mobilenet_v1",
    "mobilenet_v1_025",
    "mobilenet_v2",
    "mobilenet_v3_small",
    "regnet_x_400mf",
    "regnet_y_400mf",
    "resnet18",
    "resnet34",
    "segnet_vgg11",
    "shufflenet_v2_x0_5",
    "squeezenet1_0",
    "squeezenet1_1",
    "unet",
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
    report = check(make_layers([8, "M", 16, "M", 16, 16, "M"], norm), (3, 32, 32))
    assert not report.findings, report
    assert report.silenced == (4 if norm else 0)  # torchvision's weights have a bias before the batch norm
