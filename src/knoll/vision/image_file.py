"""Pictures in files, and the one rule by which their pixels become the channels that a network takes."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import IO, Literal, TypeVar

import numpy as np

from knoll.errors import DataError, FileError, KnollError, quoted, system_reason
from knoll.messages import Sentence, say, sentence
from knoll.pillow import PIL, Image

T = TypeVar("T")
Mode = Literal["L", "RGB", "RGBA"]

# What Pillow may take a file for, whatever its name says: of its other formats some start programs, as Ghostscript.
FORMATS = ("JPEG", "PNG", "PPM", "BMP", "TIFF", "WEBP", "GIF")


def read_image(path: str | os.PathLike[str]) -> Image.Image:
    """The image in a file, in RGB. Raises what `decoded` raises."""
    return decoded(path, in_mode)


def decoded(source: str | os.PathLike[str] | IO[bytes], take: Callable[[Image.Image], T]) -> T:
    """What `take` makes of the image in a file, or in the bytes of one.

    Raises DataError where the file is cut short, no image, or of more pixels than `PIL.Image.MAX_IMAGE_PIXELS`,
    FileError where it cannot be read.
    """
    path = source if isinstance(source, str | os.PathLike) else say("vision.in_memory")
    try:
        with Image.open(source, formats=FORMATS) as image:
            if Image.MAX_IMAGE_PIXELS is not None and image.width * image.height > Image.MAX_IMAGE_PIXELS:
                raise Image.DecompressionBombError(f"{image.width}×{image.height}")
            return take(image)
    except KnollError:
        raise
    except PIL.UnidentifiedImageError:
        raise DataError(say("vision.not_identified", path=path), advice=say("vision.no_image")) from None
    except (FileNotFoundError, PermissionError, IsADirectoryError) as error:
        raise FileError.after(error, say("error.unreadable", path=path, reason=system_reason(error))) from None
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise DataError(
            say("vision.huge_image", path=path, reason=quoted(error)), advice=say("vision.shrink")
        ) from None
    except Exception as error:  # noqa: BLE001 (Pillow's decoders say that a file is broken with errors of any kind)
        raise DataError(
            say("vision.broken_image", path=path, reason=quoted(error)), advice=say("vision.copy_again")
        ) from None


def in_mode(image: Image.Image, mode: Mode = "RGB") -> Image.Image:
    """A picture in grey, in colour, or in colour with transparency, as every loader and every tool of Knoll takes it.

    Where `mode` has no transparency, what is transparent becomes the colour stored beneath it, as torchvision's loader
    does. Grey of 16 bits keeps the upper eight; Pillow's own conversion would cut off everything above 255. It names
    that of a PGM "I", whose other pictures have numbers of no known range.
    """
    if image.mode == "P" and "transparency" in image.info:  # which Pillow wants made RGBA on the way, and warns
        image = image.convert("RGBA")
    if image.mode.startswith("I;16") or (image.mode == "I" and image.format == "PPM"):
        image = eight_bits(image)
    return image.convert(mode) if mode == "RGBA" else image.convert("RGB").convert(mode)


def transparency(image: Image.Image) -> tuple[Sentence, ...]:
    """A sentence where pixels of a picture are transparent, and their hidden colours are taken as they are."""
    if "transparency" not in image.info and "A" not in image.getbands():
        return ()
    alpha = np.asarray(image.convert("RGBA").getchannel("A"))
    count = int((alpha < alpha.dtype.type(255)).sum())
    return (sentence("vision.transparent", count=count, total=alpha.size),) if count else ()


def eight_bits(image: Image.Image) -> Image.Image:
    """A grey picture of 16 bits with the upper eight."""
    return Image.fromarray((np.asarray(image) >> 8).astype(np.uint8))
