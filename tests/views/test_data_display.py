"""What data sets and loaders show of themselves in a notebook, without calling code of the user's."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

import knoll
from knoll.data import ConcatDataset, DataLoader, Dataset, Subset, TensorDataset, random_split
from knoll.language import set_language
from knoll.views.pictures import pictures_of
from knoll.vision.datasets import Digits, ImageFolder

DIGITS = Digits(train=False)


@pytest.fixture(autouse=True)
def _in_english() -> None:
    set_language("en")


def shown(thing: Any) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<style>.*?</style>|<[^>]*>", " ", thing._repr_html_(), flags=re.DOTALL))


def test_a_data_set_shows_some_pictures_of_every_class() -> None:
    text = shown(DIGITS)
    assert "360 images in 10 classes, from 35 to 37 in each" in text
    assert "0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 20 of 360 images" in text
    assert DIGITS._repr_html_().count("<image") == 20


def test_a_subset_shows_its_own_pictures_and_a_sum_its_parts() -> None:
    part = Subset(DIGITS, [7, 3, 5])
    found = pictures_of(part)
    assert found is not None
    np.testing.assert_array_equal(found.picture(1), DIGITS.images[3])
    assert found.labels.tolist() == [DIGITS.targets[place] for place in (7, 3, 5)]
    assert "3 of 3 images" in shown(part)
    assert re.search(r"720.*Digits 360 Digits 360", shown(ConcatDataset([DIGITS, DIGITS])))
    assert "180 images in 10 classes" in shown(random_split(DIGITS, [0.5, 0.5], seed=0)[0])


def test_tensors_show_images_where_they_are_some() -> None:
    images = TensorDataset(knoll.rand(30, 3, 8, 8), knoll.arange(30) % 4)
    assert "30 images in 4 classes" in shown(images)
    assert "0 1 2 3 0 1 2 3" in shown(images)
    rows = shown(TensorDataset(knoll.randn(5, 3), knoll.randn(5)))
    assert re.search(r"Samples: 5.*float32 \(5, 3\).*float32 \(5,\)", rows)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in ("cat", "dog"):
        (tmp_path / name).mkdir()
        for number in range(3):
            Image.new("RGB", (300, 200), (number, 9, 9)).save(tmp_path / name / f"{number}.jpg")
    return tmp_path


def test_a_folder_shows_its_pictures_and_passes_over_huge_ones(folder: Path) -> None:
    Image.new("1", (4000, 4000)).save(folder / "cat" / "huge.png")
    html = ImageFolder(folder)._repr_html_()
    assert html is not None
    assert html.count("<image") == 6
    assert len(html) < 60_000


def test_no_code_of_the_user_is_called(folder: Path) -> None:
    def forbidden(*_: Any) -> Any:
        raise AssertionError("called")

    class Own(Dataset[int]):
        __len__ = __getitem__ = forbidden

    class OwnDigits(Digits):
        __getitem__ = forbidden

    assert Own()._repr_html_() is None
    assert OwnDigits(train=False)._repr_html_() is None
    assert "<image" in Digits(train=False, transform=forbidden)._repr_html_()
    assert "<image" not in ImageFolder(folder, loader=forbidden)._repr_html_()
    assert "? " in shown(DataLoader([1, 2, 3], sampler=iter(())))


def test_a_loader_shows_how_it_makes_batches_and_of_what() -> None:
    text = shown(DataLoader(DIGITS, batch_size=64, shuffle=True))
    assert re.search(r"samples 360 batch_size 64 batches in an epoch 6 shuffle True", text)
    assert "20 of 360 images" in text
    assert "batches in an epoch 2" in shown(DataLoader([1, 2, 3], batch_size=2))


@pytest.mark.parametrize("targets", [[], [0] * 360, list(range(360)), [-1, 12] * 180])
def test_any_classes(targets: list[int]) -> None:
    digits = Digits(train=False)
    digits.targets = targets
    assert "Digits" in shown(digits)
