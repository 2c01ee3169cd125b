"""Softmax and the negative logarithm of the right class, one sample at a time.

Labels are taken as they are: the caller has made sure that there is a score for each.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

from knoll.kernels.across import larger, largest_across, sum_across
from knoll.kernels.kernel import KernelSpec
from knoll.kernels.lanes import shuffled
from knoll.kernels.mathematics import exp, log
from knoll.llvm.builder import Cell, Index, Integer, Kernel, Number, Pointer

LABEL_BYTES = 8


@dataclass(frozen=True)
class CrossEntropy(KernelSpec):
    """log Σ exp(x) − x[label] for each sample."""

    classes: int

    @property
    def title(self) -> str:
        """Operation and classes."""
        return f"cross_entropy_{self.classes}"

    @property
    def pointers(self) -> int:
        """Scores, labels and losses."""
        return 3

    def emit(self, k: Kernel) -> None:
        """Samples; each goes over its classes for the highest score and for the sum of the exponentials."""
        x, labels, losses = k.pointers
        with k.loop(0, k.count, name="n") as n:
            row = x + n * (self.classes * k.bytes)
            highest, total = _highest(k, row, self.classes), Cell(k.zero())
            for _, _, scores in _over(k, row, self.classes, total):
                total.value = total.number + exp(k, scores - highest)
            right = k.splat(k.load(row + _label(k, labels, n) * k.bytes, k.scalar))
            loss = log(k, sum_across(k, total.number)) + (highest - right)
            k.store_lanes(loss, losses + n * k.bytes, 1)


@dataclass(frozen=True)
class CrossEntropyGradient(KernelSpec):
    """(softmax(x) − 1 at the label) · dy for each sample."""

    classes: int

    @property
    def title(self) -> str:
        """Operation and classes."""
        return f"cross_entropy_dx_{self.classes}"

    @property
    def pointers(self) -> int:
        """The gradient of the losses, scores, labels and the gradient of the scores."""
        return 4

    def emit(self, k: Kernel) -> None:
        """Samples; the exponentials wait where the gradient will stand, until their sum is known."""
        dy, x, labels, dx = k.pointers
        with k.loop(0, k.count, name="n") as n:
            row, target = x + n * (self.classes * k.bytes), dx + n * (self.classes * k.bytes)
            highest, total = _highest(k, row, self.classes), Cell(k.zero())
            for i, lanes, scores in _over(k, row, self.classes, total):
                waiting = exp(k, scores - highest)
                k.store_lanes(waiting, target + i * k.bytes, lanes)
                total.value = total.number + waiting
            whole = sum_across(k, total.number)
            factor = k.splat(k.load(dy + n * k.bytes, k.scalar))
            for i, lanes, waiting in _over(k, target, self.classes):
                k.store_lanes(waiting / whole * factor, target + i * k.bytes, lanes)
            label = _label(k, labels, n)
            right = exp(k, k.splat(k.load(row + label * k.bytes, k.scalar)) - highest)
            k.store_lanes((right / whole - k.constant(1.0)) * factor, target + label * k.bytes, 1)


def _highest(k: Kernel, row: Pointer, classes: int) -> Number:
    """The highest score, in every lane. A score that is no number shows in the sum."""
    highest = Cell(k.constant(-math.inf))
    for _, _, scores in _over(k, row, classes, highest):
        highest.value = larger(scores, highest.number)
    return largest_across(k, highest.number)


def _over(k: Kernel, row: Pointer, classes: int, *carrying: Cell) -> Iterator[tuple[Integer, int, Number]]:
    """The scores of a sample by vectors: where each begins, and how many lanes count. The other lanes hold −∞."""
    left = classes % k.lanes
    if classes > left:
        with k.loop(0, classes - left, k.lanes, carrying=carrying) as i:
            yield i, k.lanes, k.load(row + i * k.bytes)
    if left:
        scores = k.load_lanes(row + (classes - left) * k.bytes, left)
        mask = [lane if lane < left else k.lanes + lane for lane in range(k.lanes)]
        yield classes - left, left, shuffled(k, scores, k.constant(-math.inf), mask)


def _label(k: Kernel, labels: Pointer, n: Index) -> Index:
    return Index(k, k.load(labels + n * LABEL_BYTES, "i64").name)
