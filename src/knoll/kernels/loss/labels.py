"""How much a label counts, in kernels of losses over classes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from knoll.kernels.reduction.horizontal import horizontal_sum
from knoll.kernels.reduction.rows import row_vectors
from knoll.llvm.builder import IntRegister, KernelBuilder, LoopCarried, Pointer, Register

LABEL_BYTES = 8


@dataclass(frozen=True)
class Counting:
    """Which label does not count, which share is spread over all classes, and whether classes have weights."""

    ignore: int
    smoothing: float
    weighted: bool

    def evenly(self, classes: int) -> float:
        """What is spread, for each class."""
        return self.smoothing / classes

    def altogether(self, k: KernelBuilder, weights: Sequence[Pointer], classes: int) -> Register | None:
        """The weights of all classes together, in every lane; None if nothing is spread."""
        if not self.smoothing:
            return None
        if not weights:
            return k.constant(float(classes))
        total = LoopCarried(k.zero())
        for _, _, numbers in row_vectors(k, weights[0], classes, total):
            total.value = total.number + numbers
        return horizontal_sum(k, total.number)


def label_at(k: KernelBuilder, labels: Pointer, n: IntRegister, ignore: int) -> tuple[IntRegister, Register]:
    """The label of a sample, 0 in place of one that is ignored, and whether it counts."""
    label = k.load(labels + n * LABEL_BYTES, "i64")
    counts = label.compare("ne", Register(k, "i64", str(ignore)))
    return IntRegister(k, counts.select(label, Register(k, "i64", "0")).name), counts
