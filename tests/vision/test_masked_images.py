"""Pictures with masks: how they are paired, resized and mirrored, and what broken pairs are answered."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from knoll.data import DataLoader
from knoll.errors import DataError, DimensionError, FileError, KnollError, ShapeError
from knoll.vision.datasets import MaskedImages
from knoll.vision.transforms import RandomHorizontalFlip


def save(path: Path, pixels: np.ndarray) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(pixels).save(path)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Three pictures of 4 rows and 6 columns whose red is ten times the class, 255 being no class."""
    for number in range(3):
        mask = np.full((4, 6), number, np.uint8)
        mask[0, :3] = 255
        mask[3] = 3
        image = np.zeros((4, 6, 3), np.uint8)
        image[..., 0] = np.where(mask == 255, 0, mask * 10)
        save(tmp_path / "images" / f"{number}.png", image)
        save(tmp_path / "masks" / f"{number}.png", mask)
    return tmp_path


def read(folder: Path, **options: object) -> MaskedImages:
    return MaskedImages(folder / "images", folder / "masks", **{"ignore": 255, **options})


def test_every_picture_has_its_mask(folder: Path) -> None:
    data = read(folder)
    assert len(data) == 3
    assert data.classes == ["0", "1", "2", "3"]
    assert (data.images.shape, data.masks.shape) == ((3, 3, 4, 6), (3, 4, 6))
    image, mask = data[-1]
    assert (image.shape, mask.shape, mask.dtype) == ((3, 4, 6), (4, 6), np.int64)
    expected = np.where(data.masks[2] == 255, 0, data.masks[2] * 10)
    np.testing.assert_array_equal(np.rint(image.numpy()[0] * 255), expected)
    assert data.image(2).size == data.mask(2).size == (6, 4)
    with pytest.raises(DimensionError, match="Sample 3 is out of range"):
        data[3]


def test_a_number_is_a_class_unless_it_is_ignored(folder: Path) -> None:
    assert len(read(folder, ignore=None).classes) == 256
    with pytest.raises(DataError) as caught:
        read(folder, ignore=None, classes=["a", "b", "c", "d"])
    for word in ("class 255", "0.png", "numbers from 0 to 3", "--ignore 255"):
        assert word in str(caught.value)


def test_batches_are_the_samples(folder: Path) -> None:
    data = read(folder, together=RandomHorizontalFlip())
    batches = list(DataLoader(data, 2, shuffle=True, seed=5))
    alone = list(DataLoader(data, 2, shuffle=True, seed=5, collate_fn=list))
    samples = [sample for batch in alone for sample in batch]
    np.testing.assert_array_equal(np.concatenate([x.numpy() for x, _ in batches]), [x.numpy() for x, _ in samples])
    np.testing.assert_array_equal(np.concatenate([y.numpy() for _, y in batches]), [y.numpy() for _, y in samples])
    assert batches[0][1].dtype == np.int64


def test_a_mask_is_mirrored_with_its_picture(folder: Path) -> None:
    plain, loader = read(folder), DataLoader(read(folder, together=RandomHorizontalFlip()), 3, seed=0)
    mirrored = 0
    for _ in range(8):
        for before, mask, image in zip(plain.masks, *(t.numpy() for t in reversed(next(iter(loader)))), strict=True):
            turned = np.array_equal(mask, before[:, ::-1])
            assert turned or np.array_equal(mask, before)
            np.testing.assert_array_equal(np.rint(image[0] * 255), np.where(mask == 255, 0, mask * 10))
            mirrored += turned
    assert 4 < mirrored < 20


def test_masks_are_resized_without_new_numbers(folder: Path) -> None:
    save(folder / "images" / "3.png", np.zeros((9, 9, 3), np.uint8))
    save(folder / "masks" / "3.png", np.full((9, 9), 3, np.uint8))
    with pytest.raises(ShapeError) as caught:
        read(folder)
    for word in ("one size", "3.png", "expected: 4×6", "got: 9×9", "--size 180x240"):
        assert word in str(caught.value)
    data = read(folder, size=(7, 5))
    assert data.images.shape == (4, 3, 7, 5)
    assert set(np.unique(data.masks)) == {0, 1, 2, 3, 255}


@pytest.mark.parametrize("mode", ["P", "1", "I;16"])
def test_masks_of_other_modes_with_one_channel(folder: Path, mode: str) -> None:
    for path in (folder / "masks").iterdir():
        with Image.open(path) as stored:
            numbers = np.array(stored) % 2
        if mode == "P":
            mask = Image.fromarray(numbers)
            mask.putpalette([200, 10, 10, 10, 200, 10])
        else:
            mask = Image.fromarray(numbers.astype(bool) if mode == "1" else numbers.astype(np.uint16))
        mask.save(path)
        with Image.open(path) as stored:
            assert stored.mode == mode
    assert set(np.unique(read(folder).masks)) == {0, 1}


def test_names_match_whatever_their_endings_and_folders(folder: Path) -> None:
    for part in ("images", "masks"):
        (folder / part / "town").mkdir()
        (folder / part / "2.png").rename(folder / part / "town" / "2.png")
    save(folder / "images" / "0.bmp", np.zeros((4, 6, 3), np.uint8))
    (folder / "images" / "0.png").unlink()
    found = [(image.name, mask.parent.name, mask.name) for image, mask in read(folder).samples]
    assert found == [("0.bmp", "masks", "0.png"), ("1.png", "masks", "1.png"), ("2.png", "town", "2.png")]


def wide(folder: Path) -> None:
    save(folder / "masks" / "1.png", np.zeros((4, 7), np.uint8))


def coloured(folder: Path) -> None:
    save(folder / "masks" / "1.png", np.zeros((4, 6, 3), np.uint8))


def beyond(folder: Path) -> None:
    save(folder / "masks" / "1.png", np.full((4, 6), 256, np.uint16))


def cut(folder: Path) -> None:
    path = folder / "masks" / "1.png"
    path.write_bytes(path.read_bytes()[:50])


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (lambda folder: (folder / "masks" / "1.png").unlink(), ["no mask in", "images/1.png", "same name"]),
        (wide, ["another size", "masks/1.png", "expected: 4×6", "got: 4×7"]),
        (coloured, ["more than one channel", "masks/1.png", "0, 1, 2", "got: RGB", "mode L"]),
        (beyond, ["class 256", "masks/1.png", "0 to 255"]),
        (cut, ["1.png"]),
    ],
)
def test_a_broken_pair_is_named(folder: Path, spoil: Callable[[Path], None], words: list[str]) -> None:
    spoil(folder)
    with pytest.raises(KnollError) as caught:
        read(folder)
    assert isinstance(caught.value, DataError)
    for word in words:
        assert word in str(caught.value)


def test_folders_without_pictures(folder: Path) -> None:
    with pytest.raises(FileError, match=r"no folder .*nowhere"):
        MaskedImages(folder / "images", folder / "nowhere")
    (folder / "empty").mkdir()
    with pytest.raises(DataError, match="empty holds no pictures"):
        MaskedImages(folder / "empty", folder / "masks")
