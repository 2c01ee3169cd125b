"""Sums over samples: loss and hits."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from knoll.tensor import Tensor


@dataclass(frozen=True)
class Tally:
    """The sum of the losses, the hits and the number of some samples.

    >>> both = Tally(2.0, 1, 2) + Tally(1.0, 1, 1)
    >>> both.mean_loss, round(both.accuracy, 3)
    (1.0, 0.667)
    """

    loss: float = 0.0
    correct: int = 0
    seen: int = 0

    def __add__(self, other: Tally) -> Tally:
        return Tally(self.loss + other.loss, self.correct + other.correct, self.seen + other.seen)

    @property
    def mean_loss(self) -> float:
        """The loss of a sample; no number without samples."""
        return self.loss / self.seen if self.seen else math.nan

    @property
    def accuracy(self) -> float:
        """The share of hits, in 0..1; no number without samples."""
        return self.correct / self.seen if self.seen else math.nan


def tally(loss: Tensor, scores: Tensor, labels: Any) -> Tally:
    """The tally of one batch with this mean loss: scores (n, k), labels (n,)."""
    truth = np.asarray(labels)
    hits = int((scores.detach().numpy().argmax(axis=1) == truth).sum())
    return Tally(loss.item() * len(truth), hits, len(truth))
