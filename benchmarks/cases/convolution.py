"""Single convolutions on one thread, beside the most that the core can do.

The core's peak runs among the rivals, so that it is measured at the same moments and at the same clock as they are.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

from benchmarks import kernel, peak
from benchmarks.cases.case import Case, Settings, Tell, rows_of
from benchmarks.network import one_convolution, task
from benchmarks.processes import Prepare
from benchmarks.race import Timing, race
from benchmarks.table import RIVAL, Column, Row, Table
from knoll.machine import host
from knoll.messages import say


@dataclass(frozen=True)
class Shape:
    """`n` images of c channels, `size` × `size`, to k channels through windows of `window` × `window`."""

    n: int
    c: int
    k: int
    window: int
    size: int

    @property
    def operations(self) -> int:
        """Floating-point operations; a multiply-add is two, also where it meets padding."""
        return 2 * self.n * self.c * self.k * (self.window * self.size) ** 2

    @property
    def name(self) -> str:
        """As in `convolution-64-64-3x3-56`."""
        return f"convolution-{self.c}-{self.k}-{self.window}x{self.window}-{self.size}"


SHAPES = (Shape(1, 64, 64, 3, 56), Shape(1, 128, 128, 3, 28), Shape(16, 32, 32, 5, 16))
COLUMNS = (
    RIVAL,
    Column("median", 1e3, ".3f"),
    Column("minimum", 1e3, ".3f"),
    Column("rate", 1e-9, ".1f"),
    Column("share", 100, ".1f"),
    Column("share_best", 100, ".1f"),
    Column("speed"),
    Column("difference", form=".1g"),
)


def run(settings: Settings, tell: Tell, shape: Shape) -> Table:
    """Whole layers of all rivals, Knoll's kernel alone, and the peak."""
    kernel_name, peak_name = say("bench.kernel_alone"), say("bench.peak")
    entrants: dict[str, Prepare] = {rival.name: rival.infer for rival in settings.rivals}
    entrants |= {kernel_name: kernel.BareKernel, peak_name: peak.prepare}
    network = one_convolution(shape.c, shape.k, shape.window, shape.size)
    found = race(entrants, task(network, shape.n, 1), settings.rounds, tell, alone=[peak_name])
    knolls = {kernel_name, peak_name, *(r.name for r in settings.rivals if r.is_knoll)}
    top = next((timing for timing in found.timings if timing.rival == peak_name), None)
    pairs = zip(rows_of(found.timings, knolls), found.timings, strict=True)
    rows = tuple(row | rates(timing, shape.operations, top) for row, timing in pairs)
    title = say("bench.convolution", n=shape.n, c=shape.c, k=shape.k, window=shape.window, size=shape.size)
    return Table(shape.name, title, COLUMNS, rows, dict(found.failed))


def rates(timing: Timing, operations: int, top: Timing | None) -> Row:
    """Operations a second, and which share of the peak `top` they are: medians compared, and fastest calls compared."""
    work = peak.operations(host())
    if timing is top:
        return {"rate": work / top.median, "share": 1.0, "share_best": 1.0, "speed": None, "difference": None}
    rate, best = operations / timing.median, operations / timing.minimum
    if top is None:
        return {"rate": rate}
    return {"rate": rate, "share": rate * top.median / work, "share_best": best * top.minimum / work}


CASES = tuple(Case(shape.name, partial(run, shape=shape)) for shape in SHAPES)
