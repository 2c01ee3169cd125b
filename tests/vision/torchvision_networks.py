"""Small networks of torchvision's families, made of `models`: `knoll.vision.models`, or torchvision's.

Their weights follow from their keys, so that both libraries have the same without a file.
"""

from __future__ import annotations

import importlib
import math
import zlib
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from knoll.graph import Array

# The rows and columns of an image, and the network.
NETWORKS: Mapping[str, tuple[int, Callable[[Any], Any]]] = {
    "mobilenet_v3_small": (
        48,
        lambda models: models.mobilenet_v3_small(num_classes=5, width_mult=0.5, dropout=0.0),
    ),
    "mobilenet_v3_large": (
        48,
        lambda models: models.mobilenet_v3_large(
            num_classes=5, width_mult=0.25, reduced_tail=True, dilated=True, dropout=0.0
        ),
    ),
    "efficientnet": (40, lambda models: efficientnet(models)),
    "efficientnet_v2": (40, lambda models: efficientnet_v2(models)),
    "shufflenet_v2": (40, lambda models: models.ShuffleNetV2([2, 3, 1], [8, 16, 24, 32, 40], num_classes=5)),
    "googlenet": (
        64,
        lambda models: models.googlenet(
            num_classes=5, transform_input=True, init_weights=True, dropout=0.0, dropout_aux=0.0
        ),
    ),
    "regnet_x": (40, lambda models: regnet(models, bottleneck_multiplier=0.75)),
    "regnet_y": (40, lambda models: regnet(models, se_ratio=0.25)),
    "convnext": (64, lambda models: convnext(models)),
    "resnet": (
        40,
        lambda models: models.ResNet(models.resnet.BasicBlock, [2, 1, 1, 1], 5, norm_layer=four_groups(models)),
    ),
    "resnext": (48, lambda models: resnext(models)),
    "densenet": (40, lambda models: models.DenseNet(4, (2, 3, 1), 8, 2, num_classes=5)),
    "mobilenet_v2": (
        40,
        lambda models: models.MobileNetV2(
            5, 0.5, [[1, 16, 1, 1], [6, 24, 2, 2], [3, 32, 2, 1]], 4, norm_layer=four_groups(models), dropout=0.0
        ),
    ),
    "squeezenet": (40, lambda models: models.SqueezeNet("1_1", 5, dropout=0.0)),
    "mnasnet": (40, lambda models: models.MNASNet(0.35, num_classes=5, dropout=0.0)),
    "inception_v3": (
        107,
        lambda models: models.inception_v3(
            num_classes=5, aux_logits=False, transform_input=True, init_weights=True, dropout=0.0
        ),
    ),
}


def efficientnet(models: Any) -> Any:
    """Two stages of inverted bottlenecks, scaled in width and depth."""
    lib = models.efficientnet
    stages = [
        lib.MBConvConfig(1, 3, 1, 32, 16, 1, width_mult=0.6, depth_mult=1.5),
        lib.MBConvConfig(6, 5, 2, 16, 24, 2, width_mult=0.6, depth_mult=1.5),
    ]
    return models.EfficientNet(stages, 0.0, stochastic_depth_prob=0.0, num_classes=5)


def efficientnet_v2(models: Any) -> Any:
    """Stages of fused bottlenecks, without and with expansion, and one of inverted bottlenecks."""
    lib = models.efficientnet
    stages = [
        lib.FusedMBConvConfig(1, 3, 1, 16, 16, 2),
        lib.FusedMBConvConfig(4, 3, 2, 16, 24, 2),
        lib.MBConvConfig(4, 3, 2, 24, 32, 2),
    ]
    return models.EfficientNet(stages, 0.0, stochastic_depth_prob=0.0, num_classes=5, last_channel=48)


def regnet(models: Any, **config: Any) -> Any:
    """Five blocks in three stages."""
    return models.RegNet(models.regnet.BlockParams.from_init_params(5, 16, 12.0, 1.8, 8, **config), num_classes=5)


def four_groups(models: Any) -> Callable[[int], Any]:
    """Group normalisation, of the library of these models."""
    nn = importlib.import_module("torch.nn" if models.__name__.startswith("torchvision") else "knoll.nn")
    return lambda channels: nn.GroupNorm(4, channels)


def resnext(models: Any) -> Any:
    """Grouped convolutions, of which the last two stages have dilated ones."""
    return models.ResNet(
        models.resnet.Bottleneck,
        [1, 2, 1, 1],
        5,
        groups=4,
        width_per_group=8,
        replace_stride_with_dilation=[False, True, True],
    )


def convnext(models: Any) -> Any:
    """Three stages, whose branches count."""
    stages = [models.convnext.CNBlockConfig(*sizes) for sizes in ((8, 16, 1), (16, 24, 2), (24, None, 1))]
    return models.ConvNeXt(stages, layer_scale=0.5, num_classes=5)


def images(size: int, n: int = 3) -> Array:
    """The same images for the same size."""
    return np.random.default_rng(size).standard_normal((n, 3, size, size))


def weights(shapes: Mapping[str, tuple[int, ...]]) -> dict[str, Array]:
    """The same weights for the same keys and shapes, of about the size that results keep."""
    return {key: _weight(key, shape) for key, shape in shapes.items()}


def _weight(key: str, shape: tuple[int, ...]) -> Array:
    generator = np.random.default_rng(zlib.crc32(key.encode()))
    if key.endswith("num_batches_tracked"):
        return np.asarray(0)
    if key.endswith("running_var"):
        return generator.uniform(0.5, 1.5, shape)
    if len(shape) > 1:
        return generator.standard_normal(shape) * math.sqrt(2 / math.prod(shape[1:]))
    return generator.standard_normal(shape) * 0.1 + key.endswith("weight")
