"""Many images as one, and pictures as files."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from knoll.errors import ArgumentError, ArgumentTypeError, FileError, ShapeError
from knoll.tensor import from_numpy
from knoll.vision.utils import make_grid, save_image

RNG = np.random.default_rng(0)
IMAGES = RNG.standard_normal((5, 3, 4, 6)).astype(np.float32)
CASES: list[dict[str, Any]] = [
    {}, {"nrow": 2}, {"padding": 0}, {"pad_value": 0.5}, {"normalize": True}, {"normalize": True, "scale_each": True},
    {"normalize": True, "value_range": (-1, 1)}, {"nrow": 1, "padding": 3},
]  # fmt: skip


@pytest.mark.parametrize("arguments", CASES, ids=str)
@pytest.mark.parametrize("images", [IMAGES, IMAGES[:, :1], IMAGES[:1], IMAGES[0], IMAGES[0, :1], IMAGES[0, 0]], ids=str)
def test_grids_are_those_of_torchvision(images: Any, arguments: dict[str, Any]) -> None:
    torch, theirs = pytest.importorskip("torch"), pytest.importorskip("torchvision.utils")
    wanted = theirs.make_grid(torch.from_numpy(images.copy()), **arguments).numpy()
    np.testing.assert_allclose(make_grid(from_numpy(images), **arguments).numpy(), wanted, rtol=1e-6)


def test_images_stand_in_rows_with_borders_between() -> None:
    grid = make_grid([from_numpy(image) for image in IMAGES], nrow=3, padding=1, pad_value=9).numpy()
    assert grid.shape == (3, 2 * 5 + 1, 3 * 7 + 1)
    np.testing.assert_array_equal(grid[:, 6:10, 8:14], IMAGES[4])
    assert (grid[:, 6:, 15:] == 9).all()
    assert (grid[:, 5] == 9).all()


def test_normalised_images_go_from_0_to_1() -> None:
    together, each = (make_grid(from_numpy(IMAGES), 5, 0, True, None, apart).numpy() for apart in (False, True))
    assert (together.min(), together.max()) == (0, 1)
    parts = each.reshape(3, 4, 5, 6)
    np.testing.assert_array_equal(parts.min((0, 1, 3)), 0)
    np.testing.assert_array_equal(parts.max((0, 1, 3)), 1)


@pytest.mark.parametrize("suffix", ["png", "bmp"])
def test_a_picture_in_a_file_has_the_values_of_the_tensor(tmp_path: Path, suffix: str) -> None:
    image = RNG.random((3, 5, 4), dtype=np.float32) * 1.2 - 0.1
    save_image(from_numpy(image), tmp_path / f"image.{suffix}")
    wanted = np.clip(image * 255 + 0.5, 0, 255).astype(np.uint8).transpose(1, 2, 0)
    np.testing.assert_array_equal(np.asarray(Image.open(tmp_path / f"image.{suffix}")), wanted)


def test_a_picture_can_be_written_into_memory() -> None:
    memory = io.BytesIO()
    save_image([from_numpy(image) for image in IMAGES], memory, "png", nrow=5, normalize=True)
    assert Image.open(memory).size == (42, 8)


@pytest.mark.parametrize(("call", "kind", "said"), [
    (lambda: make_grid("cat"), ArgumentTypeError, "got a list containing <class 'str'>"),
    (lambda: make_grid(3), ArgumentTypeError, "tensor or list of tensors expected, got <class 'int'>"),
    (lambda: make_grid(from_numpy(np.zeros(3))), ShapeError, "These are not images"),
    (lambda: make_grid(from_numpy(np.zeros((0, 3, 2, 2)))), ShapeError, "These are not images"),
    (lambda: make_grid(from_numpy(IMAGES), normalize=True, value_range=[0, 1]), ArgumentTypeError, "a tuple"),
    (lambda: save_image(from_numpy(IMAGES), "/nowhere/at/all.png"), FileError, "nowhere"),
    (lambda: save_image(from_numpy(IMAGES), "all.nothing"), ArgumentError, "cannot be written in this format"),
    (lambda: save_image(from_numpy(IMAGES), io.BytesIO()), ArgumentError, "(?s)in this format.*format='png'"),
])  # fmt: skip
def test_what_cannot_be_done_is_refused(call: Callable[[], Any], kind: type[Exception], said: str) -> None:
    with pytest.raises(kind, match=said):
        call()


def test_a_format_that_fails_leaves_the_file_as_it_was(tmp_path: Path) -> None:
    path = tmp_path / "image.png"
    path.write_bytes(b"before")
    with pytest.raises(ArgumentError, match="in this format"):
        save_image(from_numpy(IMAGES), path, format="nothing")
    assert path.read_bytes() == b"before"
    assert len(list(tmp_path.iterdir())) == 1
