"""Random transforms: what they draw, that a sample always gets the same, and what they refuse."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from PIL import Image

from knoll.data import Draws, drawing
from knoll.errors import ArgumentError, ArgumentTypeError
from knoll.tensor import Tensor, from_numpy
from knoll.vision import transforms
from knoll.vision.transforms import ToTensor
from knoll.vision.transforms.functional import hflip

RNG = np.random.default_rng(1)
IMAGE = Image.fromarray(RNG.integers(0, 256, (20, 30, 3), dtype=np.uint8))
TENSOR = ToTensor()(IMAGE)

RANDOM: dict[str, Any] = {
    "RandomResizedCrop": transforms.RandomResizedCrop(8),
    "RandomCrop": transforms.RandomCrop(25, padding=2, pad_if_needed=True, padding_mode="reflect"),
    "RandomRotation": transforms.RandomRotation(30),
    "RandomAffine": transforms.RandomAffine(10, (0.1, 0.2), (0.5, 2), (-5, 5, -3, 3)),
    "RandomPerspective": transforms.RandomPerspective(0.6, p=0.9, fill=3),
    "ColorJitter": transforms.ColorJitter(0.4, 0.4, 0.4, 0.2),
    "RandomGrayscale": transforms.RandomGrayscale(0.5),
    "RandomVerticalFlip": transforms.RandomVerticalFlip(),
    "GaussianBlur": transforms.GaussianBlur(3),
    "RandomErasing": transforms.RandomErasing(1, value="random"),
    "RandomApply": transforms.RandomApply([transforms.RandomHorizontalFlip(1)]),
    "RandomOrder": transforms.RandomOrder([transforms.CenterCrop(9), transforms.Pad(1)]),
    "RandomChoice": transforms.RandomChoice([transforms.CenterCrop(9), transforms.Pad(1)]),
    "RandomInvert": transforms.RandomInvert(),
    "RandomAutocontrast": transforms.RandomAutocontrast(),
    "RandomAdjustSharpness": transforms.RandomAdjustSharpness(2),
}


def values(image: Any) -> Any:
    return image.numpy() if isinstance(image, Tensor) else np.asarray(image)


@pytest.mark.parametrize("name", RANDOM)
@pytest.mark.parametrize("image", [IMAGE, TENSOR], ids=["picture", "tensor"])
def test_a_sample_gets_the_same_in_an_epoch_and_another_in_the_next(name: str, image: Any) -> None:
    if name == "RandomErasing" and image is IMAGE:
        pytest.skip("tensors only")

    def drawn(epoch: int) -> bytes:
        with drawing(Draws(5, epoch, [3])):
            made = values(RANDOM[name](image))
        return bytes(str(made.shape), "ascii") + made.tobytes()

    assert drawn(0) == drawn(0)
    assert len({drawn(epoch) for epoch in range(12)}) > 1


def test_parts_have_the_area_and_the_proportion_that_is_asked_for() -> None:
    whole = from_numpy(np.zeros((1, 100, 120), np.float32))
    parts = [transforms.RandomResizedCrop.get_params(whole, (0.2, 0.5), (0.5, 2.0)) for _ in range(300)]
    areas = np.array([h * w / 12_000 for _, _, h, w in parts])
    ratios = np.array([w / h for _, _, h, w in parts])
    assert areas.min() > 0.19
    assert areas.max() < 0.51
    assert areas.max() - areas.min() > 0.25
    assert (ratios.min(), ratios.max()) == pytest.approx((0.5, 2.0), abs=0.15)
    assert all(top + h <= 100 and left + w <= 120 for top, left, h, w in parts)


def test_an_image_too_narrow_for_every_part_gives_its_middle() -> None:
    strip = from_numpy(np.zeros((1, 4, 400), np.float32))
    assert transforms.RandomResizedCrop.get_params(strip, (0.9, 1.0), (3 / 4, 4 / 3)) == (0, 197, 4, 5)


def test_a_rectangle_is_erased_and_nothing_else() -> None:
    erased = transforms.RandomErasing(1, value=(1.0, 2.0, 3.0))(from_numpy(np.zeros((3, 20, 20), np.float32))).numpy()
    rows, columns = np.nonzero(erased[0])
    height, width = np.ptp(rows) + 1, np.ptp(columns) + 1
    assert len(rows) == height * width
    assert 0.01 < height * width / 400 < 0.36
    assert erased[2].max() == 3


def test_choices_are_as_likely_as_their_weights() -> None:
    pick = transforms.RandomChoice([transforms.Lambda(lambda _: 0), transforms.Lambda(lambda _: 1)], p=[1, 3])
    assert np.mean([pick(None) for _ in range(2000)]) == pytest.approx(0.75, abs=0.05)


def test_orders_are_all_drawn() -> None:
    steps = transforms.RandomOrder([transforms.Lambda(lambda text, letter=letter: text + letter) for letter in "abc"])
    assert len({steps("") for _ in range(200)}) == 6


@pytest.mark.parametrize("p", [0.0, 1.0])
def test_probabilities_of_0_and_1_are_certain(p: float) -> None:
    flip = transforms.RandomApply([transforms.Lambda(hflip)], p)
    wanted = values(hflip(TENSOR) if p else TENSOR)
    assert all(np.array_equal(values(flip(TENSOR)), wanted) for _ in range(20))


def test_they_are_printed_as_in_torchvision() -> None:
    assert [repr(made) for made in (
        transforms.RandomResizedCrop(8), transforms.RandomRotation(30), transforms.RandomAffine(10, shear=(1, 2)),
        transforms.Pad(2), transforms.GaussianBlur(3), transforms.RandomErasing(), transforms.RandomVerticalFlip(),
        transforms.RandomPosterize(2), transforms.Lambda(len), transforms.ToPILImage(), transforms.FiveCrop(3),
        transforms.RandomApply([transforms.Grayscale()]), transforms.RandomChoice([transforms.Grayscale()]),
        transforms.RandomPerspective(),
    )] == [
        "RandomResizedCrop(size=(8, 8), scale=(0.08, 1.0), ratio=(0.75, 1.3333), interpolation=bilinear, "
        "antialias=True)",
        "RandomRotation(degrees=[-30.0, 30.0], interpolation=nearest, expand=False, fill=0)",
        "RandomAffine(degrees=[-10.0, 10.0], shear=[1.0, 2.0])",
        "Pad(padding=2, fill=0, padding_mode=constant)", "GaussianBlur(kernel_size=(3, 3), sigma=(0.1, 2.0))",
        "RandomErasing(p=0.5, scale=(0.02, 0.33), ratio=(0.3, 3.3), value=0, inplace=False)",
        "RandomVerticalFlip(p=0.5)", "RandomPosterize(bits=2,p=0.5)", "Lambda()", "ToPILImage()",
        "FiveCrop(size=(3, 3))", "RandomApply(\n    p=0.5\n    Grayscale(num_output_channels=1)\n)",
        "RandomChoice(\n    Grayscale(num_output_channels=1)\n)(p=None)",
        "RandomPerspective(p=0.5)",
    ]  # fmt: skip


@pytest.mark.parametrize(("call", "kind", "said"), [
    (lambda: transforms.ColorJitter(-1), ArgumentError, "If brightness is a single number, it must be non negative"),
    (lambda: transforms.ColorJitter(hue=0.6), ArgumentError, r"hue values should be between \(-0.5, 0.5\)"),
    (lambda: transforms.ColorJitter("a"), ArgumentTypeError, "single number or a list/tuple with length 2"),
    (lambda: transforms.RandomRotation(-1), ArgumentError, "If degrees is a single number, it must be positive"),
    (lambda: transforms.RandomRotation((1, 2, 3)), ArgumentError, "degrees should be a sequence of length 2"),
    (lambda: transforms.RandomRotation(None), ArgumentTypeError, "degrees should be a sequence of length 2"),
    (lambda: transforms.RandomAffine(0, (2, 0)), ArgumentError, "translation values should be between 0 and 1"),
    (lambda: transforms.RandomAffine(0, scale=(0, 1)), ArgumentError, "scale values should be positive"),
    (lambda: transforms.RandomAffine(0, shear=(1,)), ArgumentError, "shear should be a sequence of length 2 or 4"),
    (lambda: transforms.RandomErasing(scale=(0, 2)), ArgumentError, "Scale should be between 0 and 1"),
    (lambda: transforms.RandomErasing(value="noise"), ArgumentError, "it should be 'random'"),
    (lambda: transforms.RandomErasing(1)(IMAGE), ArgumentTypeError, "(?s)Tensor Image.*ToTensor"),
    (lambda: transforms.RandomErasing(1, value=(1, 2))(TENSOR), ArgumentError, "3 \\(number of input channels"),
    (lambda: transforms.GaussianBlur(4), ArgumentError, "odd and positive number"),
    (lambda: transforms.GaussianBlur(3, (2, 1)), ArgumentError, "of the form"),
    (lambda: transforms.Lambda(3), ArgumentTypeError, "Argument lambd should be callable, got 'int'"),
    (lambda: transforms.RandomChoice([ToTensor()], p=[1, 2]), ArgumentError, "2 != 1"),
    (lambda: transforms.RandomApply(ToTensor()), ArgumentTypeError, "transforms should be a sequence"),
    (lambda: transforms.RandomGrayscale(2), ArgumentError, "A probability is a number from 0 to 1"),
    (lambda: transforms.RandomResizedCrop(8, 3), ArgumentTypeError, "Scale should be a sequence"),
    (lambda: transforms.RandomPerspective(2), ArgumentError, "distortion_scale value should be between 0 and 1"),
    (lambda: transforms.RandomPerspective(fill=len), ArgumentTypeError, "Fill should be either a sequence or a number"),
    (lambda: transforms.Pad((1, 2, 3)), ArgumentError, "not a 3 element tuple"),
])  # fmt: skip
def test_wrong_arguments_are_refused(call: Callable[[], Any], kind: type[Exception], said: str) -> None:
    with pytest.raises(kind, match=said):
        call()


def test_ranges_the_wrong_way_round_are_warned_of() -> None:
    with pytest.warns(UserWarning, match="should be of kind"):
        transforms.RandomResizedCrop(8, (1, 0.5))
