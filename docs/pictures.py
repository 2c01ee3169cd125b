"""Make the pictures of the READMEs: `python docs/pictures.py` writes them, a test says whether they are up to date.

The matrix and the kernel are those of the course's lesson on convolution.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import knoll
from knoll import nn
from knoll.animate import animate
from knoll.draw import Animation, Scene
from knoll.messages import LANGUAGES, Language

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE))

from speed import speed_picture  # noqa: E402 (beside this file, wherever it is run)

MATRIX = [[1, 2, 0, 3, 1], [0, 1, 2, 3, 1], [1, 2, 1, 0, 0], [5, 2, 3, 1, 1], [2, 1, 0, 1, 1]]
KERNEL = [[1, 2, 1], [0, 1, 0], [2, 1, 0]]


def pictures() -> Iterator[tuple[Path, str]]:
    """Each picture: its file and its text."""
    image = knoll.tensor(MATRIX, dtype=knoll.float32).reshape(1, 1, 5, 5)
    for language in LANGUAGES:
        yield _file("conv2d", language), _text(animate(_convolution(), image), language)
        yield _file("max_pool2d", language), _text(animate(nn.MaxPool2d(3, ceil_mode=True), image), language)
        yield _file("speed", language), _text(speed_picture(), language)


def _convolution() -> nn.Conv2d:
    layer = nn.Conv2d(1, 1, 3, padding=1, bias=False)
    layer.weight.data = knoll.tensor(KERNEL, dtype=knoll.float32).reshape(1, 1, 3, 3)
    return layer


def _file(name: str, language: Language) -> Path:
    return HERE / (f"{name}.svg" if language == "en" else f"{name}.{language}.svg")


def _text(picture: Animation | Scene, language: Language) -> str:
    return picture.svg(language=language)


if __name__ == "__main__":
    for path, text in pictures():
        path.write_text(text, encoding="utf-8")
