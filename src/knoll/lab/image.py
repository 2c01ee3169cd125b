"""Pictures that were given to the page: read from their bytes with limits, kept small, the oldest forgotten first."""

from __future__ import annotations

import hashlib
import warnings
from collections import OrderedDict
from dataclasses import dataclass
from io import BytesIO
from threading import Lock

import numpy as np

from knoll.errors import DataError, EntryError
from knoll.graph import Array
from knoll.messages import Sentence, say
from knoll.pillow import PIL, Image
from knoll.vision.image_file import FORMATS, in_mode, transparency

MOST_PIXELS = 1 << 24  # of a file; more are refused before they are decoded
SIDE = 256  # the longer side of what is kept
KEPT = 64  # pictures


@dataclass(frozen=True, eq=False)
class GivenPicture:
    """The pixels (rows, columns, 3) in bytes, at most 256 a side, and what is to be said of them."""

    pixels: Array
    notes: tuple[Sentence, ...] = ()


class Images:
    """The pictures that were given, by their names."""

    def __init__(self) -> None:
        self._kept: OrderedDict[str, GivenPicture] = OrderedDict()
        self._lock = Lock()

    def add(self, content: bytes) -> str:
        """Keep the picture of a file's content; returns its name. Raises DataError for what is none, or too large."""
        picture = read_picture(content)
        name = hashlib.sha256(picture.pixels.tobytes() + repr(picture.notes).encode()).hexdigest()[:16]
        with self._lock:
            self._kept[name] = picture
            self._kept.move_to_end(name)
            while len(self._kept) > KEPT:
                self._kept.popitem(last=False)
        return name

    def __getitem__(self, name: str) -> GivenPicture:
        with self._lock:
            if name not in self._kept:
                raise EntryError(say("lab.no_image", kept=KEPT))
            self._kept.move_to_end(name)
            return self._kept[name]


def read_picture(content: bytes) -> GivenPicture:
    """The picture in a file's content; its size is read before its pixels are. Raises DataError."""
    try:
        with warnings.catch_warnings(action="ignore"), Image.open(BytesIO(content), formats=FORMATS) as image:
            if image.width * image.height > MOST_PIXELS:
                size = f"{image.width}×{image.height}"
                raise DataError(say("lab.huge_image"), expected=say("lab.pixels", most=MOST_PIXELS), got=size)
            image.draft("RGB", (SIDE, SIDE))  # a JPEG is decoded at a fraction of its size
            return _small(image)
    except DataError:
        raise
    except Image.DecompressionBombError:
        raise DataError(say("lab.huge_image"), expected=say("lab.pixels", most=MOST_PIXELS)) from None
    except PIL.UnidentifiedImageError:
        raise DataError(say("lab.not_an_image"), expected=", ".join(FORMATS)) from None
    except Exception as error:  # noqa: BLE001 (Pillow's decoders say that a file is broken with errors of any kind)
        raise DataError(say("lab.broken_image"), got=str(error)[:200]) from None


def _small(image: Image.Image) -> GivenPicture:
    notes, coloured = transparency(image), in_mode(image)
    coloured.thumbnail((SIDE, SIDE))
    return GivenPicture(np.asarray(coloured), notes)


def resized(pixels: Array, rows: int, columns: int) -> Array:
    """The picture (3, rows, columns) in bytes: its middle, cut to this shape, in this size."""
    h, w = pixels.shape[:2]
    side = min(h * columns, w * rows)
    tall, wide = max(side // columns, 1), max(side // rows, 1)
    top, left = (h - tall) // 2, (w - wide) // 2
    cut = Image.fromarray(np.ascontiguousarray(pixels[top : top + tall, left : left + wide]))
    fitted: Array = np.asarray(cut.resize((columns, rows), Image.Resampling.BILINEAR))
    planes: Array = fitted.transpose(2, 0, 1)
    return planes


def mound(side: int) -> Array:
    """A mound of earth under the sun, (side, side, 3) in bytes: the picture that the lab begins with."""
    y, x = np.mgrid[0:side, 0:side] / (side - 1)
    colours = {"sky": (120, 178, 226), "sun": (250, 206, 74), "earth": (146, 98, 56), "grass": (86, 142, 66)}
    hill = 0.86 - 0.52 * np.exp(-(((x - 0.42) / 0.24) ** 2))
    regions = [
        (y < 2, "sky"),
        ((x - 0.8) ** 2 + (y - 0.2) ** 2 < 0.012, "sun"),
        (y > hill, "earth"),
        (y > 0.84 + 0.02 * np.sin(9 * x), "grass"),
    ]
    picture = np.zeros((side, side, 3))
    for region, name in regions:
        picture[region] = colours[name]
    shade = 1 - 0.25 * np.clip((y - hill) * 3, 0, 1) + 0.1 * (1 - y)
    pixels: Array = np.clip(picture * shade[..., None], 0, 255).astype(np.uint8)
    return pixels
