"""Colours, turns and erasing of the second version of the transforms: the bytes are torchvision's, to the last."""

from __future__ import annotations

import zlib
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from PIL import Image

import knoll
from knoll.errors import ArgumentError, ArgumentTypeError, ShapeError
from knoll.tensor import from_numpy
from knoll.vision import tv_tensors
from knoll.vision.transforms import v2
from knoll.vision.transforms.v2 import functional

BYTES = np.random.default_rng(11).integers(0, 256, (3, 24, 31), dtype=np.uint8)
CALLS: dict[str, Callable[[Any, Any], Any]] = {
    "brightness": lambda lib, x: lib.adjust_brightness(x, 1.37),
    "contrast": lambda lib, x: lib.adjust_contrast(x, 1.3),
    "saturation": lambda lib, x: lib.adjust_saturation(x, 1.7),
    "sharpness": lambda lib, x: lib.adjust_sharpness(x, 1.3),
    "hue": lambda lib, x: lib.adjust_hue(x, 0.23),
    "gamma": lambda lib, x: lib.adjust_gamma(x, 2.2, 0.9),
    "grey": lambda lib, x: lib.rgb_to_grayscale(x, 3),
    "posterised": lambda lib, x: lib.posterize(x, 3),
    "contrast of its own": lambda lib, x: lib.autocontrast(x[:, 3:9, 4:7]),
    "equalised": lambda lib, x: lib.equalize(x),
    "turned": lambda lib, x: lib.rotate(x, -90, expand=True),
    "turned in its frame": lambda lib, x: lib.rotate(x, 90),
}
# Of the bytes of each result, the CRC-32 in torchvision 0.28.
SUMS = {
    "brightness": 248_512_874,
    "contrast": 2_956_835_641,
    "saturation": 680_657_986,
    "sharpness": 3_614_162_753,
    "hue": 836_869_199,
    "gamma": 3_028_007_601,
    "grey": 4_231_227_375,
    "posterised": 2_538_313_475,
    "contrast of its own": 7_346_510,
    "equalised": 410_270_777,
    "turned": 1_603_366_485,
    "turned in its frame": 3_777_792_827,
}


def bytes_of(made: Any) -> bytes:
    return np.ascontiguousarray(made.numpy()).tobytes()


@pytest.mark.parametrize("name", CALLS)
def test_bytes_are_those_of_torchvision_0_28(name: str) -> None:
    assert zlib.crc32(bytes_of(CALLS[name](functional, from_numpy(BYTES)))) == SUMS[name]


@pytest.mark.parametrize("dtype", [np.uint8, np.int16, np.int32, np.float32, np.float64])
@pytest.mark.parametrize("name", CALLS)
def test_numbers_are_torchvisions(torch: Any, name: str, dtype: type[np.generic]) -> None:
    theirs = pytest.importorskip("torchvision.transforms.v2.functional")
    is_float = np.issubdtype(dtype, np.floating)
    pixels = (BYTES / 255 if is_float else BYTES).astype(dtype)
    if name in ("hue", "gamma", "contrast of its own") and dtype == np.int32:
        pytest.skip("torchvision refuses it, or goes beyond the largest number")
    found, expected = CALLS[name](functional, from_numpy(pixels)), CALLS[name](theirs, torch.from_numpy(pixels))
    if is_float:
        np.testing.assert_allclose(found.numpy(), expected.numpy(), rtol=0, atol=2e-7)
    else:
        np.testing.assert_array_equal(found.numpy(), expected.numpy())
    assert found.numpy().dtype == expected.numpy().dtype


def test_transforms_of_samples_change_colours_so() -> None:
    """Not as those of single images do, which round more often."""
    x = from_numpy(BYTES)
    for name, transform in {
        "brightness": v2.ColorJitter(brightness=(1.37, 1.37)),
        "contrast": v2.ColorJitter(contrast=(1.3, 1.3)),
        "saturation": v2.ColorJitter(saturation=(1.7, 1.7)),
        "hue": v2.ColorJitter(hue=(0.23, 0.23)),
        "sharpness": v2.RandomAdjustSharpness(1.3, p=1.0),
        "grey": v2.Grayscale(3),
        "posterised": v2.RandomPosterize(3, p=1.0),
        "equalised": v2.RandomEqualize(p=1.0),
        "turned": v2.RandomRotation((-90, -90), expand=True),
    }.items():
        assert bytes_of(transform(x)) == bytes_of(CALLS[name](functional, x)), name


def test_augmentations_take_floats() -> None:
    """As numbers from 0 to 1, also of the operations for bytes."""
    x = tv_tensors.Image(from_numpy((BYTES / 255).astype(np.float32)))
    knoll.manual_seed(0)
    for transform in (v2.RandAugment(), v2.TrivialAugmentWide(), v2.AutoAugment(), v2.AugMix()):
        for _ in range(20):
            made = transform(x)
            assert isinstance(made, tv_tensors.Image)
            assert made.dtype == np.float32
            assert 0 <= made.min().item() <= made.max().item() <= 1


def test_quarter_turns_leave_nothing_over() -> None:
    column = from_numpy(np.arange(4, dtype=np.uint8).reshape(1, 4, 1))
    assert functional.rotate(column, 270, expand=True).tolist() == [[[3, 2, 1, 0]]]
    assert functional.rotate(column, 450, expand=True).tolist() == [[[0, 1, 2, 3]]]
    assert functional.rotate(column, -180).flatten().tolist() == [3, 2, 1, 0]
    mask = functional.rotate(tv_tensors.Mask(column), 90, expand=True)
    assert isinstance(mask, tv_tensors.Mask)
    assert mask.shape == (1, 1, 4)


def test_floats_of_few_bits_stay_what_they_are() -> None:
    half = from_numpy((BYTES / 255).astype(np.float16))
    for made in (
        functional.rotate(half, 12.5),
        functional.affine(half, 10, [1, 0], 1.0, [0.0]),
        functional.elastic(half, knoll.zeros(1, 24, 31, 2)),
    ):
        assert made.dtype == np.float16


def test_pictures_are_erased() -> None:
    picture = Image.fromarray(BYTES.transpose(1, 2, 0))
    made = np.asarray(functional.erase(picture, 2, 3, 4, 5, knoll.tensor([[[1]], [[2]], [[3]]], dtype=knoll.uint8)))
    assert (made[2:6, 3:8] == (1, 2, 3)).all()
    made = made.copy()
    made[2:6, 3:8] = np.asarray(picture)[2:6, 3:8]
    np.testing.assert_array_equal(made, np.asarray(picture))


def test_types_are_changed_and_kinds_kept() -> None:
    image = tv_tensors.Image(from_numpy((BYTES / 255).astype(np.float32)))
    assert isinstance(functional.convert_image_dtype(image, knoll.float32), tv_tensors.Image)
    assert isinstance(functional.convert_image_dtype(image, knoll.float64), tv_tensors.Image)
    whole = functional.convert_image_dtype(image, knoll.uint8)
    assert type(whole) is knoll.Tensor
    np.testing.assert_array_equal(whole.numpy(), BYTES)
    with pytest.raises(ArgumentTypeError, match="should be Tensor Image"):
        functional.convert_image_dtype(BYTES)


def test_black_and_white_pictures_are_truths() -> None:
    picture = Image.fromarray(BYTES[0] > 127)
    assert functional.to_image(picture).dtype == np.bool_
    np.testing.assert_array_equal(functional.pil_to_tensor(picture).numpy()[0], BYTES[0] > 127)


@pytest.mark.parametrize(
    ("call", "kind", "words"),
    [
        (lambda x: functional.posterize(x, 9), ArgumentTypeError, r"integer in the range \[0, 8\], got 9 instead"),
        (lambda x: functional.adjust_hue(x[:2], 0.1), ArgumentTypeError, "are 1 or 3, but found 2"),
        (lambda x: functional.adjust_sharpness(x[:2], 0.1), ArgumentTypeError, "can have 1 or 3 channels, but found 2"),
        (lambda x: functional.adjust_hue(x, 0.7), ArgumentError, r"hue_factor \(0.7\) is not in"),
        (lambda x: functional.adjust_gamma(x, -1), ArgumentError, "non-negative real number"),
        (lambda x: functional.adjust_saturation(x, -1), ArgumentError, r"saturation_factor \(-1\) is not non-negative"),
        (lambda x: functional.rgb_to_grayscale(x, 2), ArgumentError, "num_output_channels must be 1 or 3, got 2"),
        (lambda x: functional.autocontrast(x[0]), ShapeError, "at least 3 dimensions"),
        (lambda x: functional.rotate(x, "9"), ArgumentTypeError, "angle should be int or float"),
    ],
)
def test_bad_input_is_refused(call: Callable[[Any], Any], kind: type[Exception], words: str) -> None:
    with pytest.raises(kind, match=words):
        call(from_numpy(BYTES))


def test_empty_images_and_flat_ones() -> None:
    for function in (functional.equalize, functional.autocontrast, lambda x: functional.adjust_sharpness(x, 2.0)):
        assert function(knoll.zeros(3, 0, 4)).shape == (3, 0, 4)
        flat = knoll.full((3, 4, 4), 77, dtype=knoll.uint8)
        np.testing.assert_array_equal(function(flat).numpy(), flat.numpy())
