"""Transforms: their numbers, their sentences, and that many images at once give what each gives alone."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from PIL import Image

from knoll.data import Draws, drawing
from knoll.errors import ArgumentError, ArgumentTypeError, ShapeError
from knoll.tensor import Tensor, from_numpy
from knoll.vision.transforms import (
    CenterCrop,
    ColorJitter,
    Compose,
    FiveCrop,
    GaussianBlur,
    Grayscale,
    InterpolationMode,
    Normalize,
    Pad,
    PILToTensor,
    RandomAffine,
    RandomCrop,
    RandomHorizontalFlip,
    RandomVerticalFlip,
    Resize,
    ToTensor,
    for_batches,
)

RNG = np.random.default_rng(0)
PIXELS = arrays.arrays(np.uint8, st.tuples(st.integers(1, 4), st.just(3), st.integers(1, 9), st.integers(1, 9)))


def picture(height: int, width: int) -> Image.Image:
    return Image.fromarray(RNG.integers(0, 256, (height, width, 3), dtype=np.uint8))


def values(image: Any) -> Any:
    return image.numpy() if isinstance(image, Tensor) else np.asarray(image)


def test_pictures_become_numbers_between_0_and_1() -> None:
    image = picture(4, 5)
    tensor = ToTensor()(image).numpy()
    np.testing.assert_array_equal(tensor, np.asarray(image).transpose(2, 0, 1).astype(np.float32) / np.float32(255))
    assert tensor.dtype == np.float32
    assert tensor.flags.c_contiguous


@pytest.mark.parametrize(
    ("mode", "dtype", "value"),
    [
        ("L", "float32", 51 / 255),
        ("1", "float32", 1.0),
        ("I", "int32", 51),
        ("F", "float32", 51.0),
        ("P", "float32", 0.2),
    ],
)
def test_every_mode_of_a_picture_has_its_type(mode: str, dtype: str, value: float) -> None:
    tensor = ToTensor()(Image.new(mode, (2, 3), 51)).numpy()
    assert tensor.shape == (1, 3, 2)
    assert tensor.dtype == dtype
    np.testing.assert_allclose(tensor, value, rtol=1e-6)


def test_arrays_of_other_types_are_not_scaled() -> None:
    tensor = ToTensor()(np.full((2, 3), 7, np.int16)).numpy()
    assert tensor.tolist() == [[[7] * 3] * 2]
    assert tensor.dtype == np.int16


def test_a_picture_keeps_its_values_without_scaling() -> None:
    image = picture(2, 3)
    tensor = PILToTensor()(image).numpy()
    np.testing.assert_array_equal(tensor, np.asarray(image).transpose(2, 0, 1))
    assert tensor.dtype == np.uint8


def test_normalize_has_the_numbers_of_pytorch(torch: Any) -> None:
    image = RNG.random((3, 5, 4), dtype=np.float32)
    mean, std = (0.4914, 0.4822, 0.4465), (0.2470, 0.2435, 0.2616)
    theirs = (torch.from_numpy(image) - torch.tensor(mean)[:, None, None]) / torch.tensor(std)[:, None, None]
    np.testing.assert_array_equal(Normalize(mean, std)(from_numpy(image)).numpy(), theirs.numpy())


@pytest.mark.parametrize(
    ("size", "got", "want"),
    [
        (8, (20, 10), (16, 8)),
        (8, (10, 20), (8, 16)),
        (8, (8, 30), (8, 30)),
        ((5, 7), (20, 10), (5, 7)),
        ([6], (9, 9), (6, 6)),
    ],
)
def test_resize_keeps_the_proportion_of_one_edge(size: Any, got: tuple[int, int], want: tuple[int, int]) -> None:
    image = Resize(size)(picture(*got))
    assert (image.height, image.width) == want


def test_resize_bounds_the_longer_edge() -> None:
    image = Resize(10, max_size=15)(picture(40, 20))
    assert (image.height, image.width) == (15, 7)


def test_resize_uses_the_interpolation_that_is_asked_for() -> None:
    image = picture(9, 9)
    nearest = Resize((4, 4), InterpolationMode.NEAREST)(image)
    np.testing.assert_array_equal(nearest, image.resize((4, 4), Image.Resampling.NEAREST))
    assert not np.array_equal(nearest, Resize((4, 4), "bilinear")(image))


@pytest.mark.parametrize("height", [3, 4, 8, 11])
def test_center_crop_is_the_same_for_pictures_and_tensors(height: int) -> None:
    image = picture(height, 9)
    cropped, tensor = CenterCrop((4, 6))(image), CenterCrop((4, 6))(PILToTensor()(image))
    np.testing.assert_array_equal(values(cropped).transpose(2, 0, 1), values(tensor))
    assert values(tensor).shape == (3, 4, 6)


def test_center_crop_adds_a_border_around_the_middle() -> None:
    tensor = CenterCrop(4)(from_numpy(np.ones((1, 1, 2))))
    assert values(tensor).tolist() == [[[0] * 4, [0, 1, 1, 0], [0] * 4, [0] * 4]]


@settings(deadline=None)
@given(PIXELS, st.integers(0, 3), st.floats(0, 1), st.integers(0, 2**64 - 1))
def test_many_images_at_once_are_as_each_alone(images: Any, padding: int, p: float, seed: int) -> None:
    size = tuple(int(edge) for edge in np.minimum(images.shape[-2:], (4, 3)))
    steps = Compose(
        [
            RandomCrop(size, padding=padding),
            Compose([RandomHorizontalFlip(p), CenterCrop(5)]),
            ToTensor(),
            Normalize((0.5, 0.4, 0.3), (0.2, 0.3, 0.4)),
        ]
    )
    apply = for_batches(steps)
    assert apply is not None
    with drawing(Draws(seed, 1, list(range(len(images))))):
        together = apply(images)
    for index, image in enumerate(images):
        with drawing(Draws(seed, 1, [index])):
            alone = steps(Image.fromarray(np.ascontiguousarray(image.transpose(1, 2, 0))))
        np.testing.assert_array_equal(together[index], alone.numpy())


def test_random_windows_cover_every_place() -> None:
    images = np.broadcast_to(np.arange(9, dtype=np.uint8).reshape(1, 1, 3, 3), (300, 1, 3, 3))
    with drawing(Draws(0, 0, list(range(300)))):
        corners = RandomCrop(2).apply_batch(images)[:, 0, 0, 0]
    assert set(corners.tolist()) == {0, 1, 3, 4}


def test_random_transforms_differ_from_call_to_call_outside_of_a_loader() -> None:
    image = picture(64, 64)
    assert len({RandomCrop(8)(image).tobytes() for _ in range(8)}) > 1


def test_padding_has_four_sides() -> None:
    image = from_numpy(np.ones((1, 1, 1)))
    padded = RandomCrop((4, 6), padding=(1, 0, 4, 3))(image)
    assert values(padded)[0].tolist() == [[0, 1, 0, 0, 0, 0], *([[0] * 6] * 3)]


def test_a_window_may_lie_in_the_border_alone() -> None:
    image = from_numpy(np.ones((1, 4, 4)))
    sums = {int(values(RandomCrop(2, padding=9)(image)).sum()) for _ in range(200)}
    assert sums <= {0, 1, 2, 4}
    assert 0 in sums


class Shouting(ToTensor):
    """A transform of one's own that inherits the way for many images, which would not do the same."""

    def __call__(self, image: Any) -> Tensor:
        return from_numpy(super().__call__(image).numpy() * 2)


@pytest.mark.parametrize("steps", [[Resize(4), ToTensor()], [CenterCrop(4)], [Shouting()], [len, ToTensor()], []])
def test_steps_for_one_image_only_are_known(steps: list[Any]) -> None:
    assert for_batches(Compose(steps)) is None
    assert for_batches(None) is None


def test_names_are_printed_as_in_torchvision() -> None:
    assert repr(
        Compose([Resize(32), RandomCrop(32, padding=4), RandomHorizontalFlip(), ToTensor(), PILToTensor()])
    ) == (
        "Compose(\n"
        "    Resize(size=32, interpolation=bilinear, max_size=None, antialias=True)\n"
        "    RandomCrop(size=(32, 32), padding=4)\n"
        "    RandomHorizontalFlip(p=0.5)\n"
        "    ToTensor()\n"
        "    PILToTensor()\n"
        ")"
    )
    assert repr(Normalize([0.5], [0.1])) == "Normalize(mean=[0.5], std=[0.1])"
    assert repr(CenterCrop(3)) == "CenterCrop(size=(3, 3))"


@pytest.mark.parametrize(
    ("call", "kind", "words"),
    [
        (lambda: ToTensor()("cat.png"), ArgumentTypeError, r"pic should be PIL Image or ndarray. Got <class 'str'>"),
        (lambda: ToTensor()(np.zeros(4)), ArgumentError, r"pic should be 2/3 dimensional. Got 1 dimensions\."),
        (
            lambda: PILToTensor()(np.zeros(4)),
            ArgumentTypeError,
            r"pic should be PIL Image. Got <class 'numpy.ndarray'>",
        ),
        (
            lambda: Normalize([0], [1])(picture(2, 2)),
            ArgumentTypeError,
            r"(?s)img should be Tensor Image\..*put ToTensor",
        ),
        (
            lambda: Normalize([0], [1])(from_numpy(np.zeros((3, 2, 2), np.uint8))),
            ArgumentTypeError,
            "Input tensor should be a float tensor",
        ),
        (
            lambda: Normalize([0], [1])(from_numpy(np.zeros(2))),
            ArgumentError,
            "Expected tensor to be a tensor image of size",
        ),
        (lambda: Normalize([0], [0])(from_numpy(np.zeros((1, 2, 2)))), ArgumentError, "leading to division by zero"),
        (lambda: Normalize([0, 0], [1, 1])(from_numpy(np.zeros((3, 2, 2)))), ShapeError, "each of the 3"),
        (lambda: Resize(2.5), ArgumentTypeError, "Size should be int or sequence. Got <class 'float'>"),
        (lambda: Resize((1, 2, 3)), ArgumentError, "If size is a sequence, it should have 1 or 2 values"),
        (lambda: Resize(2)("cat.png"), ArgumentTypeError, "Unexpected type <class 'str'>"),
        (lambda: CenterCrop((1, 2, 3)), ArgumentError, r"Please provide only two dimensions \(h, w\) for size\."),
        (
            lambda: RandomCrop(512)(picture(32, 40)),
            ArgumentError,
            r"Required crop size \(512, 512\) is larger than input image size \(32, 40\)",
        ),
        (lambda: RandomCrop(5, padding=(1, 2, 3)), ArgumentError, "not a 3 element tuple"),
        (lambda: RandomCrop(5)("cat.png"), ArgumentTypeError, "Unexpected type <class 'str'>"),
        (lambda: RandomHorizontalFlip()("cat.png"), ArgumentTypeError, "Unexpected type <class 'str'>"),
    ],
)
def test_wrong_input_is_refused_in_torchvisions_words(call: Any, kind: type[Exception], words: str) -> None:
    with pytest.raises(kind, match=words):
        call()


def test_steps_in_the_wrong_order_are_refused_for_many_images_too() -> None:
    images = np.zeros((2, 3, 4, 4), np.uint8)
    for steps, words in (
        ([Normalize([0], [1]), ToTensor()], "Input tensor should be a float tensor"),
        ([ToTensor(), ToTensor()], "pic should be PIL Image or ndarray"),
    ):
        apply = for_batches(Compose(steps))
        assert apply is not None
        with pytest.raises(ArgumentTypeError, match=words):
            apply(images)


WRONG: list[tuple[str, Callable[[], Any]]] = [
    ("'ToTensor' object is not iterable", lambda: Compose(ToTensor())),
    ("ToTensor is a class; an object of it is needed.", lambda: Compose([ToTensor])),
    ("'NoneType' object is not callable", lambda: Compose([None])),
    ("'int' object is not callable", lambda: Compose([3])),
    ("mean is a number, or one for each channel.", lambda: Normalize("a", 1.0)),
    ("mean is a number, or one for each channel.", lambda: Normalize(None, 1.0)),
    ("mean is a number, or one for each channel.", lambda: Normalize([[1]], [1])),
    ("std is a number, or one for each channel.", lambda: Normalize(0, "b")),
    ("size is a whole number of pixels.", lambda: Resize(0)),
    ("size is a whole number of pixels.", lambda: Resize(-4)),
    ("Size should be int or sequence. Got <class 'float'>", lambda: Resize(2.5)),
    ("Size should be int or sequence. Got <class 'str'>", lambda: Resize("a")),
    ("Size should be int or sequence. Got <class 'NoneType'>", lambda: Resize(None)),
    ("size is a whole number of pixels.", lambda: Resize((1, 0))),
    ("size is a whole number of pixels.", lambda: Resize((1, "a"))),
    ("If size is a sequence, it should have 1 or 2 values", lambda: Resize((1, 2, 3))),
    ("Size should be int or sequence. Got <class 'bool'>", lambda: Resize(True)),
    ("This interpolation is not known.", lambda: Resize(8, "middle")),
    ("This interpolation is not known.", lambda: Resize(8, 9)),
    ("This interpolation is not known.", lambda: Resize(8, None)),
    (
        "max_size = 8 must be strictly greater than the requested size for the smaller edge size = 8",
        lambda: Resize(8, max_size=8),
    ),
    (
        "max_size should only be passed if size specifies the length of the smaller edge",
        lambda: Resize((8, 8), max_size=9),
    ),
    ("max_size is a whole number of pixels.", lambda: Resize(8, max_size="a")),
    ("size is a whole number of pixels.", lambda: CenterCrop(0)),
    ("size is a whole number of pixels.", lambda: CenterCrop(-1)),
    ("size is a whole number of pixels.", lambda: CenterCrop("a")),
    ("Please provide only two dimensions (h, w) for size.", lambda: CenterCrop((1, 2, 3))),
    ("size is a whole number of pixels.", lambda: CenterCrop(None)),
    ("size is a whole number of pixels.", lambda: CenterCrop(1.5)),
    ("Please provide only two dimensions (h, w) for size.", lambda: CenterCrop([])),
    ("size is a whole number of pixels.", lambda: CenterCrop((2, None))),
    ("padding is a whole number of pixels.", lambda: RandomCrop(4, -1)),
    ("padding is a whole number of pixels.", lambda: RandomCrop(4, "a")),
    ("Padding must be an int or a 1, 2, or 4 element tuple, not a 3 element tuple", lambda: RandomCrop(4, (1, 2, 3))),
    ("size is a whole number of pixels.", lambda: RandomCrop(0)),
    ("padding is a whole number of pixels.", lambda: RandomCrop(4, 1.5)),
    ("padding is a whole number of pixels.", lambda: RandomCrop(4, (1, -1))),
    ("A probability is a number from 0 to 1.", lambda: RandomHorizontalFlip(-0.1)),
    ("A probability is a number from 0 to 1.", lambda: RandomHorizontalFlip(1.1)),
    ("A probability is a number from 0 to 1.", lambda: RandomHorizontalFlip("a")),
    ("A probability is a number from 0 to 1.", lambda: RandomHorizontalFlip(float("nan"))),
]  # fmt: skip


@pytest.mark.parametrize(("said", "wrong"), WRONG)
def test_arguments_that_never_work_are_refused_when_a_transform_is_made(said: str, wrong: Callable[[], Any]) -> None:
    with pytest.raises((ArgumentError, ArgumentTypeError), match=f"^{re.escape(said)}"):
        wrong()


@pytest.mark.parametrize("given", [None, 3, "a", [1], np.ones(2), from_numpy(np.ones(2)), from_numpy(np.array(1.0))])
@pytest.mark.parametrize(("make", "said"), [
    (ToTensor, r"pic should be (PIL Image or ndarray|2/3 dimensional)\. Got "),
    (PILToTensor, r"pic should be PIL Image\. Got <class "),
    (lambda: Normalize(0.5, 0.5), r"(img should be Tensor Image\. Got|Expected tensor to be a tensor image of size) "),
    *((make, r"Unexpected type <class |Tensor is not a torch image\.") for make in (
        lambda: CenterCrop(2), lambda: RandomCrop(2), RandomHorizontalFlip, lambda: Resize(4), lambda: Pad(1),
        RandomVerticalFlip, lambda: FiveCrop(2), ColorJitter, Grayscale, lambda: GaussianBlur(3),
        lambda: RandomAffine(0),
    )),
])  # fmt: skip
def test_what_is_no_image_is_refused(make: Callable[[], Any], said: str, given: Any) -> None:
    with pytest.raises((ArgumentError, ArgumentTypeError, ShapeError), match=f"^({said})"):
        make()(given)


def test_a_class_in_place_of_a_transform_is_named() -> None:
    with pytest.raises(ArgumentTypeError) as caught:
        Compose([Resize(4), ToTensor])
    assert "ToTensor is a class" in str(caught.value)
    assert caught.value.where == "transforms[1]"


def test_numbers_of_torchvision_are_taken() -> None:
    assert Resize(4, 2).interpolation == "bilinear"
    assert CenterCrop(28.0).size == (28, 28)
    image = from_numpy(np.full((3, 2, 2), 2.0, np.float32))
    assert Normalize(1.0, 0.5)(image).tolist() == Normalize([1.0], [0.5])(image).tolist()
    assert Normalize(1.0, 0.5, inplace=True)(image) is image
    assert float(image.max()) == 2.0
    assert float(image.min()) == 2.0
