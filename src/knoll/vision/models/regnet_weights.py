"""The weights that torchvision published for RegNet."""

from __future__ import annotations

from knoll.vision.models.imagenet import trained_on_imagenet
from knoll.vision.models.weights import WeightsEnum
from knoll.vision.transforms.functional.resize import InterpolationMode

__all__ = [
    "RegNet_X_1_6GF_Weights",
    "RegNet_X_3_2GF_Weights",
    "RegNet_X_8GF_Weights",
    "RegNet_X_16GF_Weights",
    "RegNet_X_32GF_Weights",
    "RegNet_X_400MF_Weights",
    "RegNet_X_800MF_Weights",
    "RegNet_Y_1_6GF_Weights",
    "RegNet_Y_3_2GF_Weights",
    "RegNet_Y_8GF_Weights",
    "RegNet_Y_16GF_Weights",
    "RegNet_Y_32GF_Weights",
    "RegNet_Y_128GF_Weights",
    "RegNet_Y_400MF_Weights",
    "RegNet_Y_800MF_Weights",
]

_SMALL = "tree/main/references/classification#small-models"
_MEDIUM = "tree/main/references/classification#medium-models"
_LARGE = "tree/main/references/classification#large-models"
_NEW = "issues/3995#new-recipe"
_FIXED_SIZES = "issues/3995#new-recipe-with-fixres"
_SWAG = "https://github.com/facebookresearch/SWAG"
_SWAG_LINEAR = "pull/5793"
_LICENCE = {"license": "https://github.com/facebookresearch/SWAG/blob/main/LICENSE"}
_CUBIC = InterpolationMode.BICUBIC


class RegNet_X_400MF_Weights(WeightsEnum):
    """Weights for `regnet_x_400mf`."""

    IMAGENET1K_V1 = trained_on_imagenet("regnet_x_400mf-adf1edd5", 5_495_976, 72.834, 90.950, _SMALL)
    IMAGENET1K_V2 = trained_on_imagenet(
        "regnet_x_400mf-62229a5f", 5_495_976, 74.864, 92.322, _FIXED_SIZES, resize_size=232
    )
    DEFAULT = IMAGENET1K_V2


class RegNet_X_800MF_Weights(WeightsEnum):
    """Weights for `regnet_x_800mf`."""

    IMAGENET1K_V1 = trained_on_imagenet("regnet_x_800mf-ad17e45c", 7_259_656, 75.212, 92.348, _SMALL)
    IMAGENET1K_V2 = trained_on_imagenet(
        "regnet_x_800mf-94a99ebd", 7_259_656, 77.522, 93.826, _FIXED_SIZES, resize_size=232
    )
    DEFAULT = IMAGENET1K_V2


class RegNet_X_1_6GF_Weights(WeightsEnum):
    """Weights for `regnet_x_1_6gf`."""

    IMAGENET1K_V1 = trained_on_imagenet("regnet_x_1_6gf-e3633e7f", 9_190_136, 77.040, 93.440, _SMALL)
    IMAGENET1K_V2 = trained_on_imagenet(
        "regnet_x_1_6gf-a12f2b72", 9_190_136, 79.668, 94.922, _FIXED_SIZES, resize_size=232
    )
    DEFAULT = IMAGENET1K_V2


class RegNet_X_3_2GF_Weights(WeightsEnum):
    """Weights for `regnet_x_3_2gf`."""

    IMAGENET1K_V1 = trained_on_imagenet("regnet_x_3_2gf-f342aeae", 15_296_552, 78.364, 93.992, _MEDIUM)
    IMAGENET1K_V2 = trained_on_imagenet("regnet_x_3_2gf-7071aa85", 15_296_552, 81.196, 95.430, _NEW, resize_size=232)
    DEFAULT = IMAGENET1K_V2


class RegNet_X_8GF_Weights(WeightsEnum):
    """Weights for `regnet_x_8gf`."""

    IMAGENET1K_V1 = trained_on_imagenet("regnet_x_8gf-03ceed89", 39_572_648, 79.344, 94.686, _MEDIUM)
    IMAGENET1K_V2 = trained_on_imagenet("regnet_x_8gf-2b70d774", 39_572_648, 81.682, 95.678, _NEW, resize_size=232)
    DEFAULT = IMAGENET1K_V2


class RegNet_X_16GF_Weights(WeightsEnum):
    """Weights for `regnet_x_16gf`."""

    IMAGENET1K_V1 = trained_on_imagenet("regnet_x_16gf-2007eb11", 54_278_536, 80.058, 94.944, _MEDIUM)
    IMAGENET1K_V2 = trained_on_imagenet("regnet_x_16gf-ba3796d7", 54_278_536, 82.716, 96.196, _NEW, resize_size=232)
    DEFAULT = IMAGENET1K_V2


class RegNet_X_32GF_Weights(WeightsEnum):
    """Weights for `regnet_x_32gf`."""

    IMAGENET1K_V1 = trained_on_imagenet("regnet_x_32gf-9d47f8d0", 107_811_560, 80.622, 95.248, _LARGE)
    IMAGENET1K_V2 = trained_on_imagenet("regnet_x_32gf-6eb8fdc6", 107_811_560, 83.014, 96.288, _NEW, resize_size=232)
    DEFAULT = IMAGENET1K_V2


class RegNet_Y_400MF_Weights(WeightsEnum):
    """Weights for `regnet_y_400mf`."""

    IMAGENET1K_V1 = trained_on_imagenet("regnet_y_400mf-c65dace8", 4_344_144, 74.046, 91.716, _SMALL)
    IMAGENET1K_V2 = trained_on_imagenet("regnet_y_400mf-e6988f5f", 4_344_144, 75.804, 92.742, _NEW, resize_size=232)
    DEFAULT = IMAGENET1K_V2


class RegNet_Y_800MF_Weights(WeightsEnum):
    """Weights for `regnet_y_800mf`."""

    IMAGENET1K_V1 = trained_on_imagenet("regnet_y_800mf-1b27b58c", 6_432_512, 76.420, 93.136, _SMALL)
    IMAGENET1K_V2 = trained_on_imagenet("regnet_y_800mf-58fc7688", 6_432_512, 78.828, 94.502, _NEW, resize_size=232)
    DEFAULT = IMAGENET1K_V2


class RegNet_Y_1_6GF_Weights(WeightsEnum):
    """Weights for `regnet_y_1_6gf`."""

    IMAGENET1K_V1 = trained_on_imagenet("regnet_y_1_6gf-b11a554e", 11_202_430, 77.950, 93.966, _SMALL)
    IMAGENET1K_V2 = trained_on_imagenet("regnet_y_1_6gf-0d7bc02a", 11_202_430, 80.876, 95.444, _NEW, resize_size=232)
    DEFAULT = IMAGENET1K_V2


class RegNet_Y_3_2GF_Weights(WeightsEnum):
    """Weights for `regnet_y_3_2gf`."""

    IMAGENET1K_V1 = trained_on_imagenet("regnet_y_3_2gf-b5a9779c", 19_436_338, 78.948, 94.576, _MEDIUM)
    IMAGENET1K_V2 = trained_on_imagenet("regnet_y_3_2gf-9180c971", 19_436_338, 81.982, 95.972, _NEW, resize_size=232)
    DEFAULT = IMAGENET1K_V2


class RegNet_Y_8GF_Weights(WeightsEnum):
    """Weights for `regnet_y_8gf`."""

    IMAGENET1K_V1 = trained_on_imagenet("regnet_y_8gf-d0d0e4a8", 39_381_472, 80.032, 95.048, _MEDIUM)
    IMAGENET1K_V2 = trained_on_imagenet("regnet_y_8gf-dc2b1b54", 39_381_472, 82.828, 96.330, _NEW, resize_size=232)
    DEFAULT = IMAGENET1K_V2


class RegNet_Y_16GF_Weights(WeightsEnum):
    """Weights for `regnet_y_16gf`."""

    IMAGENET1K_V1 = trained_on_imagenet("regnet_y_16gf-9e6ed7dd", 83_590_140, 80.424, 95.240, _LARGE)
    IMAGENET1K_V2 = trained_on_imagenet("regnet_y_16gf-3e4a00f9", 83_590_140, 82.886, 96.328, _NEW, resize_size=232)
    IMAGENET1K_SWAG_E2E_V1 = trained_on_imagenet(
        "regnet_y_16gf_swag-43afe44d",
        83_590_140,
        86.012,
        98.054,
        _SWAG,
        meta=_LICENCE,
        crop_size=384,
        resize_size=384,
        interpolation=_CUBIC,
    )
    IMAGENET1K_SWAG_LINEAR_V1 = trained_on_imagenet(
        "regnet_y_16gf_lc_swag-f3ec0043",
        83_590_140,
        83.976,
        97.244,
        _SWAG_LINEAR,
        meta=_LICENCE,
        resize_size=224,
        interpolation=_CUBIC,
    )
    DEFAULT = IMAGENET1K_V2


class RegNet_Y_32GF_Weights(WeightsEnum):
    """Weights for `regnet_y_32gf`."""

    IMAGENET1K_V1 = trained_on_imagenet("regnet_y_32gf-4dee3f7a", 145_046_770, 80.878, 95.340, _LARGE)
    IMAGENET1K_V2 = trained_on_imagenet("regnet_y_32gf-8db6d4b5", 145_046_770, 83.368, 96.498, _NEW, resize_size=232)
    IMAGENET1K_SWAG_E2E_V1 = trained_on_imagenet(
        "regnet_y_32gf_swag-04fdfa75",
        145_046_770,
        86.838,
        98.362,
        _SWAG,
        meta=_LICENCE,
        crop_size=384,
        resize_size=384,
        interpolation=_CUBIC,
    )
    IMAGENET1K_SWAG_LINEAR_V1 = trained_on_imagenet(
        "regnet_y_32gf_lc_swag-e1583746",
        145_046_770,
        84.622,
        97.480,
        _SWAG_LINEAR,
        meta=_LICENCE,
        resize_size=224,
        interpolation=_CUBIC,
    )
    DEFAULT = IMAGENET1K_V2


class RegNet_Y_128GF_Weights(WeightsEnum):
    """Weights for `regnet_y_128gf`."""

    IMAGENET1K_SWAG_E2E_V1 = trained_on_imagenet(
        "regnet_y_128gf_swag-c8ce3e52",
        644_812_894,
        88.228,
        98.682,
        _SWAG,
        meta=_LICENCE,
        crop_size=384,
        resize_size=384,
        interpolation=_CUBIC,
    )
    IMAGENET1K_SWAG_LINEAR_V1 = trained_on_imagenet(
        "regnet_y_128gf_lc_swag-cbe8ce12",
        644_812_894,
        86.068,
        97.844,
        _SWAG_LINEAR,
        meta=_LICENCE,
        resize_size=224,
        interpolation=_CUBIC,
    )
    DEFAULT = IMAGENET1K_SWAG_E2E_V1
