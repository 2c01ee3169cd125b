"""Which class a picture shows, as a trained network sees it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from knoll.errors import DataError
from knoll.graph.shapes import shape_text
from knoll.messages import say
from knoll.tensor import no_grad
from knoll.train.weights import Network
from knoll.vision.image_file import decoded, read_image, transparency

_BRIGHT = 0.5


@dataclass(frozen=True)
class Prediction:
    """The classes of one picture with their probabilities, the likeliest first, and what was done to the picture."""

    path: Path
    classes: tuple[tuple[str, float], ...]
    notes: tuple[str, ...]


def predict(network: Network, path: Path) -> Prediction:
    """Look at one picture, whatever its size and colours. Raises FileError and DataError where it cannot be read."""
    image = read_image(path)
    notes = notes_on(path, network.size)
    pixels = network.pixels(image)
    if network.data == "digits" and pixels.mean().item() > _BRIGHT:
        notes.append(say("train.inverted"))
    with no_grad():
        scores = network.module(pixels.unsqueeze(0)).numpy()[0].astype(np.float64)
    if not np.isfinite(scores).all():
        raise DataError(say("train.no_scores"), where=str(path))
    chances = np.exp(scores - scores.max())
    chances /= chances.sum()
    order = np.argsort(-chances, kind="stable")
    return Prediction(path, tuple((network.classes[k], float(chances[k])) for k in order), tuple(notes))


def notes_on(path: Path, size: tuple[int, int]) -> list[str]:
    """How the picture differs from what the network takes: RGB, and `size` (h, w)."""
    mode, got, transparent = decoded(path, lambda image: (image.mode, image.size, transparency(image)))
    notes = [] if mode == "RGB" else [say("train.converted", mode=mode)]
    notes += map(str, transparent)
    rows_and_columns = got[::-1]  # Pillow names the width first
    if rows_and_columns != size:
        notes.append(say("train.resized", got=shape_text(rows_and_columns), size=shape_text(size)))
    return notes
