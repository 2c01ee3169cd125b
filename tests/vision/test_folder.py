"""Folders of pictures: which are found, how every mode becomes RGB, and what broken ones are answered."""

from __future__ import annotations

import os
import pickle
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from knoll.data import DataLoader
from knoll.errors import (
    ArgumentError,
    ArgumentTypeError,
    DataError,
    DimensionError,
    FileError,
    MissingFileError,
    ShapeError,
)
from knoll.vision.datasets import DatasetFolder, ImageFolder
from knoll.vision.datasets import folder as functions
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
    Image.new(mode, (2, 2), colour).save(tmp_path / "class" / "image.png")
    image, _ = ImageFolder(tmp_path)[0]
    assert image.mode == "RGB"
    assert image.getpixel((1, 1)) == want


def test_palettes_become_their_colours(tmp_path: Path) -> None:
    (tmp_path / "class").mkdir()
    palette = Image.new("RGB", (2, 2), (200, 100, 50)).quantize(4)
    palette.save(tmp_path / "class" / "plain.png")
    palette.save(tmp_path / "class" / "seethrough.png", transparency=bytes([128]))
    for image, _ in ImageFolder(tmp_path):
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
    with pytest.raises(MissingFileError, match="Couldn't find any class folder in ") as caught:
        ImageFolder(tmp_path)
    assert "root/cat/1.png" in str(caught.value)
    (tmp_path / "cats").mkdir()
    with pytest.raises(
        MissingFileError, match=r"Found no valid file for the classes cats\. Supported extensions are: \.jpg, "
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
    assert list(data) == [("2.npy", 0)]
    with pytest.raises(MissingFileError, match="Found no valid file for the classes b"):
        ImageFolder(tmp_path)


@pytest.mark.parametrize("wrong", [None, 3, ["a"], b"a", "a\0b"])
def test_what_is_no_folder_is_told(wrong: object) -> None:
    with pytest.raises((ArgumentError, ArgumentTypeError), match=r"folder|path|embedded null byte"):
        ImageFolder(wrong)


def test_a_file_is_no_folder(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    for wrong in (tmp_path / "file", tmp_path / "none"):
        with pytest.raises(FileError, match="cannot be read"):
            ImageFolder(wrong)


@pytest.mark.parametrize("transform", [ToTensor, 3, "a", Compose])
def test_a_transform_that_is_none_is_told(folder: Path, transform: object) -> None:
    for name in ("transform", "target_transform"):
        with pytest.raises(ArgumentTypeError) as caught:
            ImageFolder(folder, **{name: transform})
        assert caught.value.where == name


def arrays_at(root: Path, names: str) -> None:
    for number, name in enumerate(names.split()):
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        np.save(path, np.full(2, number, np.float32))


def read_array(path: str) -> Any:
    return np.load(path)


def test_files_of_any_kind(tmp_path: Path) -> None:
    arrays_at(tmp_path, "b/1.npy a/more/2.npy a/x.npz.npy c/3.npy")
    (tmp_path / "a" / "readme.txt").touch()
    data = DatasetFolder(tmp_path, read_array, (".npy",), lambda x: x + 1, lambda y: y * 10)
    assert [(os.path.relpath(path, tmp_path), label) for path, label in data.samples] == [
        (os.path.join("a", "x.npz.npy"), 0), (os.path.join("a", "more", "2.npy"), 0), (os.path.join("b", "1.npy"), 1),
        (os.path.join("c", "3.npy"), 2),
    ]  # fmt: skip
    assert [(float(x[0]), y) for x, y in (data[i] for i in range(4))] == [(3.0, 0), (2.0, 0), (1.0, 10), (4.0, 20)]
    images, labels = next(iter(DataLoader(DatasetFolder(str(tmp_path), read_array, ".npy"), batch_size=4)))
    assert images.tolist() == [[2, 2], [1, 1], [0, 0], [3, 3]]
    assert labels.tolist() == [0, 0, 1, 2]
    assert type(pickle.loads(pickle.dumps(DatasetFolder(tmp_path, read_array, ".npy")))) is DatasetFolder


def test_classes_and_samples_of_ones_own(tmp_path: Path) -> None:
    arrays_at(tmp_path, "a/1.npy b/2.npy c/3.npy")

    class Some(DatasetFolder):
        def find_classes(self, directory: str | os.PathLike[str]) -> tuple[list[str], dict[str, int]]:
            assert Path(directory) == tmp_path
            return ["c", "a"], {"c": 0, "a": 7}

    data = Some(tmp_path, read_array, ".npy")
    assert (data.classes, data.class_to_idx, data.targets) == (["c", "a"], {"c": 0, "a": 7}, [7, 0])
    assert (float(data[1][0][0]), data[1][1]) == (2.0, 0)

    class Listed(DatasetFolder):
        @staticmethod
        def make_dataset(directory: Any, class_to_idx: dict[str, int], *_: Any, **__: Any) -> list[tuple[str, int]]:
            return [(f"{directory}/{name}", number) for name, number in class_to_idx.items()]

    listed = Listed(tmp_path, loader=os.path.basename)
    assert [listed[i] for i in range(len(listed))] == [("a", 0), ("b", 1), ("c", 2)]
    listed.samples = listed.samples[1:]  # as programs take some of them
    assert len(listed) == 2
    assert list(DataLoader(listed, batch_size=2, collate_fn=list)) == [[("b", 1), ("c", 2)]]


def test_what_make_dataset_refuses(tmp_path: Path) -> None:
    arrays_at(tmp_path, "a/1.npy")
    make = functions.make_dataset
    assert make(tmp_path, extensions=".npy") == [(str(tmp_path / "a" / "1.npy"), 0)]
    assert make(tmp_path, {"a": 3, "gone": 4}, ".npy", allow_empty=True) == [(str(tmp_path / "a" / "1.npy"), 3)]
    for found in ({}, {"extensions": ".npy", "is_valid_file": bool}):
        with pytest.raises(ValueError, match="cannot be None or not None at the same time"):
            make(tmp_path, **found)
    with pytest.raises(ValueError, match="'class_to_index' must have at least one entry to collect any samples"):
        make(tmp_path, {}, ".npy")
    with pytest.raises(FileNotFoundError, match=r"for the classes b, gone\. Supported extensions are: \.npy, \.txt"):
        make(tmp_path, {"gone": 0, "a": 1, "b": 2}, (".npy", ".txt"))
    with pytest.raises(ArgumentTypeError, match=r"make_dataset\(\): argument 'is_valid_file' must be callable"):
        make(tmp_path, is_valid_file=3)
    with pytest.raises(ArgumentTypeError, match=r"DatasetFolder\(\): argument 'loader' must be callable, not str"):
        DatasetFolder(tmp_path, "read", ".npy")
    with pytest.raises(ValueError, match="The class_to_idx parameter cannot be None"):
        DatasetFolder.make_dataset(tmp_path, None, ".npy")


def test_names_of_pictures() -> None:
    assert functions.is_image_file("a/b.JPEG")
    assert not functions.is_image_file("a/b.gif")
    assert functions.has_file_allowed_extension("x.npy", ".npy")
    assert ImageFolder.__mro__[1] is DatasetFolder
