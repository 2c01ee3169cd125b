"""Grids of images of whole numbers, and borders that cannot be."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from knoll.errors import ArgumentError, ArgumentTypeError, DTypeError
from knoll.tensor import from_numpy
from knoll.vision.utils import make_grid, save_image

BYTES = np.random.default_rng(0).integers(0, 256, (5, 3, 4, 6), dtype=np.uint8)
FLOATS = (BYTES / 255).astype(np.float32)


def test_whole_numbers_stand_in_a_grid_as_they_are() -> None:
    grid = make_grid(from_numpy(BYTES), nrow=3, padding=1, pad_value=255).numpy()
    assert grid.dtype == np.uint8
    np.testing.assert_array_equal(grid[:, 6:10, 8:14], BYTES[4])
    assert (grid[:, 5] == 255).all()


@pytest.mark.parametrize("dtype", [np.uint8, np.int64, np.bool_])
def test_whole_numbers_are_not_taken_for_parts_of_one(dtype: type[np.generic]) -> None:
    images = from_numpy(BYTES.astype(dtype))
    for call in (
        lambda: save_image(images, io.BytesIO(), "png"),
        lambda: make_grid(images, normalize=True),
        lambda: make_grid(images, normalize=True, value_range=(0, 1), scale_each=True),
    ):
        with pytest.raises(DTypeError, match=r"(?s)Float can't be cast to the desired output type.*float\(\) / 255"):
            call()


@pytest.mark.parametrize(
    ("options", "kind", "words"),
    [
        ({"nrow": 0}, ArgumentError, ">= 1"),
        ({"nrow": -1}, ArgumentError, ">= 1"),
        ({"nrow": 1.5}, ArgumentTypeError, "nrow"),
        ({"padding": -1}, ArgumentError, ">= 0"),
        ({"normalize": True, "value_range": (1,)}, ArgumentTypeError, r"has to be a tuple \(min, max\)"),
        ({"normalize": True, "value_range": (0, 1, 2)}, ArgumentTypeError, r"has to be a tuple \(min, max\)"),
    ],
)
def test_grids_that_cannot_be(options: dict[str, Any], kind: type[Exception], words: str) -> None:
    calls: list[Callable[[], Any]] = [
        lambda: make_grid(from_numpy(FLOATS), **options),
        lambda: save_image(from_numpy(FLOATS), io.BytesIO(), "png", **options),
    ]
    for call in calls:
        with pytest.raises(kind, match=words):
            call()


@pytest.mark.parametrize("colour", [-1, 256, 300.5])
def test_a_border_has_a_colour_of_its_type(colour: float) -> None:
    with pytest.raises(ArgumentError, match="value cannot be converted to type uint8_t without overflow"):
        make_grid(from_numpy(BYTES), pad_value=colour)
    assert make_grid(from_numpy(FLOATS), pad_value=colour).numpy().ravel()[0] == np.float32(colour)
