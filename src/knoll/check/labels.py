"""Class numbers: those of a batch or of all samples, and whether their order is that of a sorted data set."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from knoll.graph import Array
from knoll.tensor import Tensor

CHANCE = 1e-6  # how likely labels that were shuffled may be in order all the same


def class_numbers(labels: Any) -> Array | None:
    """The class numbers, one for each sample; None of what holds none."""
    if isinstance(labels, Tensor):
        labels = labels.detach().numpy()
    if not isinstance(labels, (list, tuple, np.ndarray)):
        return None
    array = np.asarray(labels)
    return array if array.ndim == 1 and array.dtype.kind in "iu" else None


def are_sorted(labels: Array) -> bool:
    """Whether labels of several classes come one class after another, as shuffled ones as good as never do.

    Of N labels, n of a class, 2 · Π n! / N! orders are sorted, upwards or downwards.

    >>> import numpy as np
    >>> are_sorted(np.arange(40) // 20), are_sorted(np.arange(40) % 2), are_sorted(np.zeros(40, np.int64))
    (True, False, False)
    """
    steps = np.diff(labels.astype(np.int64))
    if not ((steps >= 0).all() or (steps <= 0).all()):
        return False
    _, counts = np.unique(labels, return_counts=True)
    orders = math.lgamma(labels.size + 1) - math.fsum(math.lgamma(int(count) + 1) for count in counts)
    return math.log(2) - orders < math.log(CHANCE)
