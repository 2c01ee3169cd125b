"""Pictures in files and in memory as tensors, and back: torchvision's `io`."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

import knoll
from knoll.errors import (
    ArgumentError,
    ArgumentTypeError,
    DataError,
    FileError,
    KnollError,
    MissingFileError,
    ShapeError,
)
from knoll.vision.io import (
    ImageReadMode,
    decode_image,
    decode_jpeg,
    decode_png,
    encode_jpeg,
    encode_png,
    read_file,
    read_image,
    write_file,
    write_jpeg,
    write_png,
)

COLOURS = np.random.default_rng(0).integers(0, 256, (5, 7, 3), dtype=np.uint8)
GREY = COLOURS[..., 0]
CLEAR = np.random.default_rng(1).integers(0, 256, (5, 7, 1), dtype=np.uint8)


def in_memory(picture: Image.Image, kind: str = "PNG", **options: Any) -> knoll.Tensor:
    contents = io.BytesIO()
    picture.save(contents, kind, **options)
    return knoll.from_numpy(np.frombuffer(contents.getvalue(), np.uint8).copy())


def first(pixels: Any) -> Any:
    return pixels.transpose(2, 0, 1) if pixels.ndim == 3 else pixels[None]


PICTURES = {
    "L": GREY,
    "LA": np.concatenate([GREY[..., None], CLEAR], 2),
    "RGB": COLOURS,
    "RGBA": np.concatenate([COLOURS, CLEAR], 2),
}


@pytest.mark.parametrize("mode", PICTURES)
def test_a_picture_keeps_its_own_channels_or_gets_others(mode: str) -> None:
    pixels = PICTURES[mode]
    picture = Image.fromarray(pixels)
    assert picture.mode == mode
    contents = in_memory(picture)
    own = decode_image(contents)
    assert own.dtype == knoll.uint8
    np.testing.assert_array_equal(own.numpy(), first(pixels))
    for name, channels in (("GRAY", 1), ("GRAY_ALPHA", 2), ("RGB", 3), ("RGB_ALPHA", 4)):
        made = decode_png(contents, ImageReadMode[name])
        assert made.shape == (channels, 5, 7)
        assert decode_image(contents, name.lower()).tolist() == made.tolist()
        if channels % 2 == 0:
            np.testing.assert_array_equal(made[-1].numpy(), CLEAR[..., 0] if "A" in mode else 255)
        if channels > 2:
            colours = first(pixels)[:3] if "RGB" in mode else GREY[None].repeat(3, 0)
            np.testing.assert_array_equal(made[:3].numpy(), colours)


def test_a_palette_means_its_colours_and_black_and_white_are_0_and_255() -> None:
    palette = Image.fromarray(COLOURS).quantize(8)
    np.testing.assert_array_equal(decode_image(in_memory(palette)).numpy(), first(np.asarray(palette.convert("RGB"))))
    assert decode_image(in_memory(palette, transparency=2)).shape == (4, 5, 7)
    truths = Image.fromarray(GREY > 127)
    assert truths.mode == "1"
    np.testing.assert_array_equal(decode_image(in_memory(truths)).numpy(), (GREY > 127)[None] * np.uint8(255))


def test_sixteen_bits_keep_the_upper_eight_and_cmyk_its_four_channels() -> None:
    sixteen = Image.fromarray(GREY.astype(np.uint16) * 257)
    np.testing.assert_array_equal(decode_image(in_memory(sixteen)).numpy(), GREY[None])
    assert decode_image(in_memory(sixteen), "RGB").shape == (3, 5, 7)
    cmyk = in_memory(Image.fromarray(COLOURS).convert("CMYK"), "JPEG")
    assert decode_image(cmyk).shape == (4, 5, 7)
    assert decode_image(cmyk, "RGB").shape == (3, 5, 7)


def test_a_picture_is_turned_as_the_camera_was_held() -> None:
    picture = Image.fromarray(COLOURS)
    exif = picture.getexif()
    exif[0x0112] = 6
    contents = in_memory(picture, "PNG", exif=exif)
    assert decode_image(contents).shape == (3, 5, 7)
    turned = decode_image(contents, apply_exif_orientation=True)
    np.testing.assert_array_equal(turned.numpy(), first(np.rot90(COLOURS, -1)))


def test_what_is_written_is_read_again(tmp_path: Path) -> None:
    colours = knoll.from_numpy(np.ascontiguousarray(first(COLOURS)))
    for picture in (colours, colours[:1]):
        write_png(picture, tmp_path / "a.png", compression_level=9)
        assert read_image(str(tmp_path / "a.png")).tolist() == picture.tolist()
        assert decode_png(encode_png(picture, 0)).tolist() == picture.tolist()
    smooth = knoll.arange(64, dtype=knoll.uint8).reshape(1, 8, 8).expand(3, 8, 8) + 90
    write_jpeg(smooth, tmp_path / "a.jpg", 95)
    read = read_image(tmp_path / "a.jpg", ImageReadMode.RGB)
    assert (read.int() - smooth.int()).abs().max() < 8
    assert read_image(tmp_path / "a.jpg", ImageReadMode.GRAY).shape == (1, 8, 8)
    one, two = decode_jpeg(encode_jpeg([smooth, smooth[:1]]))
    assert (one.shape, two.shape) == ((3, 8, 8), (1, 8, 8))
    write_file(str(tmp_path / "bytes"), knoll.tensor([1, 2, 3], dtype=knoll.uint8))
    assert read_file(str(tmp_path / "bytes")).tolist() == [1, 2, 3]


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "GIF", "WEBP", "BMP", "TIFF"])
def test_damaged_pictures_say_that_they_are(kind: str, tmp_path: Path) -> None:
    """Every damage gives an image or an error of Knoll; bytes that end early or are no picture always the latter."""
    contents = in_memory(Image.fromarray(np.tile(COLOURS, (9, 9, 1))), kind).numpy()
    numbers = np.random.default_rng(2)
    for _ in range(60):
        broken = contents.copy()
        broken[numbers.integers(0, len(broken), 6)] = numbers.integers(0, 256, 6)
        try:
            assert decode_image(knoll.from_numpy(broken)).ndim == 3
        except KnollError as error:
            assert "in memory" in str(error)  # noqa: PT017 (most damages are none of these)
    with pytest.raises(DataError, match="in memory"):
        decode_image(knoll.from_numpy(contents[: len(contents) // 2].copy()))
    path = tmp_path / "cut.png"
    path.write_bytes(contents[:40].tobytes())
    with pytest.raises(DataError, match=r"cut\.png"):
        read_image(path)


def test_what_cannot_be_read_or_written_says_why(tmp_path: Path) -> None:
    picture = knoll.zeros(3, 2, 2, dtype=knoll.uint8)
    for read in (read_file, read_image):
        with pytest.raises(MissingFileError, match="there"):
            read(str(tmp_path / "there"))
        with pytest.raises(FileError, match="Is a directory"):
            read(str(tmp_path))
    with pytest.raises(ArgumentTypeError, match=r"must be str or os\.PathLike"):
        read_image(3)  # type: ignore[arg-type]  # the wrong value
    with pytest.raises(MissingFileError, match="no"):
        write_png(picture, tmp_path / "no" / "a.png")
    with pytest.raises(ArgumentError, match=r"This is no JPEG file"):
        decode_jpeg(encode_png(picture))
    with pytest.raises(ArgumentError, match="no such way to read") as caught:
        read_image(str(tmp_path), "colour")
    assert "RGB_ALPHA" in str(caught.value)
    for quality in (0, 101):
        with pytest.raises(ArgumentError, match="Image quality should be a positive number between 1 and 100"):
            encode_jpeg(picture, quality)
    with pytest.raises(ArgumentError, match="Compression level should be between 0 and 9"):
        encode_png(picture, 10)
    with pytest.raises(ArgumentTypeError, match="Input tensor dtype should be uint8"):
        write_jpeg(knoll.zeros(3, 2, 2), tmp_path / "a.jpg")
    with pytest.raises(ArgumentTypeError, match="A file holds one picture"):
        write_jpeg([picture], tmp_path / "a.jpg")  # type: ignore[arg-type]  # the wrong value
    shapes = {(2, 2): "3-dimensional", (2, 2, 2): "channels should be 1 or 3, got: 2", (3, 0, 2): "no pixels"}
    for shape, sentence in shapes.items():
        with pytest.raises(ShapeError, match=sentence):
            encode_png(knoll.zeros(*shape, dtype=knoll.uint8))
    for wrong in (knoll.zeros(2, 2, dtype=knoll.uint8), knoll.zeros(0, dtype=knoll.uint8)):
        with pytest.raises(ShapeError, match="Expected a non empty 1-dimensional tensor"):
            decode_image(wrong)
    with pytest.raises(ArgumentTypeError, match="Input tensor data type should be uint8"):
        decode_image(knoll.zeros(4))
    assert list(tmp_path.iterdir()) == []
