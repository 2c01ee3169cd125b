"""Frames of attention: how much each token looks at each other token."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np

from knoll.analysis import Cells
from knoll.analysis.cell import Index
from knoll.animate import elements
from knoll.animate.crop import Crop
from knoll.animate.layout import Draft
from knoll.animate.sheets import Drawn, sheets
from knoll.draw.elements import Cell
from knoll.draw.numerals import numeral
from knoll.draw.palette import Role
from knoll.graph import Array
from knoll.messages import sentence


def frames(cells: Cells, _crop: Crop | None = None) -> Iterator[Draft]:
    """A frame for each token of the first sample: its row of weights, and what becomes of it."""
    if len(cells.trace.outputs) < 2:  # weights were not asked for
        yield from elements.frames(cells)
        return
    weights = cells.array(cells.trace.outputs[1])
    rows = weights if weights.ndim == 2 else weights[0]
    means = rows if rows.ndim == 2 else rows.mean(axis=0)
    for token in range(len(means)):
        row = means[token]
        best = int(np.argmax(row))
        looked: list[Role] = ["winner" if s == best else "kernel" for s in range(len(row))]
        marks: dict[Index, Role] = {(token, s): role for s, role in enumerate(looked)}
        drawn = [
            *_tokens(cells, cells.array(cells.input), "animate.queries", {token: "winner"}),
            *sheets(means, sentence("animate.attention"), name=None, marks=marks, heat=True, axes="ls"),
            *_tokens(cells, cells.array(cells.trace.inputs[:3][-1]), "animate.values", dict(enumerate(looked))),
            *_tokens(cells, cells.result, "animate.output", {token: "winner"}, output=True),
        ]
        heads = cells.layer.num_heads
        told = sentence(
            "animate.looks" if heads == 1 else "animate.looks_in_heads",
            token=token,
            **({} if heads == 1 else {"heads": heads}),
            other=best,
            weight=numeral(float(row[best])),
            total=numeral(round(float(row.sum()), 6)),
        )
        yield Draft(drawn, told, also=tuple(Cell("output", (token, e)) for e in range(cells.result.shape[-1])))


def _tokens(cells: Cells, array: Array, title: str, roles: Mapping[int, Role], *, output: bool = False) -> list[Drawn]:
    """The tokens of the first sample as rows, those marked that have a role; of the output those up to the last one."""
    layer = cells.layer
    own = array if array.ndim == 2 else array[0] if layer.batch_first else array[:, 0]
    shown = np.broadcast_to((np.arange(len(own)) <= max(roles))[:, None], own.shape) if output else None
    marks: dict[Index, Role] = {
        (token, e): role for token, role in roles.items() if token < len(own) for e in range(own.shape[1])
    }
    role: Role = "output" if output else "input"
    name = "output" if output else None
    return sheets(own, sentence(title), name=name, role=role, marks=marks, shown=shown, axes="le")
