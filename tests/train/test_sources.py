from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest

from knoll.errors import DataError, FileError
from knoll.train import Configuration, source
from knoll.vision.datasets import ArrayImages
from knoll.vision.transforms import Transform


def test_digits_are_shown_as_colour_images_of_32_by_32() -> None:
    digits = source(Configuration.recipe("digits"))
    assert digits.train.images.shape == (1437, 3, 32, 32)
    assert digits.test.images.shape == (360, 3, 32, 32)
    assert digits.classes == tuple("0123456789")


def test_a_folder_is_split_by_the_seed(pictures: Path) -> None:
    whole = source(Configuration.recipe("folder", root=str(pictures)))
    again = source(Configuration.recipe("folder", root=str(pictures)))
    assert (len(whole.train), len(whole.test)) == (5, 1)
    assert whole.classes == ("blue", "red")
    assert whole.train.images.shape == (5, 3, 32, 32)
    np.testing.assert_array_equal(whole.test.images, again.test.images)
    for image, label in zip(whole.train.images, whole.train.targets, strict=True):
        assert (image[0].mean() > image[2].mean()) == (whole.classes[label] == "red")


def test_a_folder_with_parts_of_its_own(pictures: Path, tmp_path: Path) -> None:
    shutil.copytree(pictures, tmp_path / "both" / "train")
    shutil.copytree(pictures / "red", tmp_path / "both" / "test" / "red")
    with pytest.raises(DataError) as caught:
        source(Configuration.recipe("folder", root=str(tmp_path / "both")))
    assert "do not have the same classes" in str(caught.value)
    assert "expected: blue, red\n  got: red" in str(caught.value)
    shutil.copytree(pictures / "blue", tmp_path / "both" / "test" / "blue")
    whole = source(Configuration.recipe("folder", root=str(tmp_path / "both")))
    assert (len(whole.train), len(whole.test)) == (6, 6)


def test_too_few_pictures(pictures: Path) -> None:
    shutil.rmtree(pictures / "red")
    with pytest.raises(DataError, match="3 pictures are too few"):
        source(Configuration.recipe("folder", root=str(pictures)))


def test_a_broken_picture_is_told_before_the_training(pictures: Path) -> None:
    (pictures / "red" / "1.png").write_bytes((pictures / "red" / "1.png").read_bytes()[:40])
    with pytest.raises(DataError, match=r"1\.png"):
        source(Configuration.recipe("folder", root=str(pictures)))


@pytest.mark.parametrize(("data", "error"), [("cifar10", DataError), ("folder", FileError)])
def test_a_folder_that_is_not_there(tmp_path: Path, data: str, error: type[Exception]) -> None:
    with pytest.raises(error, match=r"not found|cannot be read"):
        source(Configuration.recipe(data, root=str(tmp_path / "nowhere")))


def test_cifar10_is_divided_by_255_and_nothing_else(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[tuple[str, bool, bool]] = []

    def archive(root: str, train: bool, transform: Transform, download: bool = False) -> ArrayImages:
        asked.append((root, train, download))
        images = ArrayImages(np.full((2, 3, 32, 32), 51, np.uint8), np.array([0, 1]), transform, None)
        images.classes = ["airplane", "automobile"]
        return images

    monkeypatch.setattr("knoll.train.sources.CIFAR10", archive)
    cifar = source(Configuration.recipe("cifar10", root="data"), download=True)
    assert asked == [("data", True, True), ("data", False, False)]
    assert cifar.classes == ("airplane", "automobile")
    assert cifar.train[0][0].numpy().max() == cifar.train[0][0].numpy().min() == np.float32(0.2)
