"""Trainings that take moments: a few digits, and the practice network or a smaller one."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from rich.console import Console

from knoll.nn import Conv2d, Flatten, Linear, MaxPool2d, Sequential
from knoll.tensor import manual_seed
from knoll.train import Configuration, Source, Trainer
from knoll.vision.datasets import ArrayImages, Digits
from knoll.vision.transforms import ToTensor


def part(train: bool, count: int) -> ArrayImages:
    digits = Digits(train=train)
    images = ArrayImages(digits.images[:count], np.array(digits.targets[:count]), ToTensor(), None)
    images.classes = digits.classes
    return images


@pytest.fixture
def few() -> Source:
    """39 digits to train on, so that the last batch of 8 is short, and 12 to test with."""
    return Source(part(True, 39), part(False, 12), tuple(map(str, range(10))))


@pytest.fixture
def trainer(few: Source) -> Callable[..., Trainer]:
    """A training of a small network on the few digits; keyword arguments change its recipe."""

    def make(**chosen: Any) -> Trainer:
        configuration = Configuration.recipe("digits", **{"epochs": 2, "batch_size": 8, **chosen})
        manual_seed(configuration.seed)
        net = Sequential(Conv2d(3, 4, 3), MaxPool2d(6), Flatten(), Linear(100, 10))
        return Trainer(net, few, configuration)

    return make


@pytest.fixture
def console() -> Console:
    """A console that keeps what is printed; `console.file.getvalue()`."""
    return Console(file=io.StringIO(), width=120)


@pytest.fixture
def pictures(tmp_path: Path) -> Path:
    """A folder of six pictures in two classes."""
    from PIL import Image

    root = tmp_path / "pictures"
    for name, colour in (("red", (200, 10, 10)), ("blue", (10, 10, 200))):
        (root / name).mkdir(parents=True)
        for number in range(3):
            Image.new("RGB", (20 + number, 16), colour).save(root / name / f"{number}.png")
    return root
