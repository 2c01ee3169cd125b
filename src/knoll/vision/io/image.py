"""Pictures in files and in memory as tensors (c, h, w) of uint8, and back."""

from __future__ import annotations

import io
import os
from enum import Enum
from pathlib import Path
from typing import Any

import numpy as np

from knoll.atomic import replacing
from knoll.errors import ArgumentError, ArgumentTypeError, FileError, ShapeError, system_reason
from knoll.messages import say
from knoll.pillow import Image, ImageOps
from knoll.tensor import Tensor, from_numpy
from knoll.tensor.arguments import file_name, integer
from knoll.tensor.dtypes import uint8
from knoll.vision.image_file import decoded, eight_bits
from knoll.vision.pixels import channels_first

FileName = str | os.PathLike[str]


class ImageReadMode(Enum):
    """Which channels a picture that is read gets: its own, or grey or colour, with transparency or without."""

    UNCHANGED = 0
    GRAY = 1
    GRAY_ALPHA = 2
    RGB = 3
    RGB_ALPHA = 4


_MODES = {
    ImageReadMode.GRAY: "L",
    ImageReadMode.GRAY_ALPHA: "LA",
    ImageReadMode.RGB: "RGB",
    ImageReadMode.RGB_ALPHA: "RGBA",
}


def read_file(path: FileName) -> Tensor:
    """The bytes of a file, (length,) of uint8. Raises MissingFileError, FileError."""
    path = file_name(path, "read_file", "path")
    try:
        contents = Path(path).read_bytes()
    except OSError as error:
        raise FileError.after(error, say("error.unreadable", path=path, reason=system_reason(error))) from None
    except ValueError as error:  # a path with a zero in it
        raise ArgumentError(say("error.unreadable", path=repr(path), reason=error)) from None
    return from_numpy(np.frombuffer(contents, np.uint8).copy())


def write_file(filename: FileName, data: Tensor) -> None:
    """Write bytes, (length,) of uint8, into a file, which is never half-written. Raises FileError, ArgumentError."""
    filename = file_name(filename, "write_file", "filename")
    contents = _bytes(data)
    with replacing(filename) as file:
        file.write(contents)


def decode_image(
    input: Tensor | FileName,
    mode: ImageReadMode | str = ImageReadMode.UNCHANGED,
    apply_exif_orientation: bool = False,
) -> Tensor:
    """The picture in a file, or in the bytes of one, (c, h, w) of uint8.

    `mode` says which channels it gets: by default its own, those of a palette being its colours. With
    `apply_exif_orientation` it is turned as the camera was held. Pictures of 16 bits keep the upper eight.
    Raises DataError for what is damaged or no picture, FileError, ArgumentError.

    >>> import knoll
    >>> from knoll.vision.io import decode_image, encode_png
    >>> decode_image(encode_png(knoll.full((1, 1, 2), 7, dtype=knoll.uint8)), mode="RGB").tolist()
    [[[7, 7]], [[7, 7]], [[7, 7]]]
    """
    return _decoded(input, mode, apply_exif_orientation, None)


def read_image(
    path: FileName, mode: ImageReadMode | str = ImageReadMode.UNCHANGED, apply_exif_orientation: bool = False
) -> Tensor:
    """The picture in a file, as `decode_image` reads it."""
    return _decoded(file_name(path, "read_image", "path"), mode, apply_exif_orientation, None)


def decode_png(
    input: Tensor, mode: ImageReadMode | str = ImageReadMode.UNCHANGED, apply_exif_orientation: bool = False
) -> Tensor:
    """The picture in the bytes of a PNG file, as `decode_image` reads it."""
    return _decoded(input, mode, apply_exif_orientation, "PNG")


def decode_jpeg(
    input: Tensor | list[Tensor],
    mode: ImageReadMode | str = ImageReadMode.UNCHANGED,
    device: Any = "cpu",  # noqa: ARG001 (torchvision's; there is one)
    apply_exif_orientation: bool = False,
) -> Tensor | list[Tensor]:
    """The picture in the bytes of a JPEG file, or those in a list of such, as `decode_image` reads them."""
    if isinstance(input, list):
        return [_decoded(each, mode, apply_exif_orientation, "JPEG") for each in input]
    return _decoded(input, mode, apply_exif_orientation, "JPEG")


def encode_png(input: Tensor, compression_level: int = 6) -> Tensor:
    """The bytes of a PNG file of a picture (1 or 3, h, w) of uint8; level 0 is fast, 9 small. Raises ArgumentError."""
    level = integer(compression_level, "encode_png", "compression_level")
    if not 0 <= level <= 9:
        raise ArgumentError("Compression level should be between 0 and 9", got=str(level))
    return _encoded(input, "PNG", compress_level=level)


def write_png(input: Tensor, filename: FileName, compression_level: int = 6) -> None:
    """Write a picture (1 or 3, h, w) of uint8 as a PNG file. Raises FileError, and what `encode_png` raises."""
    write_file(filename, encode_png(input, compression_level))


def encode_jpeg(input: Tensor | list[Tensor], quality: int = 75) -> Tensor | list[Tensor]:
    """The bytes of a JPEG file of a picture (1 or 3, h, w) of uint8, or of each of a list. Raises ArgumentError.

    `quality` is 1 to 100; colours are kept for each second row and column.
    """
    number = integer(quality, "encode_jpeg", "quality")
    if not 1 <= number <= 100:
        raise ArgumentError("Image quality should be a positive number between 1 and 100", got=str(number))
    if isinstance(input, list):
        return [_encoded(each, "JPEG", quality=number) for each in input]
    return _encoded(input, "JPEG", quality=number)


def write_jpeg(input: Tensor, filename: FileName, quality: int = 75) -> None:
    """Write a picture (1 or 3, h, w) of uint8 as a JPEG file. Raises FileError, and what `encode_jpeg` raises."""
    contents = encode_jpeg(input, quality)
    if isinstance(contents, list):
        raise ArgumentTypeError(say("vision.one_picture"), got=str(type(input)))
    write_file(filename, contents)


def _decoded(given: Any, mode: ImageReadMode | str, turned: bool, kind: str | None) -> Tensor:
    wanted = _mode(mode)

    def taken(image: Any) -> Any:
        if kind is not None and image.format != kind:
            raise ArgumentError(say("vision.other_format", expected=kind), got=str(image.format))
        if wanted is ImageReadMode.GRAY:
            image.draft("L", image.size)  # of a JPEG the brightness as it is stored
        upright = ImageOps.exif_transpose(image) if turned else image
        return np.array(_in_channels(upright, wanted))

    pixels = decoded(io.BytesIO(_bytes(given)) if isinstance(given, Tensor) else given, taken)
    return from_numpy(np.ascontiguousarray(channels_first(pixels)))


def _mode(given: ImageReadMode | str) -> ImageReadMode:
    if isinstance(given, ImageReadMode):
        return given
    names = {"GRAYSCALE": "GRAY", "RGBA": "RGB_ALPHA"}
    name = names.get(given.upper(), given.upper()) if isinstance(given, str) else ""
    if name not in ImageReadMode.__members__:
        raise ArgumentError(say("vision.read_mode"), expected=", ".join(ImageReadMode.__members__), got=repr(given))
    return ImageReadMode[name]


def _in_channels(image: Any, mode: ImageReadMode) -> Any:
    """A picture with the channels of a mode; its own are those of its palette, and its transparency."""
    if image.mode.startswith("I"):
        image = eight_bits(image)
    is_transparent = "A" in image.getbands() or "transparency" in image.info
    if mode is not ImageReadMode.UNCHANGED:
        through = image.convert("RGBA") if image.mode == "P" and is_transparent else image
        return through.convert(_MODES[mode])
    if image.mode in ("1", "L") and not is_transparent:
        return image.convert("L")
    if image.mode in ("L", "LA"):
        return image.convert("LA")
    if image.mode == "CMYK":
        return image
    return image.convert("RGBA" if is_transparent else "RGB")


def _encoded(given: Any, kind: str, **options: int) -> Tensor:
    if not isinstance(given, Tensor) or given.dtype != uint8:
        got = given.dtype if isinstance(given, Tensor) else type(given)
        raise ArgumentTypeError(
            "Input tensor dtype should be uint8", got=str(got), advice="(x * 255).clamp(0, 255).to(knoll.uint8)"
        )
    if given.ndim != 3:
        raise ShapeError("Input data should be a 3-dimensional tensor", expected="(c, h, w)", got=str(given.shape))
    if given.shape[0] not in (1, 3):
        raise ShapeError(f"The number of channels should be 1 or 3, got: {given.shape[0]}", got=str(given.shape))
    if not given.numel():
        raise ShapeError(say("vision.no_pixels"), got=str(given.shape))
    pixels = np.ascontiguousarray(given.detach().numpy().transpose(1, 2, 0))
    contents = io.BytesIO()
    Image.fromarray(pixels[..., 0] if pixels.shape[2] == 1 else pixels).save(contents, kind, **options)
    return from_numpy(np.frombuffer(contents.getvalue(), np.uint8).copy())


def _bytes(data: Any) -> bytes:
    if not isinstance(data, Tensor) or data.dtype != uint8:
        got = data.dtype if isinstance(data, Tensor) else type(data)
        raise ArgumentTypeError("Input tensor data type should be uint8", got=str(got))
    if data.ndim != 1 or not data.numel():
        raise ShapeError("Expected a non empty 1-dimensional tensor.", got=str(data.shape))
    return bytes(data.detach().numpy().tobytes())
