"""A compiled network at work: its steps on a time line of threads, and below the roof of what the machine can do."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby

from knoll.draw import Measured, Scene, Span, roofline, timeline
from knoll.draw.scene import noted
from knoll.draw.text import Words
from knoll.errors import UnsupportedError
from knoll.messages import say, sentence
from knoll.run.measure import StepTime
from knoll.views.measurements import Measurements

MOST = 12  # steps below the roof: those that take longest
SHORT = 0.01  # of the whole time: what is shorter is not told apart
_PREPARE = "prepare"  # runs when parameters have changed, not in every call


def time_line(found: Measurements, threads: int, *, title: Words = "") -> Scene:
    """The steps of a call on so many threads, each of which takes its share of the samples.

    The times were measured on one thread alone. Raises UnsupportedError where nothing was compiled.
    """
    steps = _of_calls(found)
    spans = [span for thread in range(threads) for span in _spans(steps, thread, threads)]
    return noted(timeline(spans, title=title), sentence("views.time_line", samples=found.samples, threads=threads))


def roofline_picture(found: Measurements, *, title: Words = "") -> Scene:
    """The steps that compute below the roof of one core: why some are fast and others wait for memory.

    Raises UnsupportedError where nothing was compiled.
    """
    working = sorted((step for step in _of_calls(found) if step.flops), key=lambda step: -step.milliseconds)
    steps = working[:MOST]
    points = [Measured(str(number), step.intensity, step.gflops) for number, step in enumerate(steps, 1)]
    drawn = roofline(points, peak=found.peak, bandwidth=found.bandwidth, title=title)
    for number, step in enumerate(steps, 1):
        drawn = noted(drawn, sentence("draw.numbered", number=number, name=_label(step)))
    if len(steps) < len(working):
        drawn = noted(drawn, sentence("views.longest", drawn=len(steps), total=len(working)))
    return noted(noted(drawn, sentence("views.below_roof")), sentence("views.above_roof"))


def _label(step: StepTime) -> str:
    return f"{step.title}, {step.milliseconds:.3g} ms, {step.gflops:.3g} GFLOP/s"


def _of_calls(found: Measurements) -> list[StepTime]:
    steps = [step for step in found.steps if step.phase != _PREPARE]
    if not steps:
        raise UnsupportedError(say("run.numpy"))
    return steps


def _spans(steps: list[StepTime], thread: int, threads: int) -> Iterator[Span]:
    """Neighbouring steps that are too short to be seen are one span."""
    whole, start = sum(step.milliseconds for step in steps), 0.0
    for is_short, group in groupby(steps, lambda step: step.milliseconds < SHORT * whole):
        together = list(group)
        for part in [together] if is_short else [[step] for step in together]:
            end = start + sum(step.milliseconds for step in part) / threads
            words = sentence("views.short", count=len(part)) if len(part) > 1 else part[0].title
            yield Span(thread, words, start, end)
            start = end
