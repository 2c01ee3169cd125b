"""The weights that torchvision published for EfficientNet and EfficientNetV2."""

from __future__ import annotations

from knoll.vision.models.imagenet import trained_on_imagenet
from knoll.vision.models.weights import WeightsEnum
from knoll.vision.transforms.functional.resize import InterpolationMode

__all__ = [
    "EfficientNet_B0_Weights",
    "EfficientNet_B1_Weights",
    "EfficientNet_B2_Weights",
    "EfficientNet_B3_Weights",
    "EfficientNet_B4_Weights",
    "EfficientNet_B5_Weights",
    "EfficientNet_B6_Weights",
    "EfficientNet_B7_Weights",
    "EfficientNet_V2_L_Weights",
    "EfficientNet_V2_M_Weights",
    "EfficientNet_V2_S_Weights",
]

_RECIPE = "tree/main/references/classification#efficientnet-v1"
_RECIPE_V2 = "tree/main/references/classification#efficientnet-v2"
_CUBIC = InterpolationMode.BICUBIC


class EfficientNet_B0_Weights(WeightsEnum):
    """Weights for `efficientnet_b0`."""

    IMAGENET1K_V1 = trained_on_imagenet(
        "efficientnet_b0_rwightman-7f5810bc", 5_288_548, 77.692, 93.532, _RECIPE, resize_size=256, interpolation=_CUBIC
    )
    DEFAULT = IMAGENET1K_V1


class EfficientNet_B1_Weights(WeightsEnum):
    """Weights for `efficientnet_b1`."""

    IMAGENET1K_V1 = trained_on_imagenet(
        "efficientnet_b1_rwightman-bac287d4",
        7_794_184,
        78.642,
        94.186,
        _RECIPE,
        crop_size=240,
        resize_size=256,
        interpolation=_CUBIC,
    )
    IMAGENET1K_V2 = trained_on_imagenet(
        "efficientnet_b1-c27df63c",
        7_794_184,
        79.838,
        94.934,
        "issues/3995#new-recipe-with-lr-wd-crop-tuning",
        crop_size=240,
        resize_size=255,
    )
    DEFAULT = IMAGENET1K_V2


class EfficientNet_B2_Weights(WeightsEnum):
    """Weights for `efficientnet_b2`."""

    IMAGENET1K_V1 = trained_on_imagenet(
        "efficientnet_b2_rwightman-c35c1473",
        9_109_994,
        80.608,
        95.310,
        _RECIPE,
        crop_size=288,
        resize_size=288,
        interpolation=_CUBIC,
    )
    DEFAULT = IMAGENET1K_V1


class EfficientNet_B3_Weights(WeightsEnum):
    """Weights for `efficientnet_b3`."""

    IMAGENET1K_V1 = trained_on_imagenet(
        "efficientnet_b3_rwightman-b3899882",
        12_233_232,
        82.008,
        96.054,
        _RECIPE,
        crop_size=300,
        resize_size=320,
        interpolation=_CUBIC,
    )
    DEFAULT = IMAGENET1K_V1


class EfficientNet_B4_Weights(WeightsEnum):
    """Weights for `efficientnet_b4`."""

    IMAGENET1K_V1 = trained_on_imagenet(
        "efficientnet_b4_rwightman-23ab8bcd",
        19_341_616,
        83.384,
        96.594,
        _RECIPE,
        crop_size=380,
        resize_size=384,
        interpolation=_CUBIC,
    )
    DEFAULT = IMAGENET1K_V1


class EfficientNet_B5_Weights(WeightsEnum):
    """Weights for `efficientnet_b5`."""

    IMAGENET1K_V1 = trained_on_imagenet(
        "efficientnet_b5_lukemelas-1a07897c",
        30_389_784,
        83.444,
        96.628,
        _RECIPE,
        crop_size=456,
        resize_size=456,
        interpolation=_CUBIC,
    )
    DEFAULT = IMAGENET1K_V1


class EfficientNet_B6_Weights(WeightsEnum):
    """Weights for `efficientnet_b6`."""

    IMAGENET1K_V1 = trained_on_imagenet(
        "efficientnet_b6_lukemelas-24a108a5",
        43_040_704,
        84.008,
        96.916,
        _RECIPE,
        crop_size=528,
        resize_size=528,
        interpolation=_CUBIC,
    )
    DEFAULT = IMAGENET1K_V1


class EfficientNet_B7_Weights(WeightsEnum):
    """Weights for `efficientnet_b7`."""

    IMAGENET1K_V1 = trained_on_imagenet(
        "efficientnet_b7_lukemelas-c5b4e57e",
        66_347_960,
        84.122,
        96.908,
        _RECIPE,
        crop_size=600,
        resize_size=600,
        interpolation=_CUBIC,
    )
    DEFAULT = IMAGENET1K_V1


class EfficientNet_V2_S_Weights(WeightsEnum):
    """Weights for `efficientnet_v2_s`."""

    IMAGENET1K_V1 = trained_on_imagenet(
        "efficientnet_v2_s-dd5fe13b", 21_458_488, 84.228, 96.878, _RECIPE_V2, least=33, crop_size=384, resize_size=384
    )
    DEFAULT = IMAGENET1K_V1


class EfficientNet_V2_M_Weights(WeightsEnum):
    """Weights for `efficientnet_v2_m`."""

    IMAGENET1K_V1 = trained_on_imagenet(
        "efficientnet_v2_m-dc08266a", 54_139_356, 85.112, 97.156, _RECIPE_V2, least=33, crop_size=480, resize_size=480
    )
    DEFAULT = IMAGENET1K_V1


class EfficientNet_V2_L_Weights(WeightsEnum):
    """Weights for `efficientnet_v2_l`."""

    IMAGENET1K_V1 = trained_on_imagenet(
        "efficientnet_v2_l-59c71312",
        118_515_272,
        85.808,
        97.788,
        _RECIPE_V2,
        least=33,
        crop_size=480,
        resize_size=480,
        interpolation=_CUBIC,
        mean=(0.5, 0.5, 0.5),
        std=(0.5, 0.5, 0.5),
    )
    DEFAULT = IMAGENET1K_V1
