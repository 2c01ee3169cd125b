"""Negative log-likelihood: minus the element at the label of each sample or pixel; and the sum of label weights.

Labels are not checked here: the caller has checked that those that are not ignored are in range.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from knoll.graph.sizes import ceil_div
from knoll.kernels.kernel import Kernel
from knoll.kernels.loss.class_labels import label_at
from knoll.kernels.reduction.sums import CHUNK, is_first_call
from knoll.llvm.builder import KernelBuilder
from knoll.llvm.registers import Integer, IntRegister, LoopCarried, Pointer, Register


@dataclass(frozen=True)
class Labelled(Kernel):
    """A kernel over the `pixels` labels of each sample, without those that are ignored."""

    pixels: int
    ignore: int
    weighted: bool

    @property
    def parts(self) -> int:
        """Stretches of labels."""
        return ceil_div(self.pixels, CHUNK)

    def range_of(self, k: KernelBuilder, part: IntRegister) -> tuple[Integer, Integer]:
        """Where a part begins and ends."""
        return part * CHUNK, k.minimum((part + 1) * CHUNK, self.pixels)

    def label(
        self, k: KernelBuilder, labels: Pointer, place: IntRegister, weights: Sequence[Pointer]
    ) -> tuple[IntRegister, Register, Register]:
        """A label in range, whether it is counted, and the weight of its class."""
        label, counts = label_at(k, labels, place, self.ignore)
        return label, counts, k.load(weights[0] + label * k.bytes, k.scalar) if weights else one(k, 1.0)


@dataclass(frozen=True)
class NLL(Labelled):
    """Minus x at the label of each pixel, times the weight of the label."""

    classes: int

    @property
    def title(self) -> str:
        """Operation, classes and pixels."""
        return f"nll_{self.classes}x{self.pixels}"

    @property
    def pointers(self) -> int:
        """Logarithms, labels, perhaps the weights of classes, and losses."""
        return 3 + self.weighted

    def emit(self, k: KernelBuilder) -> None:
        """Samples, parts, pixels."""
        x, labels, *weights, losses = k.pointers
        with (
            k.loop(0, k.count, name="n") as n,
            k.loop(k.first_part, k.last_part, name="part") as part,
            k.loop(*self.range_of(k, part), name="pixel") as pixel,
        ):
            place = n * self.pixels + pixel
            label, counts, weight = self.label(k, labels, place, weights)
            at = x + ((n * self.classes + label) * self.pixels + pixel) * k.bytes
            loss = negative(k, weight * k.load(at, k.scalar))
            k.store(counts.select(loss, one(k, 0.0)), losses + place * k.bytes)


@dataclass(frozen=True)
class NLLGradient(Labelled):
    """Minus dy times the weight of the label, at the label; zero everywhere else."""

    classes: int

    @property
    def title(self) -> str:
        """Operation, classes and pixels."""
        return f"nll_dx_{self.classes}x{self.pixels}"

    @property
    def pointers(self) -> int:
        """The gradient of the losses, labels, perhaps weights, and the gradient of the logarithms."""
        return 3 + self.weighted

    def emit(self, k: KernelBuilder) -> None:
        """Samples and parts: zeros first, then what stands at the labels."""
        dy, labels, *weights, dx = k.pointers
        with k.loop(0, k.count, name="n") as n, k.loop(k.first_part, k.last_part, name="part") as part:
            image = dx + n * (self.classes * self.pixels * k.bytes)
            start, stop = self.range_of(k, part)
            if self.parts == 1:
                zeros(k, image, 0, self.classes * self.pixels)
            else:
                with k.loop(0, self.classes, name="class") as c:
                    zeros(k, image + c * (self.pixels * k.bytes), start, stop)
            with k.loop(start, stop, name="pixel") as pixel:
                place = n * self.pixels + pixel
                label, counts, weight = self.label(k, labels, place, weights)
                slope = negative(k, weight * k.load(dy + place * k.bytes, k.scalar))
                k.store(counts.select(slope, one(k, 0.0)), image + (label * self.pixels + pixel) * k.bytes)


@dataclass(frozen=True)
class LabelSum(Labelled):
    """The sum of the weights of the labels of all samples, in as many vectors as there are parts, in their first lanes.

    The vectors are summed as those of any other sum over everything.
    """

    @property
    def title(self) -> str:
        """Operation and pixels."""
        return f"label_sum_{self.pixels}"

    @property
    def pointers(self) -> int:
        """Labels, perhaps the weights of classes, and sums."""
        return 2 + self.weighted

    @property
    def size(self) -> int:
        """Elements of the sums."""
        return self.parts * self.lanes

    def emit(self, k: KernelBuilder) -> None:
        """Parts, samples, pixels."""
        labels, *weights, sums = k.pointers
        zero = one(k, 0.0)
        with k.loop(k.first_part, k.last_part, name="part") as part:
            place = sums + part * (k.lanes * k.bytes)
            result = LoopCarried(is_first_call(k).select(zero, k.load(place, k.scalar)))
            start, stop = self.range_of(k, part)
            with k.loop(0, k.count, carrying=[result], name="n") as n:
                own = LoopCarried(widened(k, zero))
                with k.loop(start, stop, carrying=[own], name="pixel") as pixel:
                    _, counts, weight = self.label(k, labels, n * self.pixels + pixel, weights)
                    own.value = own.number + widened(k, counts.select(weight, zero))
                result.value = result.number + narrowed(k, own.number)
            k.store(k.zero(), place)
            k.store(result.number, place)


def one(k: KernelBuilder, value: float) -> Register:
    """A scalar constant."""
    return Register(k, k.scalar, k.literal(value))


def widened(k: KernelBuilder, x: Register) -> Register:
    """A scalar as a double, in which long sums lose nothing."""
    return x if k.scalar == "double" else Register(k, "double", k.emit(f"fpext {k.scalar} {x.name} to double"))


def narrowed(k: KernelBuilder, x: Register) -> Register:
    """A double in the element type of the kernel."""
    return x if k.scalar == "double" else Register(k, k.scalar, k.emit(f"fptrunc double {x.name} to {k.scalar}"))


def negative(k: KernelBuilder, x: Register) -> Register:
    """The negative of a scalar."""
    return Register(k, k.scalar, k.emit(f"fneg {k.scalar} {x.name}"))


def zeros(k: KernelBuilder, line: Pointer, start: Integer, stop: Integer) -> None:
    """Store zeros from `start` to before `stop`: whole vectors, then the remainder."""
    whole = stop - (stop - start) % k.lanes
    with k.loop(start, whole, k.lanes, name="zeros") as i:
        k.store(k.zero(), line + i * k.bytes)
    with k.loop(whole, stop, name="zero") as i:
        k.store(one(k, 0.0), line + i * k.bytes)
