"""Where the drawings of a frame stand: beside each other while there is room, at the same places in all frames."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby

from knoll.analysis.cell import Index
from knoll.animate.sheets import GAP, ROOM, Drawn, Either
from knoll.draw import Cell, Frame, Scene, above, beside
from knoll.draw.scene import MARGIN
from knoll.draw.text import Words


@dataclass(frozen=True, slots=True)
class Draft:
    """A frame before its drawings have their places."""

    drawn: Sequence[Drawn]
    caption: Words
    cell: Index | None = None
    also: tuple[Cell, ...] = ()


def laid_out(drafts: Sequence[Draft], room: float = ROOM, margin: float = MARGIN) -> Iterator[Frame]:
    """The frames; each drawing has the room of the largest that stands at its place in any of them."""
    sizes: dict[tuple[int, int], tuple[float, float]] = {}
    for draft in drafts:
        for at, scene in _placed(draft.drawn, room):
            w, h = sizes.get(at, (0.0, 0.0))
            sizes[at] = (max(w, scene.width), max(h, scene.height))
    for draft in drafts:
        own = dict(_placed(draft.drawn, room))
        grown = {at: replace(own.get(at, Scene(0, 0)), width=w, height=h) for at, (w, h) in sorted(sizes.items())}
        groups = [[scene for _, scene in group] for _, group in groupby(grown.items(), lambda placed: placed[0][0])]
        scene = _flow([_flow(group, room) for group in groups], room).with_margin(margin)
        yield Frame(scene, draft.caption, draft.cell, draft.also)


def _parts(drawn: Drawn, room: float) -> tuple[Scene, ...]:
    if isinstance(drawn, Either):
        return drawn.wide if all(scene.width <= room for scene in drawn.wide) else drawn.narrow
    return (drawn,) if isinstance(drawn, Scene) else drawn


def _placed(drawn: Sequence[Drawn], room: float) -> Iterator[tuple[tuple[int, int], Scene]]:
    return (((i, j), scene) for i, each in enumerate(drawn) for j, scene in enumerate(_parts(each, room)))


def _flow(scenes: Sequence[Scene], room: float) -> Scene:
    """Drawings in as many rows as the room asks for."""
    rows: list[list[Scene]] = [[]]
    for scene in scenes:
        if rows[-1] and sum(before.width + GAP for before in rows[-1]) + scene.width > room:
            rows.append([])
        rows[-1].append(scene)
    return above(*(beside(*row, gap=GAP) for row in rows))
