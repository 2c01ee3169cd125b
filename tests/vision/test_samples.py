"""Transforms of samples: as those of single images, masks moved with their images, labels left alone, batches mixed."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import pytest
from PIL import Image

import knoll
from knoll.data import DataLoader, Draws, drawing, fast_path
from knoll.errors import ArgumentError, ArgumentTypeError, KnollError
from knoll.nn.functional import cross_entropy
from knoll.tensor import Tensor, from_numpy
from knoll.vision import datasets, transforms, tv_tensors
from knoll.vision.transforms import v2

RNG = np.random.default_rng(3)
BYTES = RNG.integers(0, 256, (3, 20, 30), dtype=np.uint8)
PICTURE = Image.fromarray(BYTES.transpose(1, 2, 0))
MASK = RNG.integers(0, 200, (20, 30))

# What both packages have: the same of a single image.
ALIKE: dict[str, tuple[Any, ...]] = {
    "AugMix": (),
    "AutoAugment": (),
    "CenterCrop": (9,),
    "ColorJitter": (0.4, 0.4, 0.4, 0.2),
    "ElasticTransform": (),
    "FiveCrop": (9,),
    "GaussianBlur": (3,),
    "Grayscale": (3,),
    "Pad": ((1, 2, 3, 4), 7),
    "RandAugment": (),
    "RandomAdjustSharpness": (2,),
    "RandomAffine": (10, (0.1, 0.2), (0.5, 2), (-5, 5, -3, 3)),
    "RandomAutocontrast": (),
    "RandomCrop": (25, 4, True),
    "RandomEqualize": (),
    "RandomGrayscale": (0.5,),
    "RandomHorizontalFlip": (),
    "RandomInvert": (),
    "RandomPerspective": (0.6, 0.9),
    "RandomPosterize": (3,),
    "RandomResizedCrop": (8,),
    "RandomRotation": (30,),
    "RandomSolarize": (100,),
    "RandomVerticalFlip": (),
    "Resize": ((7, 9),),
    "TenCrop": (9,),
    "TrivialAugmentWide": (),
}
MOVED = [name for name in ALIKE if issubclass(getattr(v2, name), v2.geometry.Structured)]
MOVED = [name for name in MOVED if getattr(v2, name)._masks == "moved"]
KEPT = [name for name in ALIKE if getattr(v2, name)._masks == "kept"]
REFUSED = [name for name in ALIKE if getattr(v2, name)._masks == "refused"]


def values(image: Any) -> Any:
    return [values(each) for each in image] if isinstance(image, tuple) else np.asarray(image)


@pytest.mark.parametrize("name", ALIKE)
@pytest.mark.parametrize("image", [PICTURE, from_numpy(BYTES)], ids=["picture", "tensor"])
def test_a_single_image_becomes_what_it_becomes_without_labels(name: str, image: Any) -> None:
    for seed in range(4):
        with drawing(Draws(seed, 0, [3])):
            made = values(getattr(v2, name)(*ALIKE[name])(image))
        with drawing(Draws(seed, 0, [3])):
            wanted = values(getattr(transforms, name)(*ALIKE[name])(image))
        # Bytes are resized in other whole numbers; see `test_bytes_are_resized_as_pytorch_resizes_them`.
        slack = 1 if name in ("Resize", "RandomResizedCrop") and isinstance(image, Tensor) else 0
        assert all(np.abs(np.subtract(a, b, dtype=int)).max() <= slack for a, b in zip(made, wanted, strict=True))


@pytest.mark.pytorch
@pytest.mark.parametrize("antialias", [True, False])
@pytest.mark.parametrize("mode", ["bilinear", "bicubic"])
@pytest.mark.parametrize("size", [(7, 9), (31, 40), (25, 11)])
def test_bytes_are_resized_as_pytorch_resizes_them(torch: Any, size: Any, mode: str, antialias: bool) -> None:
    """As torchvision's transforms of samples, which hand them to `interpolate`, each leading axis for itself."""
    images = RNG.integers(0, 256, (2, 2, 3, 20, 30), dtype=np.uint8)
    wanted = torch.nn.functional.interpolate(
        torch.from_numpy(images).flatten(0, 1), size, mode=mode, align_corners=False, antialias=antialias
    ).reshape(2, 2, 3, *size)
    ways = (
        lambda given: v2.functional.resize(given, size, mode, antialias=antialias),
        v2.Resize(size, mode, antialias=antialias),
        v2.RandomResizedCrop(size, (1, 1), (1.5, 1.5), mode, antialias),
        lambda given: v2.functional.resized_crop(given, 0, 0, 20, 30, size, mode, antialias),
    )
    for way in ways:
        for kind in (Tensor, tv_tensors.Image):
            made = way(from_numpy(images) if kind is Tensor else tv_tensors.Image(from_numpy(images)))
            assert type(made) is kind
            np.testing.assert_array_equal(made.numpy(), wanted.numpy())


def test_a_mask_is_resized_by_its_nearest_pixels() -> None:
    mask = tv_tensors.Mask(from_numpy(MASK.astype(np.uint8)))
    for mode, first in (("bilinear", 0), ("nearest", 0), ("nearest-exact", 1)):
        for made in (v2.Resize((10, 15), mode)(mask), v2.functional.resize(mask, (10, 15), mode)):
            np.testing.assert_array_equal(made.numpy(), MASK[first::2, first::2])
    moved = v2.functional.resized_crop(mask, 0, 0, 20, 30, (10, 15), "nearest-exact")
    np.testing.assert_array_equal(moved.numpy(), MASK[::2, ::2])


@pytest.mark.parametrize("name", MOVED)
@pytest.mark.parametrize("kind", [tv_tensors.Mask, lambda mask: tv_tensors.Mask(mask[None])], ids=["h w", "1 h w"])
def test_a_mask_is_moved_as_its_image_with_the_nearest_pixels(name: str, kind: Any) -> None:
    options = {"interpolation": "nearest"} if name in ("RandomAffine", "RandomRotation", "RandomPerspective") else {}
    transform = getattr(v2, name)(*ALIKE[name], **options)
    nearest = getattr(v2, name)(*ALIKE[name])
    if hasattr(nearest, "interpolation"):
        nearest.interpolation = transforms.InterpolationMode.NEAREST
    image = tv_tensors.Image(MASK.astype(np.float32)[None])
    for seed in range(6):
        with drawing(Draws(seed, 0, [3])):
            label, mask, _ = transform("a", kind(MASK), image)
        with drawing(Draws(seed, 0, [3])):
            _, _, same = nearest("a", kind(MASK), image)
        assert label == "a"
        assert type(mask) is tv_tensors.Mask
        assert type(same) is tv_tensors.Image
        assert mask.dtype == np.int64
        assert np.array_equal(mask.numpy().reshape(same.shape), same.numpy())


@pytest.mark.parametrize("name", KEPT)
def test_a_mask_has_no_colours(name: str) -> None:
    transform = getattr(v2, name)(*ALIKE[name])
    mask = tv_tensors.Mask(MASK)
    assert transform(from_numpy(BYTES), mask)[1] is mask


@pytest.mark.parametrize("name", REFUSED)
def test_masks_are_refused_where_they_could_not_follow(name: str) -> None:
    with pytest.raises(ArgumentTypeError, match="Inputs of type Mask are not supported by"):
        getattr(v2, name)(*ALIKE[name])(from_numpy(BYTES), tv_tensors.Mask(MASK))


def test_several_images_get_the_same_random_numbers() -> None:
    flip, noise = v2.RandomHorizontalFlip(), v2.RandomCrop(5)
    for seed in range(8):
        with drawing(Draws(seed, 0, [0])):
            first, second = noise(flip(PICTURE, PICTURE))
        assert np.array_equal(first, second)


def test_images_of_several_sizes_cannot_be_moved_alike() -> None:
    with pytest.raises(ArgumentError, match="Found multiple HxW dimensions"):
        v2.RandomCrop(5)(PICTURE, PICTURE.resize((8, 8)))


class Pair(NamedTuple):
    image: Any
    label: int


def test_structures_stay_what_they_are() -> None:
    made = v2.ToImage()({"pair": Pair(PICTURE, 4), "more": [PICTURE, "b"]})
    assert isinstance(made["pair"], Pair)
    assert made["pair"].label == 4
    assert type(made["more"][0]) is tv_tensors.Image
    assert made["more"][1] == "b"


def test_only_the_first_plain_tensor_is_an_image_and_none_beside_one_that_says_so() -> None:
    to = v2.ToDtype(knoll.float32)
    plain = from_numpy(BYTES)
    assert [each.dtype.name for each in to(plain, plain)] == ["float32", "uint8"]
    assert [each.dtype.name for each in to(plain, tv_tensors.Image(plain))] == ["uint8", "float32"]


def test_types_by_the_kind_of_tensor() -> None:
    kinds: Any = {tv_tensors.Image: knoll.float32, tv_tensors.Mask: knoll.int64, "others": None}
    transform = v2.ToDtype(kinds, scale=True)
    image, mask = transform(tv_tensors.Image(BYTES), tv_tensors.Mask(MASK.astype(np.uint8)))
    assert float(image.max()) <= 1
    assert mask.dtype == np.int64
    assert np.array_equal(mask.numpy(), MASK)
    with pytest.raises(ArgumentError, match="No dtype was specified for type"):
        v2.ToDtype({tv_tensors.Mask: knoll.int64})(from_numpy(BYTES))


def test_an_image_is_a_plain_tensor_again() -> None:
    pure = v2.ToPureTensor()(tv_tensors.Image(BYTES), 3)[0]
    assert type(pure) is Tensor
    assert np.array_equal(pure.numpy(), BYTES)
    assert type(tv_tensors.Image(BYTES) + 1) is Tensor


def test_the_transform_of_a_training_is_that_of_single_images() -> None:
    mean, std = [0.5, 0.4, 0.3], [0.2, 0.3, 0.4]
    ours = v2.Compose([v2.ToImage(), v2.ToDtype(knoll.float32, scale=True), v2.Normalize(mean, std)])
    first = transforms.Compose([transforms.ToTensor(), transforms.Normalize(mean, std)])
    image, label = ours(PICTURE, 7)
    assert label == 7
    # 1 ⁄ 255 is rounded before the product, not after the quotient.
    np.testing.assert_allclose(image.numpy(), first(PICTURE).numpy(), rtol=0, atol=2**-20)


@pytest.mark.parametrize("container", [v2.RandomApply, v2.RandomOrder, v2.RandomChoice])
def test_containers_take_whole_samples(container: Any) -> None:
    made = container([v2.CenterCrop(4), v2.Resize((4, 4))])(PICTURE, 5)
    assert isinstance(made, tuple)
    assert made[1] == 5


def test_a_transform_of_ones_own_draws_once_for_a_sample() -> None:
    class Shifted(v2.Transform):
        def __init__(self) -> None:
            super().__init__()
            self.drawn = 0

        def make_params(self, flat_inputs: list[Any]) -> dict[str, Any]:
            self.drawn += 1
            assert len(flat_inputs) == 2
            return {"by": 3}

        def transform(self, inpt: Any, params: dict[str, Any]) -> Any:
            return v2.functional.crop(inpt, params["by"], 0, 4, 4)

    shifted = Shifted()
    image, mask, label = shifted(tv_tensors.Image(BYTES), tv_tensors.Mask(MASK), 3)
    assert shifted.drawn == 1
    assert np.array_equal(image.numpy(), BYTES[:, 3:7, :4])
    assert type(mask) is tv_tensors.Mask
    assert np.array_equal(mask.numpy(), MASK[3:7, :4])
    assert label == 3
    assert repr(shifted) == "Shifted(drawn=1)"


def test_sizes_are_those_that_were_asked_for() -> None:
    image, mask = tv_tensors.Image(BYTES), tv_tensors.Mask(MASK)
    for seed in range(10):
        with drawing(Draws(seed, 0, [0])):
            resized, alike = v2.RandomResize(5, 9)(image, mask)
            assert 5 <= min(resized.shape[1:]) < 9
            assert resized.shape[1:] == alike.shape
            shortest = v2.RandomShortestSize([10, 12], max_size=17)(image)
            assert max(shortest.shape) <= 17
            jittered = v2.ScaleJitter((40, 40), (0.5, 1.0))(image)
            assert max(jittered.shape) <= 40
            canvas, place = v2.RandomZoomOut(fill=7, p=1)(image, mask)
            assert canvas.shape[1:] == place.shape
            top, left = (int(each[0]) for each in np.nonzero(place.numpy() == MASK.max()))
            row, column = (int(each[0]) for each in np.nonzero(MASK.max() == MASK))
            window = canvas.numpy()[:, top - row : top - row + 20, left - column : left - column + 30]
            assert np.array_equal(window, BYTES)
            border = np.concatenate([canvas.numpy()[:, : top - row], canvas.numpy()[:, top - row + 20 :]], 1)
            assert (border == 7).all()


KINDS: dict[Any, Any] = {tv_tensors.Image: (1, 2, 3), tv_tensors.Mask: 255, Image.Image: (7, 8, 9), "others": 5}


@pytest.mark.parametrize(
    ("name", "given"),
    [
        ("Pad", {"padding": 2}),
        ("RandomRotation", {"degrees": (30, 30)}),
        ("RandomAffine", {"degrees": (20, 20)}),
        ("RandomPerspective", {"p": 1.0}),
        ("RandomCrop", {"size": (24, 34), "padding": 2}),
        ("ElasticTransform", {"alpha": 300.0}),
        ("RandomZoomOut", {"side_range": (2, 2), "p": 1}),
    ],
)
def test_each_kind_has_its_colour(name: str, given: dict[str, Any]) -> None:
    def seen(fill: Any, *sample: Any) -> list[Any]:
        with drawing(Draws(3, 0, [0])):
            return [np.asarray(leaf) for leaf in getattr(v2, name)(**given, fill=fill)(*sample)]

    image, mask = tv_tensors.Image(BYTES), tv_tensors.Mask(MASK)
    picture = Image.fromarray(BYTES.transpose(1, 2, 0))
    for first in (image, picture, from_numpy(BYTES)):
        axis, together = -1 if first is picture else 0, seen(KINDS, first, mask)
        for channel, colour in enumerate(np.broadcast_to(KINDS.get(type(first), 5), 3).tolist()):
            alone = seen(colour, first, mask)[0]
            np.testing.assert_array_equal(together[0].take(channel, axis), alone.take(channel, axis))
        np.testing.assert_array_equal(together[1], seen(255, first, mask)[1])
    without = seen({tv_tensors.Mask: 255}, image, mask)
    np.testing.assert_array_equal(without[0], seen(0, image, mask)[0])
    assert fast_path(getattr(v2, name)(**given, fill=KINDS), "apply_batch") is None


def test_an_image_in_a_loader_has_the_colour_of_its_kind() -> None:
    pad = v2.Pad(1, fill={Image.Image: (7, 8, 9), "others": 5})
    np.testing.assert_array_equal(np.asarray(pad(Image.new("RGB", (1, 1))))[0, 0], [7, 8, 9])
    augment = v2.RandAugment(fill={"others": 128})
    assert augment(from_numpy(BYTES)).shape == BYTES.shape


def test_channels_are_permuted_and_repeated() -> None:
    image = from_numpy(BYTES)
    assert np.array_equal(v2.functional.permute_channels(image, [2, 0, 1]).numpy(), BYTES[[2, 0, 1]])
    assert np.array_equal(
        np.asarray(v2.functional.permute_channels(PICTURE, [2, 0, 1])), BYTES[[2, 0, 1]].transpose(1, 2, 0)
    )
    assert np.array_equal(v2.RGB()(image[:1]).numpy(), BYTES[[0, 0, 0]])
    assert v2.RGB()(PICTURE.convert("L")).mode == "RGB"
    assert v2.RGB()(image[0]).shape == (3, 20, 30)
    found = {
        tuple(v2.RandomChannelPermutation()(from_numpy(np.arange(3)[:, None, None])).flatten().tolist())
        for _ in range(60)
    }
    assert len(found) == 6


def test_noise_has_its_mean_and_deviation_and_stays_in_range() -> None:
    grey = from_numpy(np.full((1, 200, 200), 0.5, np.float32))
    made = v2.GaussianNoise(mean=0.1, sigma=0.05)(grey).numpy()
    # 40,000 numbers: the mean is known to 0.05 / 200, four times that is not exceeded by chance.
    assert made.mean() == pytest.approx(0.6, abs=0.001)
    assert made.std() == pytest.approx(0.05, abs=0.001)
    eight = v2.GaussianNoise(sigma=1.0)(from_numpy(np.full((1, 50, 50), 250, np.uint8))).numpy()
    assert eight.dtype == np.uint8
    assert {0, 255} <= set(eight.ravel().tolist())
    with pytest.raises(ArgumentTypeError, match="not implemented for PIL"):
        v2.GaussianNoise()(PICTURE)
    with pytest.raises(ArgumentError, match="sigma shouldn't be negative"):
        v2.GaussianNoise(sigma=-1)(grey)


def test_distortion_changes_and_keeps() -> None:
    image, mask = tv_tensors.Image(BYTES), tv_tensors.Mask(MASK)
    always, never = v2.RandomPhotometricDistort(p=1), v2.RandomPhotometricDistort(p=0)
    assert np.array_equal(never(image).numpy(), BYTES)
    changed, same = always(image, mask)
    assert not np.array_equal(changed.numpy(), BYTES)
    assert same is mask


def test_pictures_are_erased_as_tensors_are() -> None:
    with drawing(Draws(2, 0, [0])):
        picture = v2.RandomErasing(1, value=(1, 2, 3))(PICTURE)
    with drawing(Draws(2, 0, [0])):
        tensor = v2.RandomErasing(1, value=(1, 2, 3))(from_numpy(BYTES))
    assert picture.mode == "RGB"
    assert np.array_equal(np.asarray(picture).transpose(2, 0, 1), tensor.numpy())


def test_jpeg_is_that_of_pillow() -> None:
    made = v2.JPEG(40)(PICTURE)
    assert np.abs(np.asarray(made).astype(int) - np.asarray(PICTURE)).max() > 0
    tensor = v2.JPEG((40, 40))(from_numpy(BYTES))
    assert np.array_equal(tensor.numpy(), np.asarray(made).transpose(2, 0, 1))
    batch = v2.functional.jpeg(from_numpy(np.stack([BYTES, BYTES])), 40)
    assert np.array_equal(batch.numpy()[1], tensor.numpy())
    assert v2.functional.jpeg(from_numpy(BYTES[:1]), 40).shape == (1, 20, 30)


IMAGES, LABELS = RNG.random((6, 3, 8, 9), dtype=np.float32), RNG.integers(0, 5, 6)


def test_mixed_images_have_labels_of_the_same_parts() -> None:
    shown = from_numpy(np.repeat(np.eye(5, dtype=np.float32)[LABELS], 72, 1).reshape(6, 5, 8, 9))
    for kind in (v2.MixUp, v2.CutMix):
        for seed in range(6):
            with drawing(Draws(seed, 0, [0])):
                images, labels = kind(num_classes=5)(shown, from_numpy(LABELS))
            np.testing.assert_allclose(images.numpy().mean((2, 3)), labels.numpy(), atol=1e-6)
            np.testing.assert_allclose(labels.numpy().sum(1), 1, atol=1e-6)


def test_mixed_labels_go_into_a_loss() -> None:
    images, labels = v2.RandomChoice([v2.MixUp(num_classes=5), v2.CutMix(num_classes=5)])(
        from_numpy(IMAGES), from_numpy(LABELS)
    )
    scores = images.flatten(1)[:, :5].requires_grad_()
    cross_entropy(scores, labels).backward()
    assert scores.grad is not None


def test_labels_are_found_by_their_name_or_by_a_function() -> None:
    batch = {"image": from_numpy(IMAGES), "my_label": from_numpy(LABELS), "name": "x"}
    made = v2.MixUp(num_classes=5)(batch)
    assert made["my_label"].shape == (6, 5)
    assert made["name"] == "x"
    rest = v2.CutMix(num_classes=5, labels_getter=lambda each: each[2])(from_numpy(IMAGES), 3, from_numpy(LABELS))
    assert rest[2].shape == (6, 5)


MIX, CUT = v2.MixUp(num_classes=5), v2.CutMix(num_classes=5)
WRONG: dict[str, tuple[str, Any]] = {
    "pictures": ("does not support PIL images", lambda: MIX(PICTURE, from_numpy(LABELS))),
    "no batch": (
        "Expected a batched input with 4 dims",
        lambda: MIX(from_numpy(IMAGES[0]), from_numpy(LABELS)),
    ),
    "another size": (
        "does not match the batch size of the labels",
        lambda: CUT(from_numpy(IMAGES), from_numpy(LABELS[:4])),
    ),
    "how many classes": ("num_classes must be passed", lambda: v2.CutMix()(from_numpy(IMAGES), from_numpy(LABELS))),
    "other classes": (
        "must match num_classes",
        lambda: v2.CutMix(num_classes=3)(from_numpy(IMAGES), from_numpy(IMAGES[:, 0, 0])),
    ),
    "no labels": ("must be a dictionary or a two-tuple", lambda: v2.CutMix(num_classes=3)([from_numpy(IMAGES), 3])),
    "a label too large": (
        "Class values must be smaller than num_classes",
        lambda: v2.MixUp(num_classes=2)(from_numpy(IMAGES), from_numpy(LABELS + 2)),
    ),
    "whole pixels": (
        "result type",
        lambda: MIX(from_numpy(IMAGES.astype(np.uint8)), from_numpy(LABELS)),
    ),
    "alpha": ("beta distribution", lambda: v2.MixUp(alpha=0.0, num_classes=2)),
    "normalised pictures": ("does not support PIL images", lambda: v2.Normalize([0.5], [0.5])(PICTURE)),
    "no transforms": ("Pass at least one transform", lambda: v2.Compose([])),
    "no argument": ("missing 1 required positional argument", lambda: v2.ToImage()()),
    "a range": ("Invalid side range provided", lambda: v2.RandomZoomOut(side_range=(0.5, 2))),
    "a range of one": ("scale_range should be a sequence of length 2", lambda: v2.ScaleJitter((3, 4), (1,))),
    "quality": ("quality must be an integer from 1 to 100", lambda: v2.JPEG(101)),
    "quality of floats": ("Input tensor dtype should be uint8", lambda: v2.functional.jpeg(from_numpy(IMAGES), 50)),
    "sizes": ("whole number of pixels", lambda: v2.RandomResize(8, 8)),
    "no sizes": ("at least one size", lambda: v2.RandomShortestSize([])),
    "permutation": (
        "Length of permutation does not match",
        lambda: v2.functional.permute_channels(from_numpy(BYTES), [0, 1]),
    ),
    "colours of masks": (
        "Functional F.invert supports inputs of type Image",
        lambda: v2.functional.invert(tv_tensors.Mask(MASK)),
    ),
    "an unsafe type": ("cannot be performed safely", lambda: v2.ToDtype(knoll.int64, scale=True)(from_numpy(IMAGES))),
    "a type": ("dtype must be a dict or a torch.dtype", lambda: v2.ToDtype(None)),
    "one axis": ("Tensor must be 2D or higher", lambda: tv_tensors.Image([1.0, 2.0])),
    "fill by name": ("(?s)classes and the word.*got: 'mask'", lambda: v2.Pad(1, fill={"mask": 3})),
    "a fill by kind": (r"(?s)Got inappropriate fill arg.*fill\[Mask\]", lambda: v2.Pad(1, fill={tv_tensors.Mask: "3"})),
    "fill": (
        "The number of elements in 'fill' does not match",
        lambda: v2.RandomZoomOut(fill=[1, 2], p=1)(from_numpy(BYTES)),
    ),
}


@pytest.mark.parametrize("case", WRONG)
def test_bad_input_is_refused(case: str) -> None:
    sentence, call = WRONG[case]
    with pytest.raises(KnollError, match=sentence):
        call()


STEPS = [
    v2.Resize((12, 12)),
    v2.ToImage(),
    v2.RandomCrop(10, padding=2),
    v2.RandomHorizontalFlip(),
    v2.ToDtype(knoll.float32, scale=True),
    v2.Normalize([0.5], [0.5]),
]


def test_many_images_at_once_are_those_one_by_one() -> None:
    together = datasets.Digits(transform=v2.Compose(STEPS[1:]))
    alone = datasets.Digits(transform=lambda image: v2.Compose(STEPS[1:])(image))
    assert transforms.for_batches(v2.Compose(STEPS[1:])) is not None
    assert transforms.for_batches(v2.Compose(STEPS)) is None
    knoll.manual_seed(1)
    images, labels = next(iter(DataLoader(together, batch_size=9)))
    knoll.manual_seed(1)
    wanted, classes = next(iter(DataLoader(alone, batch_size=9)))
    assert np.array_equal(images.numpy(), wanted.numpy())
    assert np.array_equal(labels.numpy(), classes.numpy())


@pytest.mark.parametrize("method", ["__call__", "transform", "make_params", "get_params"])
def test_what_a_subclass_changes_is_not_passed_over(method: str) -> None:
    class Own(v2.RandomCrop):
        pass

    assert transforms.for_batches(v2.Compose([v2.ToImage(), Own(5)])) is not None
    setattr(Own, method, lambda *_: None)
    assert transforms.for_batches(v2.Compose([v2.ToImage(), Own(5)])) is None


def both(name: str, *given: Any, **named: Any) -> tuple[Any, Any]:
    """The transform of both libraries."""
    theirs = pytest.importorskip("torchvision.transforms.v2")
    return getattr(v2, name)(*given, **named), getattr(theirs, name)(*given, **named)


@pytest.mark.pytorch
@pytest.mark.parametrize("source", ["uint8", "int16", "float32", "float64"])
@pytest.mark.parametrize("target", ["uint8", "int16", "int32", "float32", "float64"])
@pytest.mark.parametrize("scale", [False, True])
def test_types_are_those_of_torchvision(torch: Any, source: str, target: str, scale: bool) -> None:
    pixels = (BYTES if "int" in source else BYTES / 255).astype(source)
    theirs = pytest.importorskip("torchvision.transforms.v2")
    other = theirs.ToDtype(getattr(torch, target), scale=scale)
    ours = v2.ToDtype(getattr(knoll, target), scale=scale)
    try:
        wanted = other(torch.from_numpy(pixels))
    except RuntimeError:
        with pytest.raises(ArgumentError, match="cannot be performed safely"):
            ours(from_numpy(pixels))
        return
    assert np.array_equal(ours(from_numpy(pixels)).numpy(), wanted.numpy())
    assert ours(from_numpy(pixels)).numpy().dtype == wanted.numpy().dtype


@pytest.mark.pytorch
@pytest.mark.parametrize("name", ["MixUp", "CutMix"])
@pytest.mark.parametrize("rows", [False, True])
def test_batches_are_mixed_as_in_torchvision(torch: Any, name: str, rows: bool) -> None:
    ours, theirs = both(name, num_classes=5)
    labels = RNG.random((6, 5), dtype=np.float32) if rows else LABELS
    for seed in range(5):
        with drawing(Draws(seed, 0, [0])):
            images, mixed = ours(from_numpy(IMAGES), from_numpy(labels))
        with drawing(Draws(seed, 0, [0])):
            params = ours.make_params([from_numpy(IMAGES)])
        theirs.make_params = lambda _, params=params: {**params, "lam_adjusted": params["lam"]}
        wanted = theirs(torch.from_numpy(IMAGES), torch.from_numpy(labels))
        np.testing.assert_allclose(images.numpy(), wanted[0].numpy(), rtol=0, atol=2**-23)
        np.testing.assert_allclose(mixed.numpy(), wanted[1].numpy(), rtol=0, atol=2**-23)


@pytest.mark.pytorch
def test_images_and_masks_are_moved_as_in_torchvision(torch: Any) -> None:
    theirs = pytest.importorskip("torchvision.transforms.v2.functional")
    kinds = pytest.importorskip("torchvision.tv_tensors")
    calls: dict[str, tuple[Any, ...]] = {
        "resize": ([9, 14],),
        "crop": (-2, 3, 9, 40),
        "pad": ([1, 2, 3, 4], 7),
        "horizontal_flip": (),
        "vertical_flip": (),
        "rotate": (30.0,),
        "affine": (12.0, [2, 3], 1.2, [4.0, 0.0]),
        "perspective": ([[0, 0], [29, 0], [29, 19], [0, 19]], [[1, 2], [25, 1], [28, 18], [2, 17]]),
        "center_crop": ([12, 40],),
        "resized_crop": (2, 3, 10, 12, [8, 8]),
    }
    for name, given in calls.items():
        ours, other = getattr(v2.functional, name), getattr(theirs, name)
        mask = ours(tv_tensors.Mask(MASK), *given)
        assert np.array_equal(mask.numpy(), other(kinds.Mask(torch.from_numpy(MASK)), *given).numpy()), name
        image = ours(tv_tensors.Image(BYTES), *given).numpy().astype(int)
        assert np.abs(image - other(kinds.Image(torch.from_numpy(BYTES)), *given).numpy()).max() <= 1, name
    noise = theirs.pad(kinds.Image(torch.from_numpy(BYTES)), [1, 0, 0, 2], [1, 2, 3]).numpy()
    assert np.array_equal(v2.functional.pad(tv_tensors.Image(BYTES), [1, 0, 0, 2], [1, 2, 3]).numpy(), noise)
    order = [2, 0, 1]
    permuted = theirs.permute_channels(torch.from_numpy(BYTES), order).numpy()
    assert np.array_equal(v2.functional.permute_channels(from_numpy(BYTES), order).numpy(), permuted)


@pytest.mark.pytorch
@pytest.mark.parametrize(
    ("name", "given"),
    [
        ("ToImage", {}),
        ("RGB", {}),
        ("JPEG", {"quality": [30, 40]}),
        ("MixUp", {"num_classes": 3}),
        ("GaussianNoise", {"sigma": 0.5}),
        ("RandomHorizontalFlip", {"p": 0.3}),
        ("RandomZoomOut", {"fill": 3}),
        ("RandomPhotometricDistort", {}),
        ("RandomChannelPermutation", {}),
        ("ToPureTensor", {}),
    ],
)
def test_they_are_printed_as_in_torchvision(name: str, given: dict[str, Any]) -> None:
    ours, theirs = both(name, **given)
    assert repr(ours) == repr(theirs)
