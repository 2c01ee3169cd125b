"""Folders of pictures: which are found, how every mode becomes RGB, and what broken ones are answered."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from knoll.data import DataLoader
from knoll.errors import DataError, DimensionError, FileError, ShapeError
from knoll.vision.datasets import ImageFolder
from knoll.vision.transforms import Compose, Resize, ToTensor


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Two bees and an ant, of three sizes."""
    for name, size in (("bees/b.png", (4, 4)), ("bees/more/a.JPG", (8, 6)), ("ants/1.bmp", (5, 5))):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.new("RGB", size, (10, 20, 30)).save(path)
    (tmp_path / "ants" / "notes.txt").write_text("no picture")
    (tmp_path / "readme.txt").write_text("no class")
    return tmp_path


def test_classes_are_the_folders_in_order(folder: Path) -> None:
    data = ImageFolder(folder)
    assert data.classes == ["ants", "bees"]
    assert data.class_to_idx == {"ants": 0, "bees": 1}
    assert [(Path(path).name, label) for path, label in data.samples] == [("1.bmp", 0), ("b.png", 1), ("a.JPG", 1)]
    assert data.imgs == data.samples
    assert data.targets == [0, 1, 1]
    assert len(data) == 3
    assert data[2][0].size == (8, 6)


def test_a_wrong_index_is_refused(folder: Path) -> None:
    with pytest.raises(DimensionError, match="Sample 3 is out of range: the data set has 3 samples"):
        ImageFolder(folder)[3]


@pytest.mark.parametrize(
    ("mode", "colour", "want"),
    [
        ("RGBA", (10, 20, 30, 0), (10, 20, 30)),
        ("L", 77, (77, 77, 77)),
        ("LA", (77, 9), (77, 77, 77)),
        ("1", 1, (255, 255, 255)),
        ("I;16", 0x4CFF, (0x4C, 0x4C, 0x4C)),
    ],
)
def test_every_mode_becomes_rgb(tmp_path: Path, mode: str, colour: object, want: tuple[int, int, int]) -> None:
    (tmp_path / "class").mkdir()
    Image.new(mode, (2, 2), colour).save(tmp_path / "class" / "image.png")  # type: ignore[arg-type]
    image, _ = ImageFolder(tmp_path)[0]
    assert image.mode == "RGB"
    assert image.getpixel((1, 1)) == want


def test_palettes_become_their_colours(tmp_path: Path) -> None:
    (tmp_path / "class").mkdir()
    palette = Image.new("RGB", (2, 2), (200, 100, 50)).quantize(4)
    palette.save(tmp_path / "class" / "plain.png")
    palette.save(tmp_path / "class" / "seethrough.png", transparency=bytes([128]))
    for image, _ in ImageFolder(tmp_path):  # type: ignore[attr-defined]
        assert image.mode == "RGB"
        assert image.getpixel((0, 0)) == (200, 100, 50)


def test_a_cut_picture_is_named(folder: Path) -> None:
    path = folder / "ants" / "2.png"
    Image.fromarray(np.random.default_rng(0).integers(0, 256, (64, 64, 3), dtype=np.uint8)).save(path)
    path.write_bytes(path.read_bytes()[:900])
    data = ImageFolder(folder, ToTensor())
    with pytest.raises(DataError, match=r"2\.png is damaged or was cut short"):
        data[1]
    with pytest.raises(DataError) as caught:
        list(DataLoader(data))
    assert caught.value.where == "sample 1 of the data set"


@pytest.mark.parametrize("content", [b"", b"<html>not found</html>"])
def test_a_file_that_is_no_picture_is_named(folder: Path, content: bytes) -> None:
    path = folder / "ants" / "0.jpg"
    path.write_bytes(content)
    with pytest.raises(DataError, match=r"cannot identify image file '.*0\.jpg'"):
        ImageFolder(folder)[0]


def test_a_file_that_went_away_is_named(folder: Path) -> None:
    data = ImageFolder(folder)
    os.unlink(data.samples[0][0])
    with pytest.raises(FileError, match=r"1\.bmp cannot be read: No such file"):
        data[0]


def test_a_folder_without_classes_or_pictures_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="Couldn't find any class folder in ") as caught:
        ImageFolder(tmp_path)
    assert "root/cat/1.png" in str(caught.value)
    (tmp_path / "cats").mkdir()
    with pytest.raises(
        DataError, match=r"Found no valid file for the classes cats\. Supported extensions are: \.jpg, "
    ):
        ImageFolder(tmp_path)
    with pytest.raises(FileError, match="No such file"):
        ImageFolder(tmp_path / "nowhere")


def test_pictures_of_two_sizes_need_a_resize(folder: Path) -> None:
    with pytest.raises(ShapeError, match=r"Resize\(\(32, 32\)\)"):
        list(DataLoader(ImageFolder(folder, ToTensor()), batch_size=3))
    images, labels = next(iter(DataLoader(ImageFolder(folder, Compose([Resize((4, 4)), ToTensor()])), batch_size=3)))
    assert images.numpy().shape == (3, 3, 4, 4)
    assert labels.numpy().tolist() == [0, 1, 1]


def test_it_prints_as_torchvision_does(folder: Path) -> None:
    assert repr(ImageFolder(folder, ToTensor())) == (
        f"Dataset ImageFolder\n    Number of datapoints: 3\n    Root location: {folder}\n"
        "    StandardTransform\nTransform: ToTensor()"
    )
