"""A compiled network at work: its steps on a time line of threads, and below the roof of what the machine can do."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby

from knoll.draw import Measured, Scene, Span, roofline, timeline
from knoll.draw.roofline import WIDTH as OF_ROOF
from knoll.draw.scene import noted
from knoll.draw.text import LABEL, Words, lines, said
from knoll.draw.timeline import WIDTH as OF_TIME
from knoll.errors import UnsupportedError
from knoll.messages import Sentence, language, say, sentence
from knoll.run.measure import StepTime
from knoll.views.measurements import Measurements

MOST = 12  # steps below the roof: those that take longest
BESIDE = 100.0  # pixels beside the plane of a drawing
SHORT = 0.01  # of the whole time: what is shorter is not told apart
_PREPARE = "prepare"  # runs when parameters have changed, not in every call


def time_line(found: Measurements, threads: int, *, title: Words = "", room: float | None = None) -> Scene:
    """The steps of a call on so many threads, each of which takes its share of the samples.

    `room` is how wide it may be; its words are then those of the language spoken now. The times were measured on one
    thread alone. Raises UnsupportedError where nothing was compiled.
    """
    steps = _of_calls(found)
    spans = [span for thread in range(threads) for span in _spans(steps, thread, threads)]
    plane = OF_TIME if room is None else min(OF_TIME, room - BESIDE)
    told = sentence("views.time_line", samples=found.samples, threads=threads)
    return _told(timeline(spans, title=title, room=plane), told, room)


def roofline_picture(found: Measurements, *, title: Words = "", room: float | None = None) -> Scene:
    """The steps that compute below the roof of one core: why some are fast and others wait for memory.

    `room` is how wide it may be, as for `time_line`. Raises UnsupportedError where nothing was compiled.
    """
    working = sorted((step for step in _of_calls(found) if step.flops), key=lambda step: -step.milliseconds)
    steps = working[:MOST]
    points = [Measured(str(number), step.intensity, step.gflops) for number, step in enumerate(steps, 1)]
    plane = OF_ROOF if room is None else min(OF_ROOF, room - BESIDE)
    drawn = roofline(points, peak=found.peak, bandwidth=found.bandwidth, title=title, room=plane)
    for number, step in enumerate(steps, 1):
        drawn = _told(drawn, sentence("draw.numbered", number=number, name=_label(step)), room)
    if len(steps) < len(working):
        drawn = _told(drawn, sentence("views.longest", drawn=len(steps), total=len(working)), room)
    return _told(_told(drawn, sentence("views.below_roof"), room), sentence("views.above_roof"), room)


def _told(drawn: Scene, words: Sentence, room: float | None) -> Scene:
    """The drawing with words below it, in as many lines as its room asks for."""
    if room is None:
        return noted(drawn, words)
    for line in lines(said(words, language()), LABEL, room - 8):
        drawn = noted(drawn, line)
    return drawn


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
