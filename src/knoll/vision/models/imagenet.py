"""The weights that torchvision published for Knoll's networks, all of them trained on ImageNet.

Addresses, sums in the names of files, numbers of parameters and accuracies are those of torchvision 0.28 (2026),
https://github.com/pytorch/vision/tree/main/torchvision/models; so are the names of the classes in `imagenet.txt`.
"""

from __future__ import annotations

from functools import cache, partial
from importlib.resources import files
from math import nan

from knoll.vision.models.weights import Weights, WeightsEnum
from knoll.vision.transforms.presets import ImageClassification

_FOLDER = "https://download.pytorch.org/models"
_RECIPES = "https://github.com/pytorch/vision"


@cache
def categories() -> list[str]:
    """The names of the 1000 classes, in the order of the scores.

    >>> categories()[0], len(categories())
    ('tench', 1000)
    """
    return (files(__package__) / "imagenet.txt").read_text(encoding="utf-8").splitlines()


def _published(
    file: str, num_params: int, first: float, fifth: float, recipe: str, least: int = 1, resize: int = 256
) -> Weights:
    """The weights in a file, which find `first` % of ImageNet's classes, and have `fifth` % among their five best."""
    return Weights(
        f"{_FOLDER}/{file}.pth",
        partial(ImageClassification, crop_size=224, resize_size=resize),
        {
            "num_params": num_params,
            "min_size": (least, least),
            "categories": categories(),
            "recipe": f"{_RECIPES}/{recipe}",
            "_metrics": {"ImageNet-1K": {"acc@1": first, "acc@5": fifth}},
        },
    )


def _densenet(file: str, num_params: int, first: float, fifth: float) -> Weights:
    return _published(file, num_params, first, fifth, "pull/116", least=29)


def _squeezenet(file: str, num_params: int, first: float, fifth: float, least: int) -> Weights:
    return _published(file, num_params, first, fifth, "pull/49#issuecomment-277560717", least)


def _vgg(file: str, num_params: int, first: float, fifth: float) -> Weights:
    return _published(file, num_params, first, fifth, "tree/main/references/classification#alexnet-and-vgg", least=32)


def _resnet(file: str, num_params: int, first: float, fifth: float) -> Weights:
    return _published(file, num_params, first, fifth, "tree/main/references/classification#resnet")


class AlexNet_Weights(WeightsEnum):  # noqa: N801 (torchvision's name)
    """Weights for `alexnet`."""

    IMAGENET1K_V1 = _published(
        "alexnet-owt-7be5be79",
        61_100_840,
        56.522,
        79.066,
        "tree/main/references/classification#alexnet-and-vgg",
        least=63,
    )
    DEFAULT = IMAGENET1K_V1


class SqueezeNet1_0_Weights(WeightsEnum):  # noqa: N801 (torchvision's name)
    """Weights for `squeezenet1_0`."""

    IMAGENET1K_V1 = _squeezenet("squeezenet1_0-b66bff10", 1_248_424, 58.092, 80.420, least=21)
    DEFAULT = IMAGENET1K_V1


class SqueezeNet1_1_Weights(WeightsEnum):  # noqa: N801 (torchvision's name)
    """Weights for `squeezenet1_1`."""

    IMAGENET1K_V1 = _squeezenet("squeezenet1_1-b8a52dc0", 1_235_496, 58.178, 80.624, least=17)
    DEFAULT = IMAGENET1K_V1


class DenseNet121_Weights(WeightsEnum):  # noqa: N801 (torchvision's name)
    """Weights for `densenet121`."""

    IMAGENET1K_V1 = _densenet("densenet121-a639ec97", 7_978_856, 74.434, 91.972)
    DEFAULT = IMAGENET1K_V1


class DenseNet161_Weights(WeightsEnum):  # noqa: N801 (torchvision's name)
    """Weights for `densenet161`."""

    IMAGENET1K_V1 = _densenet("densenet161-8d451a50", 28_681_000, 77.138, 93.560)
    DEFAULT = IMAGENET1K_V1


class DenseNet169_Weights(WeightsEnum):  # noqa: N801 (torchvision's name)
    """Weights for `densenet169`."""

    IMAGENET1K_V1 = _densenet("densenet169-b2777c0a", 14_149_480, 75.600, 92.806)
    DEFAULT = IMAGENET1K_V1


class DenseNet201_Weights(WeightsEnum):  # noqa: N801 (torchvision's name)
    """Weights for `densenet201`."""

    IMAGENET1K_V1 = _densenet("densenet201-c1103571", 20_013_928, 76.896, 93.370)
    DEFAULT = IMAGENET1K_V1


class VGG11_Weights(WeightsEnum):  # noqa: N801 (torchvision's name)
    """Weights for `vgg11`."""

    IMAGENET1K_V1 = _vgg("vgg11-8a719046", 132_863_336, 69.020, 88.628)
    DEFAULT = IMAGENET1K_V1


class VGG11_BN_Weights(WeightsEnum):  # noqa: N801 (torchvision's name)
    """Weights for `vgg11_bn`."""

    IMAGENET1K_V1 = _vgg("vgg11_bn-6002323d", 132_868_840, 70.370, 89.810)
    DEFAULT = IMAGENET1K_V1


class VGG13_Weights(WeightsEnum):  # noqa: N801 (torchvision's name)
    """Weights for `vgg13`."""

    IMAGENET1K_V1 = _vgg("vgg13-19584684", 133_047_848, 69.928, 89.246)
    DEFAULT = IMAGENET1K_V1


class VGG13_BN_Weights(WeightsEnum):  # noqa: N801 (torchvision's name)
    """Weights for `vgg13_bn`."""

    IMAGENET1K_V1 = _vgg("vgg13_bn-abd245e5", 133_053_736, 71.586, 90.374)
    DEFAULT = IMAGENET1K_V1


class VGG16_Weights(WeightsEnum):  # noqa: N801 (torchvision's name)
    """Weights for `vgg16`; `IMAGENET1K_FEATURES` has those of `features` alone, for images in [0, 255]."""

    IMAGENET1K_V1 = _vgg("vgg16-397923af", 138_357_544, 71.592, 90.382)
    IMAGENET1K_FEATURES = Weights(
        f"{_FOLDER}/vgg16_features-amdegroot-88682ab5.pth",
        partial(ImageClassification, crop_size=224, mean=(0.48235, 0.45882, 0.40784), std=(1 / 255, 1 / 255, 1 / 255)),
        {
            "num_params": 138_357_544,
            "min_size": (32, 32),
            "categories": None,
            "recipe": "https://github.com/amdegroot/ssd.pytorch#training-ssd",
            "_metrics": {"ImageNet-1K": {"acc@1": nan, "acc@5": nan}},
        },
    )
    DEFAULT = IMAGENET1K_V1


class VGG16_BN_Weights(WeightsEnum):  # noqa: N801 (torchvision's name)
    """Weights for `vgg16_bn`."""

    IMAGENET1K_V1 = _vgg("vgg16_bn-6c64b313", 138_365_992, 73.360, 91.516)
    DEFAULT = IMAGENET1K_V1


class VGG19_Weights(WeightsEnum):  # noqa: N801 (torchvision's name)
    """Weights for `vgg19`."""

    IMAGENET1K_V1 = _vgg("vgg19-dcbb9e9d", 143_667_240, 72.376, 90.876)
    DEFAULT = IMAGENET1K_V1


class VGG19_BN_Weights(WeightsEnum):  # noqa: N801 (torchvision's name)
    """Weights for `vgg19_bn`."""

    IMAGENET1K_V1 = _vgg("vgg19_bn-c79401a0", 143_678_248, 74.218, 91.842)
    DEFAULT = IMAGENET1K_V1


class ResNet18_Weights(WeightsEnum):  # noqa: N801 (torchvision's name)
    """Weights for `resnet18`."""

    IMAGENET1K_V1 = _resnet("resnet18-f37072fd", 11_689_512, 69.758, 89.078)
    DEFAULT = IMAGENET1K_V1


class ResNet34_Weights(WeightsEnum):  # noqa: N801 (torchvision's name)
    """Weights for `resnet34`."""

    IMAGENET1K_V1 = _resnet("resnet34-b627a593", 21_797_672, 73.314, 91.420)
    DEFAULT = IMAGENET1K_V1


class ResNet50_Weights(WeightsEnum):  # noqa: N801 (torchvision's name)
    """Weights for `resnet50`."""

    IMAGENET1K_V1 = _resnet("resnet50-0676ba61", 25_557_032, 76.130, 92.862)
    IMAGENET1K_V2 = _published(
        "resnet50-11ad3fa6", 25_557_032, 80.858, 95.434, "issues/3995#issuecomment-1013906621", resize=232
    )
    DEFAULT = IMAGENET1K_V2


class ResNet101_Weights(WeightsEnum):  # noqa: N801 (torchvision's name)
    """Weights for `resnet101`."""

    IMAGENET1K_V1 = _resnet("resnet101-63fe2227", 44_549_160, 77.374, 93.546)
    IMAGENET1K_V2 = _published("resnet101-cd907fc2", 44_549_160, 81.886, 95.780, "issues/3995#new-recipe", resize=232)
    DEFAULT = IMAGENET1K_V2


class ResNet152_Weights(WeightsEnum):  # noqa: N801 (torchvision's name)
    """Weights for `resnet152`."""

    IMAGENET1K_V1 = _resnet("resnet152-394f9c45", 60_192_808, 78.312, 94.046)
    IMAGENET1K_V2 = _published("resnet152-f82ba261", 60_192_808, 82.284, 96.002, "issues/3995#new-recipe", resize=232)
    DEFAULT = IMAGENET1K_V2


class MobileNet_V2_Weights(WeightsEnum):  # noqa: N801 (torchvision's name)
    """Weights for `mobilenet_v2`."""

    IMAGENET1K_V1 = _published(
        "mobilenet_v2-b0353104", 3_504_872, 71.878, 90.286, "tree/main/references/classification#mobilenetv2"
    )
    IMAGENET1K_V2 = _published(
        "mobilenet_v2-7ebf99e0", 3_504_872, 72.154, 90.822, "issues/3995#new-recipe-with-reg-tuning", resize=232
    )
    DEFAULT = IMAGENET1K_V2
