"""Folders of pictures: which are found, how every mode becomes RGB, and what broken ones are answered."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from knoll.data import DataLoader
from knoll.errors import ArgumentError, ArgumentTypeError, DataError, DimensionError, FileError, ShapeError
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


def picture_at(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.new("RGB", (2, 2)).save(path, "PNG")


def test_pictures_come_in_the_order_of_torchvision(tmp_path: Path) -> None:
    for name in ("a/z.png", "a/b/1.png", "a/b-c/0.png", "a/B.PNG", "a/.hidden.png", "a/.more/x.png"):
        picture_at(tmp_path / name)
    # As sorted(os.walk(…)) gives folders, and sorted names in each.
    want = [
        os.path.join(place, name)
        for place, _, names in sorted(os.walk(tmp_path / "a", followlinks=True))
        for name in sorted(names)
    ]
    assert [path for path, _ in ImageFolder(tmp_path).samples] == want


def test_links_are_followed_and_circles_end(tmp_path: Path) -> None:
    picture_at(tmp_path / "elsewhere" / "far.png")
    picture_at(tmp_path / "data" / "ant" / "near.png")
    (tmp_path / "data" / "ant" / "far").symlink_to(tmp_path / "elsewhere")
    (tmp_path / "data" / "bee").symlink_to(tmp_path / "elsewhere")
    (tmp_path / "data" / "ant" / "back").symlink_to(tmp_path / "data" / "ant")
    (tmp_path / "data" / "ant" / "up").symlink_to(tmp_path / "data")
    (tmp_path / "data" / "ant" / "nowhere.png").symlink_to(tmp_path / "none.png")
    for number in range(12):  # folders that all link to each other
        (tmp_path / "elsewhere" / f"{number}").mkdir()
        for other in range(12):
            (tmp_path / "elsewhere" / f"{number}" / f"to{other}").symlink_to(tmp_path / "elsewhere" / f"{other}")
    found = [(Path(path).name, label) for path, label in ImageFolder(tmp_path / "data").samples]
    assert found == [("near.png", 0), ("far.png", 0), ("far.png", 1)]


def test_files_and_readers_of_ones_own(tmp_path: Path) -> None:
    picture_at(tmp_path / "a" / "1.png")
    (tmp_path / "a" / "2.npy").write_bytes(b"")
    (tmp_path / "b").mkdir()
    data = ImageFolder(
        tmp_path, loader=lambda path: Path(path).name, is_valid_file=lambda path: path.endswith("npy"), allow_empty=True
    )
    assert data.classes == ["a", "b"]
    assert list(data) == [("2.npy", 0)]  # type: ignore[call-overload]
    with pytest.raises(DataError, match="Found no valid file for the classes b"):
        ImageFolder(tmp_path)


@pytest.mark.parametrize("wrong", [None, 3, ["a"], b"a", "a\0b"])
def test_what_is_no_folder_is_told(wrong: object) -> None:
    with pytest.raises((ArgumentError, ArgumentTypeError), match=r"folder|path|embedded null byte"):
        ImageFolder(wrong)  # type: ignore[arg-type]


def test_a_file_is_no_folder(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    for wrong in (tmp_path / "file", tmp_path / "none"):
        with pytest.raises(FileError, match="cannot be read"):
            ImageFolder(wrong)


@pytest.mark.parametrize("transform", [ToTensor, 3, "a", Compose])
def test_a_transform_that_is_none_is_told(folder: Path, transform: object) -> None:
    for name in ("transform", "target_transform"):
        with pytest.raises(ArgumentTypeError) as caught:
            ImageFolder(folder, **{name: transform})  # type: ignore[arg-type]
        assert caught.value.where == name
