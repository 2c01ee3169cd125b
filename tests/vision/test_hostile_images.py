"""Pictures made to do harm or damaged in any way: each ends in an error of Knoll."""

from __future__ import annotations

import contextlib
import io
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PIL import EpsImagePlugin, Image

from knoll.errors import DataError, KnollError
from knoll.train.predict import notes_on
from knoll.vision.datasets.masked_images import read_mask
from knoll.vision.image_file import FORMATS, decoded, read_image

EPS = b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 8 8\n%%EndComments\n%%EOF\n"
READERS: list[Callable[[Path], Any]] = [read_image, read_mask, lambda path: notes_on(path, (8, 8))]


@pytest.mark.parametrize("read", READERS)
def test_no_program_is_started_for_a_picture(
    read: Callable[[Path], Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def started(*arguments: Any, **options: Any) -> None:
        raise AssertionError("Ghostscript")

    monkeypatch.setattr(EpsImagePlugin, "Ghostscript", started)
    path = tmp_path / "picture.png"
    path.write_bytes(EPS)
    with pytest.raises(DataError, match="cannot identify image file"):
        read(path)


@pytest.mark.parametrize("kind", FORMATS)
def test_every_format_that_is_meant_is_read(kind: str, tmp_path: Path) -> None:
    path = tmp_path / "picture.any"
    Image.new("RGB", (5, 4), (200, 200, 200)).save(path, kind)
    assert read_image(path).size == (5, 4)


def test_a_picture_that_grows_beyond_all_memory_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "picture.pbm"
    for side in (10_000, 1_000_000):  # where Pillow warns, and where it refuses
        path.write_bytes(b"P4 %d %d\n" % (side, side))
        with pytest.raises(DataError, match="too large to be decoded"):
            read_image(path)


@pytest.mark.filterwarnings("ignore::PIL.Image.DecompressionBombWarning")
def test_nor_is_one_decoded_of_which_pillow_only_warns(tmp_path: Path) -> None:
    path = tmp_path / "picture.pbm"
    path.write_bytes(b"P4 10000 10000\n")
    with pytest.raises(DataError, match="too large to be decoded"):
        read_image(path)


@pytest.mark.parametrize("kind", [NotImplementedError, RuntimeError, MemoryError, KeyError, AssertionError, TypeError])
def test_errors_of_any_kind_from_the_decoder_are_told(kind: type[Exception], tmp_path: Path) -> None:
    path = tmp_path / "picture.png"
    Image.new("RGB", (5, 4)).save(path)

    def failing(image: object) -> None:
        raise kind("half-read")

    with pytest.raises(DataError, match="is damaged or was cut short"):
        decoded(path, failing)


@pytest.mark.parametrize("kind", FORMATS)
def test_damaged_pictures_are_pictures_or_told(kind: str, tmp_path: Path) -> None:
    draw, path = random.Random(kind), tmp_path / "picture.png"  # noqa: S311 (no secret)
    buffer = io.BytesIO()
    Image.effect_noise((24, 20), 50).convert("L" if kind == "GIF" else "RGB").save(buffer, kind)
    for _ in range(40):
        data = bytearray(buffer.getvalue())
        for _ in range(draw.choice([1, 3, 10])):
            data[draw.randrange(min(len(data), draw.choice([60, 1 << 20])))] = draw.randrange(256)
        path.write_bytes(data[: draw.choice([len(data), draw.randrange(len(data))])])
        for read in READERS:
            with contextlib.suppress(KnollError):
                read(path)
