"""Functional transforms: against Pillow, against laws of their own, and against torchvision where it is installed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from PIL import Image

from knoll import uint8
from knoll.errors import ArgumentError, ArgumentTypeError, ShapeError
from knoll.tensor import Tensor, from_numpy
from knoll.vision.transforms import functional
from knoll.vision.transforms.functional import InterpolationMode

RNG = np.random.default_rng(0)
BYTES = RNG.integers(0, 256, (3, 13, 17), dtype=np.uint8)
FLOATS = RNG.random((2, 3, 13, 17), dtype=np.float32)
PICTURE = Image.fromarray(BYTES.transpose(1, 2, 0))

# Functions that do the same to a picture and to a tensor of 8 bits, to the last bit.
ALIKE: dict[str, Callable[[Any], Any]] = {
    "crop": lambda image: functional.crop(image, -2, 3, 9, 40),
    "center_crop": lambda image: functional.center_crop(image, (20, 4)),
    "pad": lambda image: functional.pad(image, (1, 2, 3, -4), 7),
    "pad edge": lambda image: functional.pad(image, (3, -2), padding_mode="edge"),
    "pad reflect": lambda image: functional.pad(image, 4, padding_mode="reflect"),
    "pad symmetric": lambda image: functional.pad(image, [1, 2, 3, 4], padding_mode="symmetric"),
    "hflip": functional.hflip,
    "vflip": functional.vflip,
    "invert": functional.invert,
    "posterize": lambda image: functional.posterize(image, 3),
    "solarize": lambda image: functional.solarize(image, 100),
    "equalize": functional.equalize,
    "gaussian_blur": lambda image: functional.gaussian_blur(image, (3, 5), 1.2),
    "rotate": lambda image: functional.rotate(image, 180),
    "resize nearest": lambda image: functional.resize(image, (7, 30), InterpolationMode.NEAREST_EXACT),
}

# Those in which Pillow rounds at other places: at most this many of 255 apart.
NEAR: dict[str, tuple[int, Callable[[Any], Any]]] = {
    "brightness": (1, lambda image: functional.adjust_brightness(image, 1.3)),
    "contrast": (2, lambda image: functional.adjust_contrast(image, 0.6)),
    "saturation": (2, lambda image: functional.adjust_saturation(image, 1.7)),
    "sharpness": (1, lambda image: functional.adjust_sharpness(image, 0.4)),
    "gamma": (1, lambda image: functional.adjust_gamma(image, 0.7, 1.1)),
    "grey": (1, lambda image: functional.rgb_to_grayscale(image, 3)),
    "autocontrast": (1, functional.autocontrast),
    "resize": (1, lambda image: functional.resize(image, (6, 9))),
    "resize larger": (1, lambda image: functional.resize(image, 40)),
    "resize bicubic": (1, lambda image: functional.resize(image, (6, 20), InterpolationMode.BICUBIC)),
}


def pixels(image: Any) -> Any:
    return image.numpy() if isinstance(image, Tensor) else np.atleast_3d(np.asarray(image)).transpose(2, 0, 1)


@pytest.mark.parametrize("name", ALIKE)
def test_pictures_and_tensors_become_the_same(name: str) -> None:
    np.testing.assert_array_equal(pixels(ALIKE[name](PICTURE)), pixels(ALIKE[name](from_numpy(BYTES))))


@pytest.mark.parametrize("name", NEAR)
def test_pictures_and_tensors_become_nearly_the_same(name: str) -> None:
    furthest, function = NEAR[name]
    of_picture, of_tensor = (pixels(function(image)).astype(int) for image in (PICTURE, from_numpy(BYTES)))
    assert of_picture.shape == of_tensor.shape
    assert np.abs(of_picture - of_tensor).max() <= furthest
    assert np.ptp(of_picture) > 100


@pytest.mark.parametrize("name", [*ALIKE, *NEAR, "hue", "affine", "rotate by 30"])
def test_tensors_become_as_in_torchvision(name: str) -> None:
    torch, theirs = pytest.importorskip("torch"), pytest.importorskip("torchvision.transforms.functional")
    calls: dict[str, tuple[str, tuple[Any, ...]]] = {
        "crop": ("crop", (-2, 3, 9, 40)), "center_crop": ("center_crop", ([20, 4],)),
        "pad": ("pad", ([1, 2, 3, -4], 7)), "pad edge": ("pad", ([3, -2], 0, "edge")),
        "pad reflect": ("pad", ([4], 0, "reflect")), "pad symmetric": ("pad", ([1, 2, 3, 4], 0, "symmetric")),
        "hflip": ("hflip", ()), "vflip": ("vflip", ()), "invert": ("invert", ()), "equalize": ("equalize", ()),
        "posterize": ("posterize", (3,)), "solarize": ("solarize", (100,)), "rotate": ("rotate", (180,)),
        "gaussian_blur": ("gaussian_blur", ([3, 5], [1.2, 1.2])), "autocontrast": ("autocontrast", ()),
        "brightness": ("adjust_brightness", (1.3,)), "contrast": ("adjust_contrast", (0.6,)),
        "saturation": ("adjust_saturation", (1.7,)), "sharpness": ("adjust_sharpness", (0.4,)),
        "gamma": ("adjust_gamma", (0.7, 1.1)), "grey": ("rgb_to_grayscale", (3,)), "hue": ("adjust_hue", (0.2,)),
        "affine": ("affine", (20.0, [2, -1], 1.2, [5.0, 3.0])), "rotate by 30": ("rotate", (30,)),
        "resize": ("resize", ([6, 9],)), "resize larger": ("resize", ([40],)),
    }  # fmt: skip
    if name not in calls:
        pytest.skip("its interpolation has another type there")
    word, arguments = calls[name]
    for image in (BYTES, FLOATS):
        if image is FLOATS and name in ("posterize", "equalize", "solarize"):
            continue
        ours = getattr(functional, word)(from_numpy(image), *arguments).numpy()
        other = getattr(theirs, word)(torch.from_numpy(image.copy()), *arguments).numpy()
        np.testing.assert_allclose(ours, other, rtol=0, atol=1 if image is BYTES else 1e-4)


@pytest.mark.parametrize("quarters", [1, 2, 3, -1])
def test_quarter_turns_lose_nothing(quarters: int) -> None:
    turned = functional.rotate(from_numpy(FLOATS[..., :13]), 90 * quarters)
    np.testing.assert_array_equal(turned.numpy(), np.rot90(FLOATS[..., :13], quarters, (-2, -1)))


def test_an_image_turned_with_expand_is_whole() -> None:
    turned = functional.rotate(from_numpy(FLOATS), 90, expand=True)
    np.testing.assert_array_equal(turned.numpy(), np.rot90(FLOATS, 1, (-2, -1)))
    assert functional.rotate(PICTURE, 45, expand=True).size == (23, 23)


def test_outside_of_a_turned_image_is_its_fill() -> None:
    for mode in (InterpolationMode.NEAREST, InterpolationMode.BILINEAR):
        turned = functional.rotate(from_numpy(FLOATS), 45, mode, fill=[1.0, 2.0, 3.0]).numpy()
        np.testing.assert_allclose(turned[:, :, 0, 0], [[1, 2, 3]] * 2)


def test_a_shift_by_whole_pixels_is_a_window() -> None:
    shifted = functional.affine(from_numpy(FLOATS), 0, [2, -1], 1.0, 0.0)
    np.testing.assert_array_equal(shifted.numpy(), functional.crop(from_numpy(FLOATS), 1, -2, 13, 17).numpy())


@pytest.mark.parametrize("mode", [InterpolationMode.BILINEAR, InterpolationMode.BICUBIC])
@pytest.mark.parametrize("antialias", [True, False])
@pytest.mark.parametrize("size", [(4, 5), (13, 40), (1, 1)])
def test_even_images_stay_even_at_every_size(mode: InterpolationMode, antialias: bool, size: tuple[int, int]) -> None:
    even = from_numpy(np.full((1, 13, 17), 0.25, np.float32))
    np.testing.assert_allclose(functional.resize(even, size, mode, antialias=antialias).numpy(), 0.25, rtol=1e-6)


def test_halving_with_antialias_is_a_mean_of_four_weights() -> None:
    ramp = from_numpy(np.arange(8, dtype=np.float32).reshape(1, 1, 8))
    halved = functional.resize(ramp, (1, 4)).numpy()[0, 0]
    np.testing.assert_allclose(halved[1], (1 * 1 + 2 * 3 + 3 * 3 + 4 * 1) / 8, rtol=1e-6)


def test_a_third_of_the_circle_turns_red_into_green() -> None:
    red = from_numpy(np.array([1, 0, 0], np.float32).reshape(3, 1, 1))
    np.testing.assert_allclose(functional.adjust_hue(red, 1 / 3).numpy().ravel(), [0, 1, 0], atol=1e-6)


@pytest.mark.parametrize("image", [BYTES, FLOATS])
def test_factors_of_one_change_nothing(image: Any) -> None:
    for change in (functional.adjust_brightness, functional.adjust_contrast, functional.adjust_saturation):
        np.testing.assert_allclose(change(from_numpy(image), 1.0).numpy(), image, atol=1e-6)
    np.testing.assert_allclose(functional.adjust_hue(from_numpy(FLOATS), 0.0).numpy(), FLOATS, atol=1e-5)


def test_a_blurred_point_is_its_kernel() -> None:
    point = np.zeros((1, 9, 9))
    point[0, 4, 4] = 1
    kernel = functional.gaussian_blur(from_numpy(point), 5, 1.0).numpy()[0, 2:7, 2:7]
    bell = np.exp(-0.5 * np.arange(-2, 3) ** 2)
    np.testing.assert_allclose(kernel, np.outer(bell, bell) / bell.sum() ** 2, rtol=1e-12)


def test_five_parts_are_the_corners_and_the_middle() -> None:
    parts = [part.numpy() for part in functional.five_crop(from_numpy(BYTES), (4, 5))]
    places = [(0, 0), (0, 12), (9, 0), (9, 12), (4, 6)]
    for part, (top, left) in zip(parts, places, strict=True):
        np.testing.assert_array_equal(part, BYTES[:, top : top + 4, left : left + 5])
    assert len(functional.ten_crop(PICTURE, 4)) == 10


def test_pictures_come_back_from_tensors() -> None:
    assert functional.to_pil_image(functional.to_tensor(PICTURE)).tobytes() == PICTURE.tobytes()
    for mode in ("L", "LA", "RGBA", "I", "F", "CMYK", "HSV"):
        image = PICTURE.convert("L").convert(mode) if mode in ("LA", "I", "F") else PICTURE.convert(mode)
        named = mode if mode in ("F", "CMYK", "HSV") else None
        back = functional.to_pil_image(functional.pil_to_tensor(image), named)
        assert back.mode == mode
        np.testing.assert_array_equal(np.asarray(back), np.asarray(image))


def test_white_stays_white_in_every_type() -> None:
    for name in ("uint8", "int16", "int32", "float64"):
        dtype = np.dtype(name)
        white = np.full((1, 1, 1), 1 if dtype.kind == "f" else np.iinfo(dtype).max, dtype)
        assert functional.convert_image_dtype(from_numpy(white)).item() == pytest.approx(1.0)
        if name != "int32":
            assert functional.convert_image_dtype(from_numpy(white), uint8).item() == 255


def test_erasing_writes_into_a_copy_unless_it_is_told_otherwise() -> None:
    image = from_numpy(np.ones((1, 3, 3), np.float32))
    assert functional.erase(image, 1, 1, 2, 2, 0.0).sum().item() == 5
    assert image.sum().item() == 9
    assert functional.erase(image, 0, 0, 1, 1, 0.0, inplace=True) is image
    assert image.sum().item() == 8


@pytest.mark.parametrize(("call", "kind", "said"), [
    (lambda: functional.rgb_to_grayscale(PICTURE, 2), ArgumentError, "num_output_channels should be either 1 or 3"),
    (lambda: functional.adjust_hue(PICTURE, 0.6), ArgumentError, r"hue_factor \(0.6\) is not in \[-0.5, 0.5\]"),
    (lambda: functional.adjust_gamma(PICTURE, -1), ArgumentError, "Gamma should be a non-negative real number"),
    (lambda: functional.adjust_contrast(from_numpy(FLOATS), -1), ArgumentError, "is not non-negative"),
    (lambda: functional.adjust_contrast(from_numpy(FLOATS[:, :2]), 1), ArgumentTypeError, r"\[1, 3\], but found 2"),
    (lambda: functional.adjust_contrast(from_numpy(FLOATS[0, 0]), 1), ShapeError, "at least 3 dimensions"),
    (lambda: functional.pad(PICTURE, (1, 2, 3)), ArgumentError, "not a 3 element tuple"),
    (lambda: functional.pad(PICTURE, 1, padding_mode="wrap"), ArgumentError, "either constant, edge, reflect or"),
    (lambda: functional.pad(PICTURE, 1, "red"), ArgumentTypeError, "inappropriate fill"),
    (lambda: functional.pad(PICTURE, 1, (1, 2)), ArgumentError, "does not match the number of channels"),
    (lambda: functional.pad(from_numpy(BYTES), 1, (1, 2, 3)), ArgumentTypeError, "inappropriate fill"),
    (lambda: functional.five_crop(PICTURE, 14), ArgumentError, "is bigger than input size"),
    (lambda: functional.gaussian_blur(PICTURE, 4), ArgumentError, "odd and positive integers"),
    (lambda: functional.gaussian_blur(PICTURE, 3, 0), ArgumentError, "sigma should have positive values"),
    (lambda: functional.to_pil_image("cat"), ArgumentTypeError, "pic should be Tensor or ndarray"),
    (lambda: functional.to_pil_image(np.zeros((2, 2, 5))), ArgumentError, r"> 4 channels\. Got 5 channels"),
    (lambda: functional.to_pil_image(from_numpy(BYTES), "LA"), ArgumentError, "Only modes"),
    (lambda: functional.to_pil_image(np.zeros((2, 2, 3), int)), ArgumentTypeError, "int64 is not supported"),
    (lambda: functional.rotate(PICTURE, "a"), ArgumentTypeError, "angle should be int or float"),
    (lambda: functional.rotate(from_numpy(BYTES), 3, "bicubic"), ArgumentError, "unsupported with Tensor input"),
    (lambda: functional.affine(PICTURE, 0, 1, 1, 0), ArgumentTypeError, "translate should be a sequence"),
    (lambda: functional.affine(PICTURE, 0, (1, 1), 0, 0), ArgumentError, "scale should be positive"),
    (lambda: functional.resize(from_numpy(BYTES), 4, "hamming"), ArgumentError, "bicubic or lanczos"),
    (lambda: functional.posterize(from_numpy(FLOATS), 3), ArgumentError, "Only torch.uint8 image tensors"),
    (lambda: functional.solarize(from_numpy(FLOATS), 3), ArgumentTypeError, "less than bound of img"),
    (lambda: functional.erase(PICTURE, 0, 0, 1, 1, 0), ArgumentTypeError, "(?s)Tensor Image.*ToTensor"),
    (lambda: functional.convert_image_dtype(PICTURE), ArgumentTypeError, "Input img should be Tensor Image"),
    (lambda: functional.hflip("cat"), ArgumentTypeError, "Unexpected type <class 'str'>"),
])  # fmt: skip
def test_what_cannot_be_done_is_refused(call: Callable[[], Any], kind: type[Exception], said: str) -> None:
    with pytest.raises(kind, match=said):
        call()
