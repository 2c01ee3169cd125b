"""Arrays of any rank as grids of numbers: the last two axes are rows and columns, those before them count grids."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from knoll.analysis.cell import Index
from knoll.draw import Edges, Scene, number_grid
from knoll.draw.number_grid import LIMIT, NO_PADDING, Position, Region
from knoll.draw.palette import Role
from knoll.draw.scene import noted
from knoll.draw.text import Words
from knoll.graph import Array, Shape
from knoll.messages import sentence

ROOM = 1068.0  # the width of a picture on a page, without its margin
NARROW = 476.0  # the same on the page of a telephone, where it is drawn at seven tenths of its size
GAP = 28.0
DRAWN = 4  # grids of one array
AXES = {1: " c", 2: "nc", 3: "ncl", 4: "nchw", 5: "ncdhw"}
Marks = Mapping[Index, Role]


Together = tuple[Scene, ...]
"""Drawings that stay together."""


@dataclass(frozen=True, slots=True)
class Either:
    """Drawings, and others that are shown where there is no room for one of the first."""

    wide: Together
    narrow: Together


Drawn = Scene | Either | Together
"""A drawing, or several that stay together."""


def fitted(draw: Callable[[float], Together]) -> Drawn:
    """What is drawn where there is room enough, and on a telephone; `draw` is given the room."""
    wide = draw(math.inf)
    return wide if all(scene.width <= NARROW for scene in wide) else Either(wide, draw(NARROW))


def place(index: Index, shape: Shape) -> Index:
    """The index by which a player finds a number: without that of the sample, where an array has further axes."""
    return index[1:] if len(shape) > 2 else (0,) * (2 - len(shape)) + index


def bracketed(index: Index, shape: Shape) -> str:
    """An index as it is read, without that of the only sample; nothing for a single number."""
    kept = index[1:] if len(shape) > 2 or (len(shape) == 2 and shape[0] == 1) else index
    return f"[{', '.join(map(str, kept))}]" if kept else ""


def sheets(
    array: Array,
    title: Words,
    *,
    name: str | None,
    role: Role = "plain",
    marks: Marks | None = None,
    shown: Array | None = None,
    padding: Edges = NO_PADDING,
    heat: bool = False,
    at: Index | None = None,
    axes: str | None = None,
    most: int = DRAWN,
    limit: int = LIMIT,
    region: Region | None = None,
    note: Words = "",
) -> list[Drawn]:
    """The grids of an array; of many those with marked numbers, of the sample that `at` belongs to.

    `axes` names the axes of an array that is no batch of images or rows; `most` grids are drawn, of at most
    `limit` rows and columns, or those of a `region`; `note` stands below them.
    """
    marked, rank = marks or {}, array.ndim
    names = axes or AXES.get(rank, "n" + "·" * (rank - 3) + "hw")
    keys, total = _keys(array.shape, at, marked, most), len(_all_keys(array.shape, at))
    notes = [note] if note else []
    if total > len(keys):
        notes.append(sentence("draw.channels", drawn=len(keys), total=total))

    def drawn(room: float) -> Together:
        grids = []
        for key in keys:
            own = {_position(index): role for index, role in marked.items() if index[:-2] == key}
            grid = number_grid(
                array[key].reshape((1,) * (2 - min(rank, 2)) + array.shape[-2:]),
                axes=(names[-2], names[-1]) if rank else ("", ""),
                indices=rank > 0,
                role=role,
                marks=own,
                padding=padding,
                shown=None if shown is None else shown[key].reshape((1,) * (2 - min(rank, 2)) + array.shape[-2:]),
                heat=heat,
                name=name,
                prefix=key[1:],
                focus=next(iter(own), (0, 0)),
                limit=limit,
                region=region,
                room=room,
            )
            grids.append(grid.titled(_titled(title, key, names, total > 1)))
        return level(grids, notes)

    return [fitted(drawn)] if keys else []


def level(grids: Sequence[Scene], notes: Sequence[Words] = ()) -> Together:
    """The grids of one array, the last one with words below it, all as tall as the tallest: rows stay on one line."""
    for note in notes:
        grids = [*grids[:-1], noted(grids[-1], note)]
    tallest = max(grid.height for grid in grids)
    return tuple(replace(grid, height=tallest) for grid in grids)


def _titled(title: Words, key: Index, names: str, several: bool) -> Words:
    told = [f"{axis} = {i}" for axis, i in zip(names[1:], key[1:], strict=False)] if several else []
    return part_of(title, ", ".join(told)) if told else title


def part_of(title: Words, where: str) -> Words:
    """The name of a part of an array: "input, c = 0"."""
    return sentence("animate.part", array=title, place=where)


def _position(index: Index) -> Position:
    """Row and column."""
    padded = (0, 0, *index)
    return padded[-2], padded[-1]


def _all_keys(shape: Shape, at: Index | None) -> list[Index]:
    """The indices of all grids of a sample."""
    if len(shape) < 3:
        return [()]
    keys: list[Index] = [(at[0] if at else 0,)]
    for size in shape[1:-2]:
        keys = [(*key, i) for key in keys for i in range(size)]
    return keys


def _keys(shape: Shape, at: Index | None, marks: Marks, most: int) -> list[Index]:
    """The grids that are drawn: those with marked numbers before others, all in order."""
    keys = _all_keys(shape, at)
    if len(keys) <= most:
        return keys
    marked = {index[:-2] for index in marks}
    return sorted(sorted(keys, key=lambda key: key not in marked)[:most])
