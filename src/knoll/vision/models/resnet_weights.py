"""The weights that torchvision published for ResNet, ResNeXt and Wide ResNet."""

from __future__ import annotations

from knoll.vision.models.imagenet import trained_on_imagenet
from knoll.vision.models.weights import Weights, WeightsEnum

__all__ = [
    "ResNeXt50_32X4D_Weights",
    "ResNeXt101_32X8D_Weights",
    "ResNeXt101_64X4D_Weights",
    "ResNet18_Weights",
    "ResNet34_Weights",
    "ResNet50_Weights",
    "ResNet101_Weights",
    "ResNet152_Weights",
    "Wide_ResNet50_2_Weights",
    "Wide_ResNet101_2_Weights",
]

_RECIPES = "tree/main/references/classification"
_NEW = "issues/3995#new-recipe"
_FIXED_SIZES = "issues/3995#new-recipe-with-fixres"
_WIDE = "pull/912#issue-445437439"


def _new(file: str, num_params: int, first: float, fifth: float, recipe: str) -> Weights:
    return trained_on_imagenet(file, num_params, first, fifth, recipe, resize_size=232)


class ResNet18_Weights(WeightsEnum):
    """Weights for `resnet18`."""

    IMAGENET1K_V1 = trained_on_imagenet("resnet18-f37072fd", 11_689_512, 69.758, 89.078, f"{_RECIPES}#resnet")
    DEFAULT = IMAGENET1K_V1


class ResNet34_Weights(WeightsEnum):
    """Weights for `resnet34`."""

    IMAGENET1K_V1 = trained_on_imagenet("resnet34-b627a593", 21_797_672, 73.314, 91.420, f"{_RECIPES}#resnet")
    DEFAULT = IMAGENET1K_V1


class ResNet50_Weights(WeightsEnum):
    """Weights for `resnet50`."""

    IMAGENET1K_V1 = trained_on_imagenet("resnet50-0676ba61", 25_557_032, 76.130, 92.862, f"{_RECIPES}#resnet")
    IMAGENET1K_V2 = _new("resnet50-11ad3fa6", 25_557_032, 80.858, 95.434, "issues/3995#issuecomment-1013906621")
    DEFAULT = IMAGENET1K_V2


class ResNet101_Weights(WeightsEnum):
    """Weights for `resnet101`."""

    IMAGENET1K_V1 = trained_on_imagenet("resnet101-63fe2227", 44_549_160, 77.374, 93.546, f"{_RECIPES}#resnet")
    IMAGENET1K_V2 = _new("resnet101-cd907fc2", 44_549_160, 81.886, 95.780, _NEW)
    DEFAULT = IMAGENET1K_V2


class ResNet152_Weights(WeightsEnum):
    """Weights for `resnet152`."""

    IMAGENET1K_V1 = trained_on_imagenet("resnet152-394f9c45", 60_192_808, 78.312, 94.046, f"{_RECIPES}#resnet")
    IMAGENET1K_V2 = _new("resnet152-f82ba261", 60_192_808, 82.284, 96.002, _NEW)
    DEFAULT = IMAGENET1K_V2


class ResNeXt50_32X4D_Weights(WeightsEnum):
    """Weights for `resnext50_32x4d`."""

    IMAGENET1K_V1 = trained_on_imagenet("resnext50_32x4d-7cdf4587", 25_028_904, 77.618, 93.698, f"{_RECIPES}#resnext")
    IMAGENET1K_V2 = _new("resnext50_32x4d-1a0047aa", 25_028_904, 81.198, 95.340, _NEW)
    DEFAULT = IMAGENET1K_V2


class ResNeXt101_32X8D_Weights(WeightsEnum):
    """Weights for `resnext101_32x8d`."""

    IMAGENET1K_V1 = trained_on_imagenet("resnext101_32x8d-8ba56ff5", 88_791_336, 79.312, 94.526, f"{_RECIPES}#resnext")
    IMAGENET1K_V2 = _new("resnext101_32x8d-110c445d", 88_791_336, 82.834, 96.228, _FIXED_SIZES)
    DEFAULT = IMAGENET1K_V2


class ResNeXt101_64X4D_Weights(WeightsEnum):
    """Weights for `resnext101_64x4d`."""

    IMAGENET1K_V1 = _new("resnext101_64x4d-173b62eb", 83_455_272, 83.246, 96.454, "pull/5935")
    DEFAULT = IMAGENET1K_V1


class Wide_ResNet50_2_Weights(WeightsEnum):
    """Weights for `wide_resnet50_2`."""

    IMAGENET1K_V1 = trained_on_imagenet("wide_resnet50_2-95faca4d", 68_883_240, 78.468, 94.086, _WIDE)
    IMAGENET1K_V2 = _new("wide_resnet50_2-9ba9bcbe", 68_883_240, 81.602, 95.758, _FIXED_SIZES)
    DEFAULT = IMAGENET1K_V2


class Wide_ResNet101_2_Weights(WeightsEnum):
    """Weights for `wide_resnet101_2`."""

    IMAGENET1K_V1 = trained_on_imagenet("wide_resnet101_2-32ee1156", 126_886_696, 78.848, 94.284, _WIDE)
    IMAGENET1K_V2 = _new("wide_resnet101_2-d733dc28", 126_886_696, 82.510, 96.020, _NEW)
    DEFAULT = IMAGENET1K_V2
