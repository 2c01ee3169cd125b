"""Sums over samples: loss and hits."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from knoll.tensor import Tensor


@dataclass(frozen=True)
class Tally:
    """The sum of the losses, the hits, and the number of some samples and of their labels.

    An image has one label, or one for each of its pixels that has a class.

    >>> from knoll.train import Tally
    >>> both = Tally(2.0, 1, 2, 2) + Tally(1.0, 1, 1, 1)
    >>> both.mean_loss, round(both.accuracy, 3)
    (1.0, 0.667)
    """

    loss: float = 0.0
    correct: int = 0
    seen: int = 0
    labels: int = 0

    def __add__(self, other: Tally) -> Tally:
        return Tally(
            self.loss + other.loss,
            self.correct + other.correct,
            self.seen + other.seen,
            self.labels + other.labels,
        )

    @property
    def mean_loss(self) -> float:
        """The loss of a label; no number without labels."""
        return self.loss / self.labels if self.labels else math.nan

    @property
    def accuracy(self) -> float:
        """The share of hits, in 0..1; no number without labels."""
        return self.correct / self.labels if self.labels else math.nan


def predicted(scores: Tensor) -> NDArray[np.int64]:
    """The class with the highest score: scores (n, k, …) → class numbers (n, …)."""
    classes: NDArray[np.int64] = scores.detach().numpy().argmax(axis=1)
    return classes


def tally(loss: Tensor, scores: Tensor, labels: Any, ignore: int | None = None) -> Tally:
    """The tally of one batch with this mean loss: scores (n, k, …), labels (n, …); labels `ignore` do not count."""
    truth = np.asarray(labels)
    hits, counted = predicted(scores) == truth, truth.size
    if ignore is not None:
        labelled = truth != ignore
        hits, counted = hits & labelled, int(labelled.sum())
    return Tally(loss.item() * counted, int(hits.sum()), len(truth), counted)
