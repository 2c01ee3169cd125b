"""Which classes were taken for which, and what follows from it: intersection over union."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.integer[Any]]


class Confusion:
    """How often each class was found where each class was true.

    `counts[i, j]` is how often class j was found where i was true.

    >>> confusion = Confusion(2)
    >>> confusion.add(found=np.array([0, 1, 1, 0]), truth=np.array([0, 1, 0, 255]), ignore=255)
    >>> confusion.counts.tolist()
    [[1, 1], [0, 1]]
    >>> confusion.mean_iou
    0.5
    """

    counts: NDArray[np.int64]

    def __init__(self, classes: int) -> None:
        self.counts = np.zeros((classes, classes), np.int64)

    def add(self, found: Numbers, truth: Numbers, ignore: int | None = None) -> None:
        """Count class numbers of any one shape; places whose truth is `ignore` or no class do not count."""
        classes = len(self.counts)
        kept = (truth >= 0) & (truth < classes)
        if ignore is not None:
            kept &= truth != ignore
        pairs = truth[kept].astype(np.int64) * classes + found[kept]
        self.counts += np.bincount(pairs, minlength=classes**2).reshape(classes, classes)

    @property
    def labelled(self) -> int:
        """How many places counted."""
        return int(self.counts.sum())

    @property
    def correct(self) -> int:
        """In how many of them the class was right."""
        return int(np.trace(self.counts))

    @property
    def accuracy(self) -> float:
        """The share of right ones, in 0..1; no number without any."""
        return self.correct / self.labelled if self.labelled else float("nan")

    @property
    def iou(self) -> NDArray[np.float64]:
        """For each class the places where it is both true and found over those where it is either, in 0..1.

        No number for a class that is neither. Source: Everingham et al., The PASCAL visual object classes challenge,
        2010, section 4.2.
        """
        both = np.diagonal(self.counts)
        either = self.counts.sum(axis=0) + self.counts.sum(axis=1) - both
        shares: NDArray[np.float64] = np.divide(both, either, out=np.full(len(both), np.nan), where=either > 0)
        return shares

    @property
    def mean_iou(self) -> float:
        """The mean over the classes that occur; no number where none does."""
        known = self.iou[~np.isnan(self.iou)]
        return float(known.mean()) if known.size else float("nan")
