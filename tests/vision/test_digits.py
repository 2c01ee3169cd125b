"""The bundled digits: how many, which, and how they are enlarged."""

from __future__ import annotations

import numpy as np
from PIL import Image

from knoll.data import DataLoader
from knoll.vision.datasets import Digits
from knoll.vision.datasets.digits import _scans, _tested
from knoll.vision.transforms import Compose, Normalize, Resize, ToTensor


def test_the_parts_share_out_all_digits_evenly() -> None:
    train, test = Digits(), Digits(train=False)
    assert (len(train), len(test)) == (1437, 360)
    shares = np.bincount(test.targets) / (np.bincount(train.targets) + np.bincount(test.targets))
    assert abs(shares - 0.2).max() < 0.005


def test_no_digit_is_in_both_parts() -> None:
    train, test = (part.images.reshape(len(part), -1) for part in (Digits(), Digits(train=False)))
    whole = np.concatenate([train, test])
    scans = _scans()[0].reshape(1797, -1)
    assert len(np.unique(whole, axis=0)) == len(np.unique(scans, axis=0))


def test_they_are_those_of_the_repository() -> None:
    pixels, labels = _scans()
    assert labels[:10].tolist() == list(range(10))
    assert pixels[0, 0].tolist() == [0, 0, 5, 13, 9, 1, 0, 0]
    assert int(pixels.max()) == 16
    assert np.bincount(labels).tolist() == [178, 182, 177, 183, 181, 182, 181, 179, 174, 180]


def test_enlarging_is_bilinear_as_pillow_does_it() -> None:
    pixels, labels = _scans()
    scan = Image.fromarray(pixels[~_tested(labels)][0] * np.float32(255 / 16))
    enlarged = np.asarray(scan.resize((32, 32), Image.Resampling.BILINEAR))
    assert abs(Digits().images[0] - enlarged).max() <= 0.501


def test_a_sample_is_a_picture_and_its_class() -> None:
    digits = Digits(train=False)
    image, label = digits[-360]
    assert isinstance(image, Image.Image)
    assert (image.mode, image.size, label) == ("RGB", (32, 32), 0)
    assert digits.class_to_idx["7"] == 7
    np.testing.assert_array_equal(np.asarray(image), digits.data[0])


def test_a_loader_takes_whole_batches_with_the_same_numbers() -> None:
    steps = [ToTensor(), Normalize([0.5] * 3, [0.5] * 3)]
    fast = DataLoader(Digits(False, Compose(steps)), batch_size=50, shuffle=True, seed=4)
    slow = DataLoader(Digits(False, Compose([Resize(32), *steps])), batch_size=50, shuffle=True, seed=4)
    for (images, labels), (others, other_labels) in zip(fast, slow, strict=True):
        np.testing.assert_array_equal(images.numpy(), others.numpy())
        np.testing.assert_array_equal(labels.numpy(), other_labels.numpy())
        assert images.numpy().dtype == np.float32
        assert labels.numpy().dtype == np.int64


def test_a_target_transform_is_used_in_a_loader() -> None:
    loader = DataLoader(Digits(False, ToTensor(), lambda label: label + 100), batch_size=360)
    (_, labels) = next(iter(loader))
    assert labels.numpy().min() == 100


def test_it_prints_as_torchvision_does() -> None:
    assert repr(Digits(False, Compose([ToTensor()]))) == (
        "Dataset Digits\n    Number of datapoints: 360\n    Split: Test\n    StandardTransform\n"
        "Transform: Compose(\n               ToTensor()\n           )"
    )
