"""Learning curves over time as one SVG: a thin line for each seed, a thick one for their mean, a dot for each epoch."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from itertools import pairwise

from knoll.draw.palette import DARK, LIGHT
from knoll.messages import say

WIDTH, HEIGHT = 760, 440
LEFT, RIGHT, TOP, BOTTOM = 64, 150, 76, 52  # margins
STEP = 0.1  # between the lines of the grid
COLOURS = (LIGHT["kernel"], LIGHT["input"], LIGHT["output"], LIGHT["gradient"])
DARK_COLOURS = (DARK["kernel"], DARK["input"], DARK["output"], DARK["gradient"])
DASHES = ("none", "8 4", "2 4", "10 3 2 3")  # which tell the libraries apart in grey as well
SAMPLE = 24  # of the stroke before a label
GAP = 40  # pixels between two labels at the end of the curves

STYLE = """
  text { font: 13px system-ui, "Noto Sans CJK SC", sans-serif; fill: #333 }
  .title { font-size: 17px; font-weight: 600 } .small { font-size: 12px; fill: #666 }
  .grid { stroke: #ddd } .ground { fill: #fff }
  .curve { fill: none; stroke: var(--colour); stroke-linejoin: round; stroke-linecap: round }
  .dot, .name { fill: var(--colour) } .name { font-weight: 600 }
  @media (prefers-color-scheme: dark) {
    text { fill: #ddd } .small { fill: #999 } .grid { stroke: #3a3a3a } .ground { fill: #161616 }
    .dot, .name { fill: var(--dark) } .curve { stroke: var(--dark) }
  }
"""


@dataclass(frozen=True)
class Curves:
    """One library: its accuracy after each epoch for each seed, and how many seconds had passed by then on average."""

    seeds: Sequence[Sequence[float]]
    seconds: Sequence[float]

    @property
    def mean(self) -> list[float]:
        """Over the seeds."""
        return [sum(values) / len(values) for values in zip(*self.seeds, strict=True)]


@dataclass(frozen=True)
class Axes:
    """Where a time and an accuracy are on the picture."""

    seconds: float
    low: float
    high: float

    def x(self, seconds: float) -> float:
        """Time runs from the start of the training."""
        return LEFT + (WIDTH - LEFT - RIGHT) * seconds / self.seconds

    def y(self, accuracy: float) -> float:
        """Higher is better and stands higher."""
        return HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * (accuracy - self.low) / (self.high - self.low)


def draw(curves: Mapping[str, Curves], note: str) -> str:
    """The picture; `note` stands under its title."""
    every = [value for curve in curves.values() for seed in curve.seeds for value in seed]
    low, high = int(min(every) / STEP) * STEP, (int(max(every) / STEP) + 1) * STEP
    axes = Axes(max(curve.seconds[-1] for curve in curves.values()), low, high)
    ends = label_heights([axes.y(curve.mean[-1]) for curve in curves.values()])
    parts = [*_frame(axes, note)]
    for place, ((name, curve), end) in enumerate(zip(curves.items(), ends, strict=True)):
        parts += _curve(axes, name, curve, place % len(COLOURS), end)
    body = "\n".join(parts)
    size = f'width="{WIDTH}" height="{HEIGHT}" viewBox="0 0 {WIDTH} {HEIGHT}"'
    return f'<svg xmlns="http://www.w3.org/2000/svg" {size} role="img">\n<style>{STYLE}</style>\n{body}\n</svg>\n'


def label_heights(wanted: Sequence[float]) -> list[float]:
    """Heights as near to the wanted ones as labels can stand without touching.

    >>> label_heights([100.0, 102.0])
    [81.0, 121.0]
    """
    order = sorted(range(len(wanted)), key=lambda i: wanted[i])
    middle = sum(wanted) / len(wanted)
    heights = list(wanted)
    if any(wanted[b] - wanted[a] < GAP for a, b in pairwise(order)):
        for rank, place in enumerate(order):
            heights[place] = middle + GAP * (rank - (len(order) - 1) / 2)
    return heights


def _frame(axes: Axes, note: str) -> Iterator[str]:
    yield f"<title>{escape(say('bench.curves'))}</title>"
    yield f'<rect class="ground" width="{WIDTH}" height="{HEIGHT}" rx="8"/>'
    yield f'<text class="title" x="{LEFT}" y="32">{escape(say("bench.curves"))}</text>'
    yield f'<text class="small" x="{LEFT}" y="52">{escape(note)}</text>'
    for tick in range(round(axes.low / STEP), round(axes.high / STEP) + 1):
        y = axes.y(tick * STEP)
        yield f'<line class="grid" x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y:.1f}" y2="{y:.1f}"/>'
        yield f'<text class="small" x="{LEFT - 10}" y="{y + 4:.1f}" text-anchor="end">{tick * STEP:.0%}</text>'
    step = next(s for s in (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 5000) if axes.seconds / s < 8)
    for seconds in range(0, int(axes.seconds) + 1, step):
        x, y = axes.x(seconds), HEIGHT - BOTTOM + 20
        yield f'<text class="small" x="{x:.1f}" y="{y}" text-anchor="middle">{seconds}</text>'
    middle, below, word = (LEFT + WIDTH - RIGHT) / 2, HEIGHT - 12, escape(say("bench.elapsed"))
    yield f'<text class="small" x="{middle:.1f}" y="{below}" text-anchor="middle">{word}</text>'


def _curve(axes: Axes, name: str, curve: Curves, place: int, end: float) -> Iterator[str]:
    colours, dash = f"--colour: {COLOURS[place]}; --dark: {DARK_COLOURS[place]}", DASHES[place]
    yield f'<g style="{colours}">'
    for seed in curve.seeds:
        yield f'<polyline class="curve" points="{_points(axes, curve, seed)}" stroke-opacity="0.35"/>'
    mean = f'stroke-width="2.5" stroke-dasharray="{dash}"'
    yield f'<polyline class="curve" points="{_points(axes, curve, curve.mean)}" {mean}/>'
    for seconds, accuracy in zip(curve.seconds, curve.mean, strict=True):
        yield f'<circle class="dot" cx="{axes.x(seconds):.1f}" cy="{axes.y(accuracy):.1f}" r="3.5"/>'
    x, last = WIDTH - RIGHT + 14, curve.mean[-1]
    yield f'<polyline class="curve" points="{x},{end - 4:.1f} {x + SAMPLE - 6},{end - 4:.1f}" {mean}/>'
    yield f'<text class="name" x="{x + SAMPLE}" y="{end:.1f}">{escape(name)} {last:.1%}</text>'
    time = say("bench.seconds", seconds=curve.seconds[-1])
    yield f'<text class="small" x="{x}" y="{end + 16:.1f}">{escape(time)}</text>'
    yield "</g>"


def _points(axes: Axes, curve: Curves, values: Sequence[float]) -> str:
    places = zip(curve.seconds, values, strict=True)
    return " ".join(f"{axes.x(seconds):.1f},{axes.y(value):.1f}" for seconds, value in places)
