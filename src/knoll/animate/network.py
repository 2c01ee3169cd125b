"""Frames of a network: one number of its output, and what it sees of each layer before: its receptive field grows."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import product

import numpy as np

from knoll.analysis import Cells
from knoll.analysis.cell import Index
from knoll.analysis.dependencies import dependencies_on
from knoll.analysis.transformer_arguments import MADE_OF_OTHERS
from knoll.animate.crop import Crop
from knoll.animate.layout import Draft
from knoll.animate.region import scaled
from knoll.animate.sheets import Drawn, bracketed, sheets
from knoll.draw.number_grid import Region
from knoll.draw.palette import Role
from knoll.draw.text import Words
from knoll.graph import Array, Shape, Value
from knoll.messages import Sentence, sentence

STAGES = 6  # that are drawn
SIDE = 8  # rows and columns of each: as many as a telephone has room for
NUMBERS = 10  # of the output that are followed

Stage = tuple[Value, Words]


def frames(cells: Cells, crop: Crop | None = None) -> Iterator[Draft]:
    """For some numbers of the output: from the last layer back to the input, what each depends on."""
    for index in followed(cells, crop):
        yield from drafts(cells, index)


def drafts(cells: Cells, index: Index) -> Iterator[Draft]:
    """The frames of one number of the output; in the last one its whole receptive field is seen."""
    drawn = _stages(cells)
    masks = dependencies_on(cells.output, index, [value for value, _ in drawn], cells.trace.constants)
    for reached in reversed(range(len(drawn))):
        grids = [*_grids(cells, drawn, masks, reached)]
        cell = (0, 0, *index)[-2:] if not reached else None
        yield Draft(grids, _caption(cells, index, drawn[reached], masks[reached]), cell)


def _stages(cells: Cells) -> list[Stage]:
    """The input and what each layer makes of it, in order; of a deep network some of them."""
    stages: list[Stage] = [(cells.input, sentence("animate.input"))]
    for call in cells.trace.layers:
        value = call.outputs[0]
        if value.node is not None and value not in [known for known, _ in stages]:
            stages.append((value, f"{call.name} {call.kind}"))
    if cells.output not in [value for value, _ in stages]:
        stages.append((cells.output, sentence("animate.output")))
    if len(stages) > STAGES:
        kept = np.unique(np.linspace(0, len(stages) - 1, STAGES).round().astype(int)).tolist()
        stages = [stages[i] for i in kept]
    return stages


def followed(cells: Cells, crop: Crop | None) -> list[Index]:
    """Some numbers of the first channel of the output, or of a part of it, the first and the last among them."""
    shape = cells.output.spec.shape
    inner = [*product(*(scaled(shape, crop) or map(range, shape[-2:] if len(shape) > 2 else shape)))]
    kept = np.unique(np.linspace(0, len(inner) - 1, min(NUMBERS, len(inner))).round().astype(int)).tolist()
    return [(0,) * (len(shape) - len(inner[i])) + inner[i] for i in kept]


def _grids(cells: Cells, drawn: Sequence[Stage], masks: Sequence[Array], reached: int) -> Iterator[Drawn]:
    """A channel of each stage where the number depends on it, marked from the stage that is reached on."""
    for number, ((value, title), mask) in enumerate(zip(drawn, masks, strict=True)):
        places = np.argwhere(mask)
        role: Role = "winner" if value is cells.output else "kernel"
        whole: Role = "input" if not number else "output" if value is cells.output else "plain"
        channel = tuple(places[0, :-2].tolist() if len(places) else [0] * max(mask.ndim - 2, 0))
        array, name = cells.array(value), "output" if value is cells.output else None
        if mask.ndim > 2:
            array, places = array[channel], places[(places[:, :-2] == channel).all(axis=1), -2:]
        marks: dict[Index, Role] = {tuple(place): role for place in places.tolist()} if number >= reached else {}
        yield from sheets(
            array,
            title,
            name=name,
            role=whole,
            marks=marks,
            axes="hw" if mask.ndim > 3 else "le" if isinstance(cells.layer, MADE_OF_OTHERS) else None,
            region=_around(places, array.shape),
        )


def _around(places: Array, shape: Shape) -> Region:
    """The rows and columns that are drawn: those around the middle of some places; the first ones without places."""
    ranges = []
    for axis, size in enumerate((1, *shape)[-2:], start=-2):
        along = places[:, axis] if len(places) and places.shape[1] >= -axis else np.zeros(1, int)
        middle = (int(along.min()) + int(along.max()) + 1) // 2
        start = max(0, min(middle - SIDE // 2, size - SIDE))
        ranges.append(range(start, min(size, start + SIDE)))
    return ranges[0], ranges[1]


def _caption(cells: Cells, index: Index, stage: Stage, mask: Array) -> Sentence:
    value, name = stage
    at = bracketed(index, cells.output.spec.shape)
    if value is cells.output:
        return sentence("animate.followed", at=at)
    if mask.ndim == 4:
        rows, columns = (int(mask.any(axis=axes).sum()) for axes in ((0, 1, 3), (0, 1, 2)))
        return sentence("animate.sees_area", at=at, rows=rows, columns=columns, stage=name)
    return sentence("animate.sees_count", at=at, count=int(mask.sum()), stage=name)
