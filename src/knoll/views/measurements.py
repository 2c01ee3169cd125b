"""How fast the steps of a compiled network are, beside the most that the machine can do."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from knoll.document import Block, Cell, Heading, Paragraph, Table
from knoll.messages import sentence
from knoll.run.measure import StepTime


@dataclass(frozen=True, slots=True)
class Measurements:
    """The time of each step for a batch of so many samples, one thread, each step alone: medians of several runs.

    `peak` is the most GFLOP/s of one core in float32, `bandwidth` the GB/s that it moves through memory, both measured
    here and now. Without steps nothing was compiled: NumPy runs the network.
    """

    samples: int
    peak: float
    bandwidth: float
    steps: tuple[StepTime, ...]

    @property
    def milliseconds(self) -> float:
        """All steps together."""
        return sum(step.milliseconds for step in self.steps)

    @property
    def flops(self) -> int:
        """All steps together."""
        return sum(step.flops for step in self.steps)

    def blocks(self) -> Iterator[Block]:
        """The times as they are read."""
        yield Heading(sentence("views.times"))
        if not self.steps:
            yield Paragraph(sentence("run.numpy"))
            return
        yield Paragraph(
            sentence("views.timed", samples=self.samples, peak=round(self.peak, 1), bandwidth=round(self.bandwidth, 1))
        )
        names = ("phase", "step", "milliseconds", "gflops", "share")
        rate = 1e-6 * self.flops / self.milliseconds
        total = (sentence("views.total"), "", f"{self.milliseconds:.3f}", *_rates(self.flops, rate, self.peak))
        rows = tuple(self._row(step) for step in self.steps)
        yield Table(tuple(sentence(f"views.column_{name}") for name in names), rows, total)
        yield Paragraph(sentence("views.beyond_peak"))

    def _row(self, step: StepTime) -> tuple[Cell, ...]:
        return step.phase, step.title, f"{step.milliseconds:.3f}", *_rates(step.flops, step.gflops, self.peak)


def _rates(flops: int, rate: float, peak: float) -> tuple[str, str]:
    return (f"{rate:.1f}", f"{rate / peak:.0%}") if flops else ("–", "–")
