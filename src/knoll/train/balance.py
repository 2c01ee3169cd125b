"""How much each class counts, so that rare ones are learned too."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def median_frequency(masks: NDArray[np.uint8], classes: int, ignore: int | None = None) -> NDArray[np.float32]:
    """The weight of each class for masks (n, h, w): the median of all frequencies over its own.

    The frequency of a class is its share of the pixels of those pictures in which it occurs. A class that occurs
    nowhere has weight 1. Source: Eigen and Fergus, Predicting depth, surface normals and semantic labels with a common
    multi-scale convolutional architecture, 2015, section 6.3.2.

    >>> median_frequency(np.array([[[0, 0, 0, 1]], [[0, 0, 0, 0]]], np.uint8), classes=2).tolist()
    [0.6428571343421936, 2.25]
    """
    counts = np.stack([np.bincount(mask.ravel(), minlength=256) for mask in masks])
    if ignore is not None:
        counts[:, ignore] = 0
    counts = counts[:, :classes]
    labelled = (counts.sum(axis=1, keepdims=True) * (counts > 0)).sum(axis=0)
    present = labelled > 0
    frequency = counts.sum(axis=0)[present] / labelled[present]
    weights = np.ones(classes, np.float32)
    weights[present] = np.median(frequency) / frequency
    return weights
