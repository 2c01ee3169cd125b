"""Cross-entropy of one label for each sample: lanes hold classes.

Labels are not checked here: the caller has checked that those that are not ignored are in range.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from knoll.kernels.elementwise.mathematics import exp, log
from knoll.kernels.layout.lanes import first_lanes
from knoll.kernels.loss.class_labels import ClassLoss, label_at
from knoll.kernels.reduction.horizontal import horizontal_sum
from knoll.kernels.reduction.rows import row_max, row_vectors
from knoll.llvm.builder import KernelBuilder
from knoll.llvm.registers import Integer, LoopCarried, Pointer, Register
from knoll.ops.formula import NEGATIVE


@dataclass(frozen=True)
class CrossEntropy(ClassLoss):
    """log Σ exp(x) − x[label] for each sample, times the weight of the label."""

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
        smoothing, weight_sum = self.options.smoothing, self.weight_sum(k, weights)
        with k.loop(0, k.count, name="n") as n:
            row = x + n * (self.classes * k.bytes)
            highest, total, shifted = row_max(k, row, self.classes), LoopCarried(k.zero()), LoopCarried(k.zero())
            for i, lanes, scores in row_vectors(k, row, self.classes, total, shifted, rest=-math.inf):
                total.value = total.number + exp(k, scores - highest, NEGATIVE)
                if smoothing:
                    shifted.value = shifted.number + _weighted(k, scores - highest, weights, i, lanes)
            label, is_counted = label_at(k, labels, n, self.options.ignore)
            log_sum = log(k, horizontal_sum(k, total.number))
            loss = log_sum + (highest - k.splat(k.load(row + label * k.bytes, k.scalar)))
            if weights:
                loss = loss * k.splat(k.load(weights[0] + label * k.bytes, k.scalar))
            if weight_sum is not None:
                loss = self.smoothed(k, loss, weight_sum * log_sum - horizontal_sum(k, shifted.number))
            k.store_lanes(is_counted.select(loss, k.zero()), losses + n * k.bytes, 1)


@dataclass(frozen=True)
class CrossEntropyGradient(ClassLoss):
    """(softmax(x) − 1 at the label) · dy for each sample, times the weight of the label."""

    @property
    def title(self) -> str:
        """Operation and classes."""
        return f"cross_entropy_dx_{self.classes}"

    @property
    def pointers(self) -> int:
        """The gradient of the losses, scores, labels, perhaps weights, and the gradient of the scores."""
        return 4 + self.options.weighted

    def emit(self, k: KernelBuilder) -> None:
        """Samples; the exponentials are stored in the gradient until their sum is known."""
        dy, x, labels, *weights, dx = k.pointers
        smoothing, weight_sum = self.options.smoothing, self.weight_sum(k, weights)
        with k.loop(0, k.count, name="n") as n:
            row, target = x + n * (self.classes * k.bytes), dx + n * (self.classes * k.bytes)
            highest, total = row_max(k, row, self.classes), LoopCarried(k.zero())
            for i, lanes, scores in row_vectors(k, row, self.classes, total, rest=-math.inf):
                exponentials = exp(k, scores - highest, NEGATIVE)
                k.store_lanes(exponentials, target + i * k.bytes, lanes)
                total.value = total.number + exponentials
            total_exp = horizontal_sum(k, total.number)
            label, is_counted = label_at(k, labels, n, self.options.ignore)
            factor = is_counted.select(k.splat(k.load(dy + n * k.bytes, k.scalar)), k.zero())
            right = k.constant(1 - smoothing)
            if weights:
                right = right * k.splat(k.load(weights[0] + label * k.bytes, k.scalar))
            scale = right if weight_sum is None else right + weight_sum * k.constant(self.smoothing_per_class)
            for i, lanes, exponentials in row_vectors(k, target, self.classes):
                dscores = exponentials / total_exp * scale
                if smoothing:
                    dscores = dscores - _weighted(k, k.constant(self.smoothing_per_class), weights, i, lanes)
                k.store_lanes(dscores * factor, target + i * k.bytes, lanes)
            at = target + label * k.bytes
            k.store_lanes(k.splat(k.load(at, k.scalar)) - right * factor, at, 1)


def _weighted(k: KernelBuilder, numbers: Register, weights: list[Pointer], i: Integer, lanes: int) -> Register:
    """Numbers times the weights of their classes, zero in unused lanes."""
    numbers = first_lanes(k, numbers, lanes, k.zero())
    return numbers * k.load_lanes(weights[0] + i * k.bytes, lanes) if weights else numbers
