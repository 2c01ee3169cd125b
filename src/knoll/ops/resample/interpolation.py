"""Interpolation along one axis by a kernel of the distance: cubic, and what does not alias when an axis shrinks."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from knoll.graph import Array
from knoll.graph.spec import DType
from knoll.ops.resample.axes import Interpolated
from knoll.ops.resample.tables import Table


@dataclass(frozen=True)
class Smooth(Interpolated):
    """Results whose weights follow from their distances to the elements; `corners` is as for `Linear`."""

    def step(self, size: int, dtype: DType) -> Any:
        """How far apart the results lie among the elements, in this precision."""
        if not self.corners:
            return self.stretch(size, dtype)
        return dtype.type(size - 1) / dtype.type(self.size - 1) if self.size > 1 else dtype.type(0)


@dataclass(frozen=True)
class Cubic(Smooth):
    """The four neighbours of each result, weighted by Keys' cubic; beyond the edge the outermost element counts again.

    Sources: R. G. Keys, Cubic convolution interpolation for digital image processing, 1981;
    `UpSampleBicubic2d` in PyTorch's `aten/src/ATen/native/cpu/UpSampleKernel.cpp`.

    >>> Cubic(4).table(2).weights.reshape(4, 2)[:, 0]
    array([ 1.10546875,  0.7734375 ,  0.2265625 , -0.10546875])
    """

    def make_table(self, size: int, dtype: DType) -> Table:
        """The weights of the neighbours, those of what lies beyond the edge added to the outermost element's."""
        result = np.arange(self.size)
        step = self.step(size, dtype)
        at = (result * np.float64(step) if self.corners else (result + 0.5) * np.float64(step) - 0.5).astype(dtype)
        below = np.minimum(np.floor(at).astype(np.int64), size - 1)
        part = (at - below.astype(dtype)).clip(0, 1)[:, None].astype(dtype)
        weights = keys(abs(part - np.arange(-1, 3, dtype=dtype)), dtype.type(-0.75)).astype(np.float64)
        places = (below[:, None] + np.arange(-1, 3)).clip(0, size - 1)
        firsts = places[:, 0]
        joined = np.zeros_like(weights)
        np.add.at(joined, (result[:, None], places - firsts[:, None]), weights)
        return weighted(size, firsts, joined)


@dataclass(frozen=True)
class Antialiased(Smooth):
    """All elements near each result, weighted by a kernel as wide as the result where the axis shrinks.

    `kernel` is "linear", "cubic" or "lanczos".
    Source: `_compute_weights_aa` in PyTorch's `aten/src/ATen/native/cpu/UpSampleKernel.cpp`, which is Pillow's way.

    >>> Antialiased(1).table(3).weights.round(4)
    array([0.2857, 0.4286, 0.2857])
    """

    kernel: str = "linear"

    def make_table(self, size: int, dtype: DType) -> Table:
        """The weights of the kernel at each element, divided by their sum."""
        reach, function = KERNELS[self.kernel]
        step = self.step(size, dtype)
        wide = max(step, dtype.type(1))
        support = dtype.type(reach) * wide
        centres = step * (np.arange(self.size).astype(dtype) + dtype.type(0.5))
        half = dtype.type(0.5)
        firsts = np.maximum((centres - support + half).astype(np.int64), 0)
        counts = (np.minimum((centres + support + half).astype(np.int64), size) - firsts).clip(0)
        near = np.arange(counts.max(initial=0))
        places = firsts[:, None] + near
        distances = (places.astype(dtype) - centres[:, None] + half) * (dtype.type(1) / wide)
        weights = np.where(near < counts[:, None], function(abs(distances)), 0).astype(dtype)
        return weighted(size, firsts, (weights / weights.sum(axis=1, keepdims=True)).astype(np.float64))


def keys(distance: Array, a: Any) -> Array:
    """Keys' cubic at a distance: a parameter says how steep it is at a distance of 1.

    >>> keys(np.array([0.0, 0.5, 1.0, 1.5, 2.0]), -0.5)
    array([ 1.    ,  0.5625,  0.    , -0.0625,  0.    ])
    """
    near = ((a + 2) * distance - (a + 3)) * distance * distance + 1
    far = ((a * distance - 5 * a) * distance + 8 * a) * distance - 4 * a
    return np.where(distance < 1, near, np.where(distance < 2, far, 0))


def _lanczos(distance: Array) -> Array:
    """A sinc under the main lobe of a wider sinc."""
    return np.where(distance < 3, np.sinc(distance) * np.sinc(distance / 3), 0)


KERNELS: dict[str, tuple[float, Callable[[Array], Array]]] = {
    "linear": (1.0, lambda distance: np.maximum(1 - distance, 0)),
    "cubic": (2.0, lambda distance: keys(distance, distance.dtype.type(-0.5))),
    "lanczos": (3.0, _lanczos),
}


def weighted(size: int, firsts: Array, weights: Array) -> Table:
    """A table of contiguous elements from `firsts` on, (results, most) weights; zeros at either end have no entry."""
    counts = (weights != 0).any(axis=1)
    before = np.where(counts, (weights != 0).argmax(axis=1), 0)
    after = np.where(counts, (weights[:, ::-1] != 0).argmax(axis=1), weights.shape[1])
    stops = weights.shape[1] - after
    near = np.arange(weights.shape[1])
    kept = (near >= before[:, None]) & (near < stops[:, None])
    alone = bool((weights[kept] == 1).all())
    return Table(size, firsts + before, stops - before, np.ones(len(firsts)), None if alone else weights[kept])
