"""Frames of attention: how much each token looks at each other token, in each head."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np

from knoll.analysis import Cells
from knoll.analysis.cell import Index
from knoll.analysis.transformer_arguments import Layer
from knoll.animate import elements
from knoll.animate.crop import Crop
from knoll.animate.layout import Draft
from knoll.animate.sheets import DRAWN, Drawn, sheets
from knoll.draw.elements import Cell
from knoll.draw.numerals import numeral
from knoll.draw.palette import Role
from knoll.draw.text import Words
from knoll.errors import ArgumentError, ArgumentTypeError
from knoll.graph import Array, Value
from knoll.messages import Sentence, say, sentence
from knoll.nn import Module, MultiheadAttention
from knoll.ops.reduction.reduce import mean


def frames(cells: Cells, _crop: Crop | None = None, *, head: int | None = None) -> Iterator[Draft]:
    """A frame for each token of the first sample: its row of weights, and what becomes of it.

    Of several heads their mean is shown and the first of them, or one `head` alone.
    """
    if len(cells.trace.outputs) < 2:  # weights were not asked for
        yield from elements.frames(cells)
        return
    heads, means = _weights(cells)
    rows = means if head is None else heads[head]
    for token in range(len(rows)):
        drawn = [
            *_tokens(cells, cells.array(cells.input), "animate.queries", {token: "winner"}),
            *_grids(heads, means, head, token),
            *_tokens(cells, cells.array(cells.trace.inputs[:3][-1]), "animate.values", _looked(rows[token])),
            *_tokens(cells, cells.result, "animate.output", {token: "winner"}, output=True),
        ]
        also = tuple(Cell("output", (token, e)) for e in range(cells.result.shape[-1]))
        yield Draft(drawn, _told(token, rows[token], len(heads), head), also=also)


def looking(cells: Cells, head: int | None = None) -> Iterator[tuple[list[Drawn], Sentence]]:
    """For each token of the first sample its row of weights, and where it looks: nothing of what is made of it."""
    heads, means = _weights(cells)
    for token, row in enumerate(means if head is None else heads[head]):
        best = int(np.argmax(row))
        told: dict[str, int | str] = {"token": token, "other": best, "weight": numeral(float(row[best]))}
        looks = sentence("animate.looks_alone", **told)
        if len(heads) > 1 and head is None:
            looks = sentence("animate.looks_alone_in_heads", heads=len(heads), **told)
        elif len(heads) > 1:
            looks = sentence("animate.looks_alone_in_head", head=head, **told)
        yield _grids(heads, means, head, token), looks


def check_head(layer: Module, head: int | None) -> None:
    """Refuse a head that the layer does not have. Raises ArgumentError, ArgumentTypeError."""
    if head is None:
        return
    if not isinstance(head, int) or isinstance(head, bool):
        raise ArgumentTypeError(say("animate.no_head"), expected="int", got=type(head).__name__)
    count = heads_of(layer)
    if not 0 <= head < count:
        whole = say("animate.heads", last=count - 1) if count else say("animate.no_heads")
        raise ArgumentError(say("animate.no_head"), expected=whole, got=f"head={head}")


def heads_of(layer: Module) -> int:
    """How many heads the attention of a layer has that is shown; 0 for one without attention."""
    own = layer.self_attn if isinstance(layer, Layer) else layer
    return own.num_heads if isinstance(own, MultiheadAttention) else 0


def _weights(cells: Cells) -> tuple[Array, Array]:
    """The weights of the first sample: of each head, (heads, l, s), and their mean, (l, s)."""
    given: Value | None = cells.trace.outputs[1]
    means = cells.array(cells.trace.outputs[1])
    while given is not None and given.node is not None and given.node.op is not mean:
        given = given.node.inputs[0] if given.spec.rank <= 3 else None
    found = means if given is None or given.node is None else cells.array(given.node.inputs[0])
    own = found[0] if found.ndim == 4 else found[None] if found.ndim == 2 else found
    return own, own.mean(axis=0)


def _looked(row: Array) -> dict[int, Role]:
    """The positions that a row of weights looks at, the one that it looks at most apart."""
    best = int(np.argmax(row))
    return {s: "winner" if s == best else "kernel" for s in range(len(row))}


def _grids(heads: Array, means: Array, head: int | None, token: int) -> list[Drawn]:
    """The weights that are shown, each head under its name, with the row of a token."""
    count = len(heads)
    if count == 1:
        return _grid(means, sentence("animate.attention"), token)
    if head is not None:
        return _grid(heads[head], sentence("animate.attention_head", head=head), token)
    grids = _grid(means, sentence("animate.attention_mean", heads=count), token)
    for number in range(min(count, DRAWN)):
        note = sentence("animate.heads_drawn", drawn=DRAWN, heads=count) if number == DRAWN - 1 < count - 1 else ""
        grids += _grid(heads[number], sentence("animate.attention_head", head=number), token, note)
    return grids


def _grid(weights: Array, title: Sentence, token: int, note: Words = "") -> list[Drawn]:
    marks: dict[Index, Role] = {(token, s): role for s, role in _looked(weights[token]).items()}
    return sheets(weights, title, name=None, marks=marks, heat=True, axes="ls", note=note)


def _told(token: int, row: Array, heads: int, head: int | None) -> Sentence:
    best = int(np.argmax(row))
    weight, total = numeral(float(row[best])), numeral(round(float(row.sum()), 6))
    if heads == 1:
        return sentence("animate.looks", token=token, other=best, weight=weight, total=total)
    if head is None:
        return sentence("animate.looks_in_heads", token=token, other=best, weight=weight, total=total, heads=heads)
    return sentence("animate.looks_in_head", token=token, other=best, weight=weight, total=total, head=head)


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
