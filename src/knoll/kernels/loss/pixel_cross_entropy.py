"""Cross-entropy of one label for each pixel: lanes hold pixels.

The scores of one class for neighbouring pixels lie side by side, so each vector of pixels goes over the classes.
Labels are not checked here: the caller has checked that those that are not ignored are in range.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from knoll.graph.sizes import ceil_div
from knoll.kernels.elementwise.mathematics import exp, log
from knoll.kernels.loss.class_labels import LABEL_BYTES, ClassLoss
from knoll.kernels.reduction.horizontal import larger
from knoll.kernels.reduction.sums import CHUNK
from knoll.llvm.builder import KernelBuilder
from knoll.llvm.registers import Integer, IntRegister, LoopCarried, Pointer, Register
from knoll.ops.formula import NEGATIVE


@dataclass(frozen=True)
class PixelLoss(ClassLoss):
    """What the loss and its gradient share: the loops over pixels, and over the classes of some pixels."""

    pixels: int

    @property
    def parts(self) -> int:
        """Stretches of pixels."""
        return ceil_div(self.pixels, CHUNK)

    def each_vector(self, k: KernelBuilder, body: Callable[[IntRegister, Integer, int], None]) -> None:
        """Samples, parts, vectors of pixels: `body` is told the sample, the first pixel and how many count."""
        left = self.pixels % k.lanes
        with k.loop(0, k.count, name="n") as n:
            with k.loop(k.first_part, k.last_part, name="part") as part:
                start = part * CHUNK
                stop = k.minimum(start + CHUNK, self.pixels - left)
                with k.loop(start, stop, k.lanes, name="pixel") as pixel:
                    body(n, pixel, k.lanes)
            if left:  # whoever has the last part has the last pixels
                with k.loop(k.maximum(k.first_part, self.parts - 1), k.last_part, name="end"):
                    body(n, self.pixels - left, left)

    @contextmanager
    def each_class(
        self, k: KernelBuilder, first: Pointer, carrying: Sequence[LoopCarried] = ()
    ) -> Iterator[tuple[IntRegister, Pointer]]:
        """A loop over classes: the class, and the address of its scores of these pixels."""
        with k.loop(0, self.classes, carrying=carrying, name="class") as c:
            yield c, first + c * (self.pixels * k.bytes)

    def highest(self, k: KernelBuilder, first: Pointer, lanes: int) -> Register:
        """The largest score of each pixel; NaN is ignored, as it makes the sum NaN."""
        highest = LoopCarried(k.constant(-math.inf))
        with self.each_class(k, first, [highest]) as (_, at):
            highest.value = larger(k.load_lanes(at, lanes), highest.number)
        return highest.number


@dataclass(frozen=True)
class PixelCrossEntropy(PixelLoss):
    """log Σ exp(x) − x[label] for each pixel, times the weight of the label."""

    @property
    def title(self) -> str:
        """Operation, classes and pixels."""
        return f"cross_entropy_{self.classes}x{self.pixels}"

    @property
    def pointers(self) -> int:
        """Scores, labels, perhaps the weights of classes, and losses."""
        return 3 + self.options.weighted

    def emit(self, k: KernelBuilder) -> None:
        """Each vector of pixels goes over the classes for the highest scores and for the sums of exponentials."""
        x, labels, *weights, losses = k.pointers
        smoothing, weight_sum = self.options.smoothing, self.weight_sum(k, weights)

        def body(n: IntRegister, pixel: Integer, lanes: int) -> None:
            first = x + n * (self.classes * self.pixels * k.bytes) + pixel * k.bytes
            place = n * self.pixels + pixel
            label, is_counted = labels_at(k, labels + place * LABEL_BYTES, lanes, self.options.ignore)
            highest = self.highest(k, first, lanes)
            total, right, label_weight, shifted = (LoopCarried(k.zero()) for _ in range(4))
            with self.each_class(k, first, [total, right, label_weight, shifted]) as (c, at):
                less = k.load_lanes(at, lanes) - highest
                total.value = total.number + exp(k, less, NEGATIVE)
                here = label.compare("eq", each_lane(k, c, label.type))
                right.value = here.select(less, right.number)
                weight = k.splat(k.load(weights[0] + c * k.bytes, k.scalar)) if weights else None
                if weight is not None:
                    label_weight.value = here.select(weight, label_weight.number)
                if smoothing:
                    shifted.value = shifted.number + (less if weight is None else less * weight)
            log_sum = log(k, total.number)
            loss = log_sum - right.number
            loss = loss * label_weight.number if weights else loss
            if weight_sum is not None:
                loss = self.smoothed(k, loss, weight_sum * log_sum - shifted.number)
            k.store_lanes(is_counted.select(loss, k.zero()), losses + place * k.bytes, lanes)

        self.each_vector(k, body)


@dataclass(frozen=True)
class PixelCrossEntropyGradient(PixelLoss):
    """(softmax(x) − 1 at the label) · dy for each pixel, times the weight of the label."""

    @property
    def title(self) -> str:
        """Operation, classes and pixels."""
        return f"cross_entropy_dx_{self.classes}x{self.pixels}"

    @property
    def pointers(self) -> int:
        """The gradient of the losses, scores, labels, perhaps weights, and the gradient of the scores."""
        return 4 + self.options.weighted

    def emit(self, k: KernelBuilder) -> None:
        """The exponentials are stored in the gradient until their sums are known."""
        dy, x, labels, *weights, dx = k.pointers
        smoothing, weight_sum = self.options.smoothing, self.weight_sum(k, weights)

        def body(n: IntRegister, pixel: Integer, lanes: int) -> None:
            image = n * (self.classes * self.pixels * k.bytes)
            first, target = x + image + pixel * k.bytes, dx + image + pixel * k.bytes
            place = n * self.pixels + pixel
            label, is_counted = labels_at(k, labels + place * LABEL_BYTES, lanes, self.options.ignore)
            highest = self.highest(k, first, lanes)
            total, label_weight = LoopCarried(k.zero()), LoopCarried(k.zero())
            with self.each_class(k, first, [total, label_weight]) as (c, at):
                exponentials = exp(k, k.load_lanes(at, lanes) - highest, NEGATIVE)
                k.store_lanes(exponentials, target + c * (self.pixels * k.bytes), lanes)
                total.value = total.number + exponentials
                if weights:
                    here = label.compare("eq", each_lane(k, c, label.type))
                    weight = k.splat(k.load(weights[0] + c * k.bytes, k.scalar))
                    label_weight.value = here.select(weight, label_weight.number)
            factor = is_counted.select(k.load_lanes(dy + place * k.bytes, lanes), k.zero())
            right = k.constant(1 - smoothing) * factor
            right = right * label_weight.number if weights else right
            uniform = k.constant(self.smoothing_per_class) * factor
            scale = (right if weight_sum is None else right + weight_sum * uniform) / total.number
            with self.each_class(k, target) as (c, at):
                here = label.compare("eq", each_lane(k, c, label.type))
                less = here.select(right, k.zero())
                if smoothing:
                    weight = k.splat(k.load(weights[0] + c * k.bytes, k.scalar)) if weights else k.constant(1.0)
                    less = k.multiply_add(weight, uniform, less)
                k.store_lanes(k.load_lanes(at, lanes) * scale - less, at, lanes)

        self.each_vector(k, body)


def labels_at(k: KernelBuilder, place: Pointer, lanes: int, ignore: int) -> tuple[Register, Register]:
    """The labels of some pixels, in integers as wide as the numbers are, and which of them count.

    Only labels that count are known to fit; what becomes of the others does not matter.
    """
    wide = f"<{k.lanes} x i64>"
    if lanes == k.lanes:
        label = k.load(place, wide)
    else:
        name = f"llvm.masked.load.v{k.lanes}i64.p0"
        mask = f"<{k.lanes} x i1> <{', '.join(f'i1 {int(lane < lanes)}' for lane in range(k.lanes))}>"
        k.declare(f"declare {wide} @{name}(ptr, i32 immarg, <{k.lanes} x i1>, {wide})")
        words = f"ptr {place.text()}, i32 {LABEL_BYTES}, {mask}, {wide} zeroinitializer"
        label = Register(k, wide, k.emit(f"call {wide} @{name}({words})", "load"))
    is_counted = label.compare("ne", k.splat(Register(k, "i64", str(ignore))))
    if k.bytes == LABEL_BYTES:
        return label, is_counted
    narrow = f"<{k.lanes} x i32>"
    return Register(k, narrow, k.emit(f"trunc {wide} {label.name} to {narrow}")), is_counted


def each_lane(k: KernelBuilder, c: IntRegister, type: str) -> Register:  # noqa: A002 (LLVM's word)
    """The number of a class in every lane, in the integers of `type`."""
    if "i64" in type:
        return k.splat(Register(k, "i64", c.name))
    return k.splat(Register(k, "i32", k.emit(f"trunc i64 {c} to i32")))
