"""Handwritten digits that come with the library, so that everything can be tried without a download."""

from __future__ import annotations

from functools import cache
from importlib import resources

import numpy as np
from numpy.typing import NDArray

from knoll.tensor.arguments import truthy
from knoll.vision.datasets.labelled import ArrayImages, TargetTransform
from knoll.vision.transforms import Transform


class Digits(ArrayImages):
    """1,797 handwritten digits, 1,437 to train on and 360 to test with, as RGB images of 32 by 32.

    They were scanned as 8 by 8 pixels with 17 shades of grey, 0 paper and 16 ink; here they are enlarged bilinearly,
    which keeps the strokes smooth where repeated pixels would give the network a staircase to learn, and ink is white.
    The split is fixed and has the same share of every digit.

    E. Alpaydin and C. Kaynak, "Optical Recognition of Handwritten Digits" (its test part), UCI Machine Learning
    Repository, 1998, https://doi.org/10.24432/C50P49, licensed under CC BY 4.0. Changed here in size and colour.

    >>> from knoll.vision.datasets import Digits
    >>> digits = Digits(train=False)
    >>> len(digits), digits.images.shape, digits.classes[:3]
    (360, (360, 3, 32, 32), ['0', '1', '2'])
    >>> digits[0][0].size, digits[0][1]
    ((32, 32), 0)
    """

    classes: list[str]
    split: str

    def __init__(
        self,
        train: bool = True,
        transform: Transform | None = None,
        target_transform: TargetTransform | None = None,
    ) -> None:
        pixels, labels = _scans()
        train = truthy(train, "Digits", "train")
        chosen = _tested(labels) != train
        super().__init__(_enlarged(pixels[chosen]), labels[chosen], transform, target_transform)
        self.classes = [str(digit) for digit in range(10)]
        self.split = "Train" if train else "Test"


@cache
def _scans() -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
    """All digits (1797, 8, 8) in 0..16, and which they are."""
    with resources.files(__package__).joinpath("digits.npz").open("rb") as file, np.load(file) as arrays:
        return arrays["pixels"], arrays["labels"].astype(np.int64)


def _tested(labels: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Which samples belong to the test part: every fifth of each digit, over the whole file."""
    tested = np.zeros(len(labels), np.bool_)
    tested[np.argsort(labels, kind="stable")[::5]] = True
    return tested


def _enlarged(pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Scans (n, 8, 8) in 0..16 as RGB images (n, 3, 32, 32) in 0..255, between pixel centres linearly."""
    weights = _linear(8, 32)
    grey = np.einsum("yr,nrc,xc->nyx", weights, pixels * (255 / 16), weights, optimize=True)
    return np.repeat(np.rint(grey).astype(np.uint8)[:, None], 3, axis=1)


def _linear(old: int, new: int) -> NDArray[np.float64]:
    """How much of each old pixel goes into each new one, (new, old); beyond the outermost centres they repeat."""
    centres = np.clip((np.arange(new) + 0.5) * old / new - 0.5, 0, old - 1)
    weights: NDArray[np.float64] = np.maximum(0, 1 - np.abs(centres[:, None] - np.arange(old)))
    return weights
