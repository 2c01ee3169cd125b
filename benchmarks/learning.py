"""One library learns one data set: the recipe of the accuracy comparison, the same for every library.

The initial weights and the order of the images come from the seed, so that libraries differ in their arithmetic alone.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image

from benchmarks.cores import confine
from benchmarks.layers import Array
from benchmarks.network import practice
from benchmarks.rivals.rival import Learner, Rival

BATCH = 64
AT_ONCE = 500  # test images in one batch


@dataclass(frozen=True, eq=False)
class Images:
    """Pixels (n, 3, h, w) as bytes, and labels."""

    x: Array
    labels: Array

    def batch(self, places: Array) -> tuple[Array, Array]:
        """Some images with values from 0 to 1, and their labels."""
        return self.x[places].astype(np.float32) / np.float32(255), self.labels[places]


def read_images(file: Path, part: str, most: int | None) -> Images:
    """The images of a part ("train", "test") of an archive of JPEGs; not more than `most`, evenly chosen.

    Image i is the JPEG in `<part>_bytes` from `<part>_offsets[i]` to `[i + 1]`, its class is `<part>_y[i]`.
    """
    with np.load(file) as archive:
        packed, offsets, labels = (archive[f"{part}_{word}"] for word in ("bytes", "offsets", "y"))
    count = min(len(labels), most or len(labels))
    chosen = np.linspace(0, len(labels) - 1, count).astype(int)  # an archive may be sorted by class
    pixels = [_decoded(packed[offsets[i] : offsets[i + 1]]) for i in chosen]
    return Images(np.stack(pixels).transpose(0, 3, 1, 2).copy(), labels[chosen].astype(np.int64))


def _decoded(jpeg: Array) -> Array:
    from io import BytesIO

    return np.asarray(Image.open(BytesIO(jpeg.tobytes())).convert("RGB"))


@dataclass(frozen=True)
class Epoch:
    """What one pass over the training images came to; `seconds` are those of the pass, without the test."""

    accuracy: float
    loss: float
    seconds: float


def learn(
    rival: Rival, seed: int, epochs: int, threads: int, train: Images, test: Images, tell: Callable[[Epoch], None]
) -> None:
    """Train with SGD at the common learning rate, batches of 64, and test after each epoch."""
    confine(threads)
    assert rival.learn is not None
    learner = rival.learn(practice(seed), threads)
    order = np.random.default_rng(seed)
    for _ in range(epochs):
        begin = time.perf_counter()
        losses = [
            learner.step(learner.batch(*train.batch(p))) for p in batches(order.permutation(len(train.labels)), BATCH)
        ]
        seconds = time.perf_counter() - begin
        tell(Epoch(accuracy(learner, test), float(np.mean(losses)), seconds))


def batches(places: Array, size: int) -> Iterator[Array]:
    """Parts of `size`; the last may be smaller."""
    for first in range(0, len(places), size):
        yield places[first : first + size]


def accuracy(learner: Learner, test: Images) -> float:
    """The share of the test images whose likeliest class is right."""
    right = 0
    for places in batches(np.arange(len(test.labels)), AT_ONCE):
        x, labels = test.batch(places)
        right += int((learner.outputs(x).argmax(1) == labels).sum())
    return right / len(test.labels)
