"""Pictures of every kind are read by one rule, whoever reads them: what is shown is what a training would get."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from knoll import nn
from knoll.animate.given import pixels
from knoll.cli.app import main
from knoll.lab.image import Images, read_picture
from knoll.train.predict import notes_on
from knoll.views import image_input
from knoll.vision.datasets import ImageFolder
from knoll.vision.image_file import in_mode, read_image

COLOURS = np.random.default_rng(0).integers(0, 256, (6, 9, 3), dtype=np.uint8)
GREY = COLOURS[..., 0]
ALPHA = np.where(np.arange(9) < 4, 255, 40).astype(np.uint8)[None].repeat(6, axis=0)[..., None]
PALETTE = Image.fromarray(COLOURS).quantize(8)
SIXTEEN = GREY.astype(np.uint16) * 257

KINDS: dict[str, tuple[Callable[[Path], None], bool]] = {
    "RGB": (lambda path: Image.fromarray(COLOURS).save(path), False),
    "RGBA": (lambda path: Image.fromarray(np.concatenate([COLOURS, ALPHA], 2)).save(path), True),
    "RGBA without holes": (lambda path: Image.fromarray(COLOURS).convert("RGBA").save(path), False),
    "LA": (lambda path: Image.fromarray(np.concatenate([GREY[..., None], ALPHA], 2)).save(path), True),
    "P": (lambda path: PALETTE.save(path), False),
    "P, one colour transparent": (lambda path: PALETTE.save(path, transparency=3), True),
    "P, all colours half": (lambda path: PALETTE.save(path, transparency=bytes(8 * [128])), True),
    "RGB, one colour transparent": (
        lambda path: Image.fromarray(COLOURS).save(path, transparency=tuple(COLOURS[0, 0].tolist())),
        True,
    ),
    "L, one grey transparent": (
        lambda path: Image.fromarray(GREY).save(path, transparency=int(GREY[0, 0])),
        True,
    ),
    "1": (lambda path: Image.fromarray(GREY > 127).save(path), False),
}


def _png(array: NDArray[np.uint8]) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(array).save(buffer, "PNG")
    return buffer.getvalue()


SIZES = [(1, 1), (1, 500), (500, 1), (3, 2000), (2000, 3)]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.filterwarnings("error")
def test_what_a_tool_shows_is_what_a_training_gets(kind: str, tmp_path: Path) -> None:
    save, is_transparent = KINDS[kind]
    (tmp_path / "one").mkdir()
    path = tmp_path / "one" / "picture.png"
    save(path)
    with Image.open(path) as opened:
        opened.load()
        through_rgba = opened.convert("RGBA") if opened.mode == "P" else opened  # as Pillow asks, the same colours
        wanted = np.asarray(through_rgba.convert("RGB"))
        of_pillow = image_input(opened, nn.Conv2d(3, 1, 1)).planes
    np.testing.assert_array_equal(of_pillow, wanted.transpose(2, 0, 1) / np.float32(255))
    grey = np.asarray(Image.fromarray(wanted).convert("L"))
    np.testing.assert_array_equal(np.asarray(read_image(path)), wanted)
    np.testing.assert_array_equal(np.asarray(ImageFolder(tmp_path)[0][0]), wanted)
    np.testing.assert_array_equal(read_picture(path.read_bytes()).pixels, wanted)
    for channels, planes in ((3, wanted.transpose(2, 0, 1)), (1, grey[None])):
        layer = nn.Conv2d(channels, 1, 1)
        np.testing.assert_array_equal(pixels(layer, path)[0][0], planes)
        np.testing.assert_array_equal(image_input(path, layer).planes, planes / np.float32(255))
    told = [
        notes_on(path, (6, 9)),
        [note.text("en") for note in read_picture(path.read_bytes()).notes],
        [note.text("en") for note in image_input(path, nn.Conv2d(3, 1, 1)).notes],
        [note.text("en") for note in pixels(nn.Conv2d(3, 1, 1), path)[1]],
    ]
    assert [any("pixels are transparent" in note for note in notes) for notes in told] == [is_transparent] * 4


def test_how_much_is_transparent_is_said_in_both_languages() -> None:
    picture = Image.fromarray(np.concatenate([COLOURS, ALPHA], 2))
    (_, note) = image_input(picture, nn.Conv2d(3, 1, 1)).notes
    assert note.text("en").startswith("30 of its 54 pixels are transparent")
    assert note.text("zh").startswith("共 54 个像素，其中 30 个是透明的")
    assert image_input(picture, nn.Conv2d(4, 1, 1)).notes == ()  # a network that is given the transparency


def test_the_command_says_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    Image.fromarray(np.concatenate([COLOURS, ALPHA], 2)).save("cat.png")
    assert main(["animate", "Conv2d(3, 1, 3)", "--image", "cat.png", "--out", "x.svg", "--lang", "en"]) == 0
    assert "30 of its 54 pixels are transparent" in capsys.readouterr().out


def test_pictures_that_differ_in_transparency_alone_are_two() -> None:
    images = Images()
    holes, whole = (
        images.add(_png(np.concatenate([COLOURS, alpha], 2))) for alpha in (ALPHA, np.full_like(ALPHA, 255))
    )
    assert (len(images[holes].notes), len(images[whole].notes)) == (1, 0)
    np.testing.assert_array_equal(images[holes].pixels, images[whole].pixels)


@pytest.mark.parametrize("suffix", ["png", "tif", "pgm"])
@pytest.mark.parametrize("mode", ["L", "RGB", "RGBA"])
def test_sixteen_bits_keep_the_upper_eight(suffix: str, mode: str, tmp_path: Path) -> None:
    path = tmp_path / f"picture.{suffix}"
    Image.fromarray(SIXTEEN).save(path)
    channels = {"L": 1, "RGB": 3, "RGBA": 4}[mode]
    with Image.open(path) as opened:
        found = np.asarray(in_mode(opened, mode))
        given = image_input(opened, nn.Conv2d(channels, 1, 1)).planes
    wanted = np.asarray(Image.fromarray(GREY).convert(mode))
    np.testing.assert_array_equal(found, wanted)
    np.testing.assert_array_equal(given, image_input(path, nn.Conv2d(channels, 1, 1)).planes)
    np.testing.assert_array_equal(read_picture(path.read_bytes()).pixels[..., 0], GREY)


@pytest.mark.parametrize("size", SIZES)
def test_odd_sizes_keep_within_what_can_be_looked_at(size: tuple[int, int], tmp_path: Path) -> None:
    path = tmp_path / "picture.png"
    Image.fromarray(np.zeros((*size, 3), np.uint8)).save(path)
    rows_and_columns = tuple(max(1, side * 512 // max(512, *size)) for side in size)
    assert image_input(path, nn.Conv2d(3, 1, 1)).planes.shape == (3, *rows_and_columns)
    assert max(read_picture(path.read_bytes()).pixels.shape) <= 256
    assert pixels(nn.ReLU(), path)[0].shape == (1, 1, *size)
