"""Softmax and the negative logarithm of the right class, one sample at a time: lanes hold classes.

Labels are taken as they are: the caller has made sure that there is a score for each that counts.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from knoll.kernels.elementwise.mathematics import exp, log
from knoll.kernels.kernel import Kernel
from knoll.kernels.layout.lanes import shuffled
from knoll.kernels.loss.class_labels import LabelOptions, label_at
from knoll.kernels.reduction.horizontal import horizontal_sum
from knoll.kernels.reduction.rows import row_max, row_vectors
from knoll.llvm.builder import KernelBuilder
from knoll.llvm.registers import Integer, LoopCarried, Pointer, Register


@dataclass(frozen=True)
class CrossEntropy(Kernel):
    """log Σ exp(x) − x[label] for each sample, times what the label counts."""

    classes: int
    options: LabelOptions

    @property
    def title(self) -> str:
        """Operation and classes."""
        return f"cross_entropy_{self.classes}"

    @property
    def pointers(self) -> int:
        """Scores, labels, perhaps the weights of classes, and losses."""
        return 3 + self.options.weighted

    def emit(self, k: KernelBuilder) -> None:
        """Samples; each goes over its classes for the highest score and for the sum of the exponentials."""
        x, labels, *weights, losses = k.pointers
        smoothing, each = self.options.smoothing, self.options.smoothing_per_class(self.classes)
        every = self.options.total_weight(k, weights, self.classes)
        with k.loop(0, k.count, name="n") as n:
            row = x + n * (self.classes * k.bytes)
            best, total, below = row_max(k, row, self.classes), LoopCarried(k.zero()), LoopCarried(k.zero())
            for i, lanes, scores in row_vectors(k, row, self.classes, total, below, rest=-math.inf):
                total.value = total.number + exp(k, scores - best)
                if smoothing:
                    below.value = below.number + _weighted(k, scores - best, weights, i, lanes)
            label, counts = label_at(k, labels, n, self.options.ignore)
            whole = log(k, horizontal_sum(k, total.number))
            loss = whole + (best - k.splat(k.load(row + label * k.bytes, k.scalar)))
            if weights:
                loss = loss * k.splat(k.load(weights[0] + label * k.bytes, k.scalar))
            if every is not None:
                spread = every * whole - horizontal_sum(k, below.number)
                loss = loss * k.constant(1 - smoothing) + spread * k.constant(each)
            k.store_lanes(counts.select(loss, k.zero()), losses + n * k.bytes, 1)


@dataclass(frozen=True)
class CrossEntropyGradient(Kernel):
    """(softmax(x) − 1 at the label) · dy for each sample, times what the label counts."""

    classes: int
    options: LabelOptions

    @property
    def title(self) -> str:
        """Operation and classes."""
        return f"cross_entropy_dx_{self.classes}"

    @property
    def pointers(self) -> int:
        """The gradient of the losses, scores, labels, perhaps weights, and the gradient of the scores."""
        return 4 + self.options.weighted

    def emit(self, k: KernelBuilder) -> None:
        """Samples; the exponentials wait where the gradient will stand, until their sum is known."""
        dy, x, labels, *weights, dx = k.pointers
        smoothing, each = self.options.smoothing, self.options.smoothing_per_class(self.classes)
        every = self.options.total_weight(k, weights, self.classes)
        with k.loop(0, k.count, name="n") as n:
            row, target = x + n * (self.classes * k.bytes), dx + n * (self.classes * k.bytes)
            best, total = row_max(k, row, self.classes), LoopCarried(k.zero())
            for i, lanes, scores in row_vectors(k, row, self.classes, total, rest=-math.inf):
                waiting = exp(k, scores - best)
                k.store_lanes(waiting, target + i * k.bytes, lanes)
                total.value = total.number + waiting
            whole = horizontal_sum(k, total.number)
            label, counts = label_at(k, labels, n, self.options.ignore)
            factor = counts.select(k.splat(k.load(dy + n * k.bytes, k.scalar)), k.zero())
            right = k.constant(1 - smoothing)
            if weights:
                right = right * k.splat(k.load(weights[0] + label * k.bytes, k.scalar))
            amount = right if every is None else right + every * k.constant(each)
            for i, lanes, waiting in row_vectors(k, target, self.classes):
                share = waiting / whole * amount
                if smoothing:
                    share = share - _weighted(k, k.constant(each), weights, i, lanes)
                k.store_lanes(share * factor, target + i * k.bytes, lanes)
            at = target + label * k.bytes
            k.store_lanes(k.splat(k.load(at, k.scalar)) - right * factor, at, 1)


def _weighted(k: KernelBuilder, numbers: Register, weights: list[Pointer], i: Integer, lanes: int) -> Register:
    """Numbers times the weights of their classes, zero in the lanes that do not count."""
    mask = [lane if lane < lanes else k.lanes + lane for lane in range(k.lanes)]
    numbers = numbers if lanes == k.lanes else shuffled(k, numbers, k.zero(), mask)
    return numbers * k.load_lanes(weights[0] + i * k.bytes, lanes) if weights else numbers
