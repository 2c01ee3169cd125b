"""Class labels in the kernels of losses: the ignored label, label smoothing, class weights."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from knoll.kernels.kernel import Kernel
from knoll.kernels.reduction.horizontal import horizontal_sum
from knoll.kernels.reduction.rows import row_vectors
from knoll.llvm.builder import KernelBuilder
from knoll.llvm.registers import IntRegister, LoopCarried, Pointer, Register

LABEL_BYTES = 8


@dataclass(frozen=True)
class LabelOptions:
    """The ignored label, label smoothing, and whether classes have weights."""

    ignore: int
    smoothing: float
    weighted: bool


@dataclass(frozen=True)
class ClassLoss(Kernel):
    """A loss over classes, or its gradient."""

    classes: int
    options: LabelOptions

    @property
    def smoothing_per_class(self) -> float:
        """The part of label smoothing that falls to each class."""
        return self.options.smoothing / self.classes

    def weight_sum(self, k: KernelBuilder, weights: Sequence[Pointer]) -> Register | None:
        """The sum of the weights of all classes, in every lane; None without label smoothing."""
        if not self.options.smoothing:
            return None
        if not weights:
            return k.constant(float(self.classes))
        total = LoopCarried(k.zero())
        for _, _, numbers in row_vectors(k, weights[0], self.classes, total):
            total.value = total.number + numbers
        return horizontal_sum(k, total.number)

    def smoothed(self, k: KernelBuilder, loss: Register, uniform: Register) -> Register:
        """The loss at the label and the loss summed over all classes, weighed by label smoothing."""
        return loss * k.constant(1 - self.options.smoothing) + uniform * k.constant(self.smoothing_per_class)


def label_at(k: KernelBuilder, labels: Pointer, n: IntRegister, ignore: int) -> tuple[IntRegister, Register]:
    """The label of a sample, 0 in place of one that is ignored, and whether it counts."""
    label = k.load(labels + n * LABEL_BYTES, "i64")
    counts = label.compare("ne", Register(k, "i64", str(ignore)))
    return IntRegister(k, counts.select(label, Register(k, "i64", "0")).name), counts
