"""The steps of a phase as a table of 64-bit words, which the native run time reads (`workers.ll` documents them)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from knoll.graph import Array
from knoll.graph.sizes import ceil_div
from knoll.kernels.kernel import Kernel
from knoll.plan.plan import Kind, Phase, RowFusion, Step, fused

UNIT = {Kind.BATCH: 1, Kind.SAVED: 1, Kind.PARTIAL: 2}
NUMBER = 3  # the kind of an argument that is a number
MOST_OVERLAP = 0.05  # of the work of a fusion that may be done twice, at the borders between threads

Address = Callable[[Kernel], int]  # of a kernel's machine code


@dataclass(frozen=True, slots=True)
class StepTable:
    """The words, and how many entries they are: steps, and fusions of steps."""

    words: Array
    entries: int


def step_table(phase: Phase, address: Address, threads: int) -> StepTable:
    """The table of a phase whose steps `threads` threads share, with the fusions that pay.

    One thread alone gains nothing by them: what it wrote is in its own cache or its own prefetcher finds it.
    """
    pay = [f for f in phase.fusions if threads > 1 and f.overlap * (threads - 1) <= MOST_OVERLAP]
    words: list[int] = []
    entries = 0
    for run, fusion in fused(phase.steps, pay):
        steps = [word for step in run for word in _step(step, address)]
        words += _fusion(fusion, steps) if fusion else steps
        entries += 1
    return StepTable(np.array(words, np.int64), entries)


def _step(step: Step, address: Address) -> list[int]:
    """The words of a step."""
    words = [address(step.kernel), step.kernel.parts, int(step.combines), step.arguments]
    for buffer in step.buffers:
        words += [buffer.number, UNIT.get(buffer.kind, 0), buffer.bytes]
    for number in step.kernel.numbers:
        words += [0, NUMBER, number]
    return words


def _fusion(fusion: RowFusion, steps: Sequence[int]) -> list[int]:
    """The words of a fusion around those of its steps."""
    ranges = [end for band in fusion.bands for parts in band for end in (parts.start, parts.stop)]
    arguments = ceil_div(len(ranges) + len(steps), 3)
    padding = [0] * (3 * arguments - len(ranges) - len(steps))
    return [0, len(fusion.bands), fusion.count, arguments, *ranges, *steps, *padding]
