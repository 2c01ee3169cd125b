"""Running statistics: the exponential moving average of mean and variance."""

from __future__ import annotations

from dataclasses import dataclass, replace

from knoll.kernels.kernel import Kernel, titled
from knoll.kernels.reduction.rows import vector_offsets
from knoll.llvm.builder import KernelBuilder


@dataclass(frozen=True)
class RunningAverage(Kernel):
    """(1 − share) · old + share · new, for each channel."""

    channels: int

    @property
    def title(self) -> str:
        """Operation and channels."""
        return titled("running_average", self.channels)

    @property
    def pointers(self) -> int:
        """Old, new, share, result."""
        return 4

    @property
    def numbers(self) -> tuple[int, ...]:
        """Channels in whole vectors."""
        return (self.channels - self.channels % self.lanes,)

    @property
    def generic(self) -> RunningAverage:
        """For any number of channels that leaves as many beside whole vectors."""
        return replace(self, channels=self.channels % self.lanes)

    def emit(self, k: KernelBuilder) -> None:
        """Vectors of channels."""
        old, new, share, result = k.pointers
        part_of_new = k.splat(k.load(share, k.scalar))
        part_of_old = k.constant(1.0) - part_of_new
        with k.loop(k.first_part, k.last_part, name="part"):
            for place, lanes in vector_offsets(k, self.channels, k.numbers[0]):
                before, now = (k.load_lanes(p + place, lanes) for p in (old, new))
                k.store_lanes(before * part_of_old + now * part_of_new, result + place, lanes)
