"""Learning curves as one SVG: a thin line for each seed, a thick one for their mean."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from itertools import pairwise

from knoll.messages import say

WIDTH, HEIGHT = 760, 440
LEFT, RIGHT, TOP, BOTTOM = 64, 150, 76, 52  # margins
STEP = 0.1  # between the lines of the grid
COLOURS = ("#c2571f", "#2f6f9f", "#5d8a3a", "#7a5aa6")
GAP = 40  # pixels between two labels at the end of the curves

STYLE = """
  text { font: 13px system-ui, "Noto Sans CJK SC", sans-serif; fill: #333 }
  .title { font-size: 17px; font-weight: 600 } .small { font-size: 12px; fill: #777 }
  .grid { stroke: #ddd } .ground { fill: #fff }
  @media (prefers-color-scheme: dark) {
    text { fill: #ddd } .small { fill: #999 } .grid { stroke: #3a3a3a } .ground { fill: #161616 }
  }
"""


@dataclass(frozen=True)
class Curves:
    """One library: its accuracy after each epoch for each seed, and its wall time in words."""

    seeds: Sequence[Sequence[float]]
    time: str

    @property
    def mean(self) -> list[float]:
        """Over the seeds."""
        return [sum(values) / len(values) for values in zip(*self.seeds, strict=True)]


@dataclass(frozen=True)
class Axes:
    """Where an epoch and an accuracy are on the picture."""

    epochs: int
    low: float
    high: float

    def x(self, epoch: int) -> float:
        """Epochs count from 1."""
        return LEFT + (WIDTH - LEFT - RIGHT) * (epoch - 1) / max(self.epochs - 1, 1)

    def y(self, accuracy: float) -> float:
        """Higher is better and stands higher."""
        return HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * (accuracy - self.low) / (self.high - self.low)


def draw(curves: Mapping[str, Curves], note: str) -> str:
    """The picture; `note` stands under its title."""
    every = [value for curve in curves.values() for seed in curve.seeds for value in seed]
    low, high = int(min(every) / STEP) * STEP, (int(max(every) / STEP) + 1) * STEP
    axes = Axes(max(len(curve.mean) for curve in curves.values()), low, high)
    ends = label_heights([axes.y(curve.mean[-1]) for curve in curves.values()])
    parts = [*_frame(axes, note)]
    for place, ((name, curve), end) in enumerate(zip(curves.items(), ends, strict=True)):
        parts += _curve(axes, name, curve, COLOURS[place % len(COLOURS)], end, dashed=bool(place))
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
    for epoch in range(1, axes.epochs + 1):
        x, y = axes.x(epoch), HEIGHT - BOTTOM + 20
        yield f'<text class="small" x="{x:.1f}" y="{y}" text-anchor="middle">{epoch}</text>'
    middle, below, word = (LEFT + WIDTH - RIGHT) / 2, HEIGHT - 12, escape(say("bench.epoch"))
    yield f'<text class="small" x="{middle:.1f}" y="{below}" text-anchor="middle">{word}</text>'


def _curve(axes: Axes, name: str, curve: Curves, colour: str, end: float, dashed: bool) -> Iterator[str]:
    dash = ' stroke-dasharray="7 5"' if dashed else ""
    line = f'fill="none" stroke="{colour}" stroke-linejoin="round" stroke-linecap="round"{dash}'
    for seed in curve.seeds:
        yield f'<polyline points="{_points(axes, seed)}" {line} stroke-opacity="0.35"/>'
    yield f'<polyline points="{_points(axes, curve.mean)}" {line} stroke-width="2.5"/>'
    x, last = WIDTH - RIGHT + 14, curve.mean[-1]
    yield f'<circle cx="{axes.x(len(curve.mean)):.1f}" cy="{axes.y(last):.1f}" r="4" fill="{colour}"/>'
    yield f'<text x="{x}" y="{end:.1f}" style="fill: {colour}; font-weight: 600">{escape(name)} {last:.1%}</text>'
    yield f'<text class="small" x="{x}" y="{end + 16:.1f}">{escape(curve.time)}</text>'


def _points(axes: Axes, values: Sequence[float]) -> str:
    return " ".join(f"{axes.x(epoch):.1f},{axes.y(value):.1f}" for epoch, value in enumerate(values, start=1))
