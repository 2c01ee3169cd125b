"""Augmentations that choose for themselves: against torchvision where it is installed, and what they refuse.

Both libraries draw the same numbers: those that torchvision asks PyTorch for come from Knoll's generator.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from PIL import Image

from knoll.data import Draws, drawing, draws
from knoll.errors import ArgumentError, ArgumentTypeError
from knoll.tensor import Tensor, from_numpy
from knoll.vision import transforms
from knoll.vision.transforms import functional
from knoll.vision.transforms.chance import shares
from knoll.vision.transforms.functional.sampling import steps
from knoll.vision.transforms.policies import applied

RNG = np.random.default_rng(7)
BYTES = RNG.integers(0, 256, (3, 33, 46), dtype=np.uint8)
PICTURE = Image.fromarray(BYTES.transpose(1, 2, 0))
NEAREST = transforms.InterpolationMode.NEAREST

MADE: dict[str, dict[str, Any]] = {
    "RandAugment": {"num_ops": 3, "magnitude": 17},
    "RandAugment bilinear": {"interpolation": "bilinear", "fill": [1.0, 200.0, 3.0]},
    "TrivialAugmentWide": {"fill": 9},
    "TrivialAugmentWide bilinear": {"interpolation": "bilinear", "num_magnitude_bins": 12},
    "AutoAugment": {},
    "AutoAugment cifar10": {"policy": "cifar10", "fill": 9},
    "AutoAugment svhn": {"policy": "svhn", "interpolation": "bilinear"},
    "AugMix": {"severity": 5, "interpolation": "nearest"},
    "AugMix bilinear": {"mixture_width": 2, "chain_depth": 2, "all_ops": False, "alpha": 0.5, "fill": 9},
}


@pytest.fixture
def theirs(torch: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Torchvision's transforms, which draw Knoll's numbers."""
    library = pytest.importorskip("torchvision.transforms")

    def randint(*edges: int, size: tuple[int, ...] = (), **named: Any) -> Any:
        *bounds, size = (*edges, size) if size else edges
        low, high = named.get("low", 0), named.get("high", bounds[-1] if bounds else 0)
        return torch.tensor([low + int(draws().below(high - low)[0]) for _ in range(size[0])])

    monkeypatch.setattr(torch, "randint", randint)
    monkeypatch.setattr(torch, "rand", lambda size: torch.tensor([draws().uniform()[0] for _ in range(size[0])]))

    def shared(_: Any, alphas: Any) -> Any:
        return torch.from_numpy(shares(float(alphas[0, 0]), alphas.shape[1], alphas.shape[0]))

    monkeypatch.setattr(library.AugMix, "_sample_dirichlet", shared)
    return library


def made_by(library: Any, name: str, **others: Any) -> Any:
    """A transform of either library."""
    given = {**MADE[name], **others}
    if "interpolation" in given:
        given["interpolation"] = library.InterpolationMode(given["interpolation"])
    if "policy" in given:
        given["policy"] = library.AutoAugmentPolicy(given["policy"])
    return getattr(library, name.split()[0])(**given)


@pytest.mark.parametrize("name", MADE)
def test_results_are_those_of_torchvision(torch: Any, theirs: Any, name: str) -> None:
    ours, other = (made_by(library, name) for library in (transforms, theirs))
    assert repr(ours) == repr(other)
    fill = MADE[name].get("fill")
    whole = {"fill": [int(value) for value in fill]} if isinstance(fill, list) else {}
    of_picture = [made_by(library, name, **whole) for library in (transforms, theirs)]
    for seed in range(40):
        with drawing(Draws(seed, 0, [0])):
            wanted = other(torch.from_numpy(BYTES)).numpy()
        with drawing(Draws(seed, 0, [0])):
            made = ours(from_numpy(BYTES)).numpy()
        np.testing.assert_array_equal(made, wanted)
        pictures = []
        for transform in of_picture:
            with drawing(Draws(seed, 0, [0])):
                pictures.append(np.asarray(transform(PICTURE)))
        np.testing.assert_array_equal(*pictures)


def test_numbers_in_equal_steps_are_those_of_pytorch(torch: Any) -> None:
    for count in (2, 10, 31, 40):
        for last in (0.3, 0.99, 32.0, 135.0, 150 / 331 * 46, 46 / 3):
            np.testing.assert_array_equal(steps(0.0, last, count), torch.linspace(0.0, last, count).numpy())


@pytest.mark.parametrize(("name", "strength"), [
    ("Identity", 0.0), ("TranslateX", 0.9), ("Rotate", 0.0), ("Brightness", 0.0), ("Color", 0.0), ("Posterize", 8),
    ("ShearX", 0.0), ("ShearY", 0.0),
])  # fmt: skip
def test_the_weakest_operations_change_nothing(name: str, strength: float) -> None:
    made = applied(functional, from_numpy(BYTES), name, strength, NEAREST, None)
    np.testing.assert_array_equal(made.numpy(), BYTES)


def test_a_shift_goes_to_the_right_and_down() -> None:
    for name, axis in (("TranslateX", 2), ("TranslateY", 1)):
        made = applied(functional, from_numpy(BYTES), name, 4.7, NEAREST, 5).numpy()
        assert (np.take(made, range(4), axis) == 5).all()
        np.testing.assert_array_equal(
            np.take(made, range(4, BYTES.shape[axis]), axis), np.take(BYTES, range(BYTES.shape[axis] - 4), axis)
        )


@pytest.mark.parametrize("name", MADE)
def test_a_sample_gets_the_same_in_an_epoch_and_another_in_the_next(name: str) -> None:
    for image in (from_numpy(BYTES), PICTURE):

        def drawn(epoch: int, image: Any = image) -> bytes:
            with drawing(Draws(5, epoch, [3])):
                made = made_by(transforms, name)(image)
            return (made.numpy() if isinstance(made, Tensor) else np.asarray(made)).tobytes()

        assert drawn(0) == drawn(0)
        assert len({drawn(epoch) for epoch in range(12)}) > 3


def test_they_are_printed_as_in_torchvision() -> None:
    assert [repr(made) for made in (
        transforms.RandAugment(), transforms.TrivialAugmentWide(), transforms.AutoAugment(), transforms.AugMix(),
    )] == [
        "RandAugment(num_ops=2, magnitude=9, num_magnitude_bins=31, interpolation=InterpolationMode.NEAREST, "
        "fill=None)",
        "TrivialAugmentWide(num_magnitude_bins=31, interpolation=InterpolationMode.NEAREST, fill=None)",
        "AutoAugment(policy=AutoAugmentPolicy.IMAGENET, fill=None)",
        "AugMix(severity=3, mixture_width=3, chain_depth=-1, alpha=1.0, all_ops=True, "
        "interpolation=InterpolationMode.BILINEAR, fill=None)",
    ]  # fmt: skip


def test_found_pairs_are_those_of_the_paper() -> None:
    found = {policy.name: transforms.AutoAugment(policy).policies for policy in transforms.AutoAugmentPolicy}
    assert [len(pairs) for pairs in found.values()] == [25, 25, 25]
    assert found["IMAGENET"][0] == (("Posterize", 0.4, 8), ("Rotate", 0.6, 9))
    assert found["CIFAR10"][13] == (("Brightness", 0.9, 6), ("Color", 0.2, 8))
    assert found["SVHN"][-1] == (("ShearX", 0.7, 2), ("Invert", 0.1, None))


def test_mixed_images_keep_one_colour_and_have_shares_of_their_own() -> None:
    grey = from_numpy(np.full((4, 3, 8, 8), 130, np.uint8))
    changed = transforms.AugMix(10, all_ops=False, fill=[0, 0, 0])(grey).numpy()
    assert (changed.shape, changed.dtype) == ((4, 3, 8, 8), np.uint8)
    drawn = shares(0.7, 3, 5000)
    np.testing.assert_allclose(drawn.sum(1), 1, rtol=1e-6)
    np.testing.assert_allclose(drawn.mean(0), 1 / 3, atol=0.03)
    # The variance of a share of k with alpha each: (k - 1) / (k² (k·alpha + 1)).
    np.testing.assert_allclose(drawn.var(0), 2 / (9 * 3.1), atol=0.01)


@pytest.mark.parametrize(("call", "kind", "said"), [
    (lambda: transforms.RandAugment(magnitude=31), ArgumentError, "(?s)`magnitude` is one of.*0 … 30"),
    (lambda: transforms.RandAugment(1.5), ArgumentTypeError, "`num_ops` is a whole number"),
    (lambda: transforms.TrivialAugmentWide(1), ArgumentError, "(?s)`num_magnitude_bins`.*>= 2"),
    (lambda: transforms.RandAugment(fill="red"), ArgumentTypeError, "Got inappropriate fill arg"),
    (lambda: transforms.AutoAugment("svhn"), ArgumentError, "The provided policy svhn is not recognized"),
    (lambda: transforms.AugMix(11), ArgumentError, r"must be between \[1, 10\]. Got 11 instead"),
    (lambda: transforms.AugMix(alpha=0), ArgumentError, "`alpha` of a Dirichlet distribution is a positive number"),
    (lambda: transforms.RandAugment()(3), ArgumentTypeError, "Unexpected type <class 'int'>"),
    (lambda: applied(functional, PICTURE, "Swirl", 0, NEAREST, 0), ArgumentError, "operator Swirl is"),
])  # fmt: skip
def test_wrong_arguments_are_refused(call: Callable[[], Any], kind: type[Exception], said: str) -> None:
    with pytest.raises(kind, match=said):
        call()
