"""Frames of the layers whose window slides: convolution and pooling. The output fills number by number."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial

import numpy as np

from knoll.analysis import Cells
from knoll.analysis.cell import Cell, Index
from knoll.animate.crop import Crop
from knoll.animate.field import Field
from knoll.animate.layout import Draft
from knoll.animate.legend import explained
from knoll.animate.region import Shown, under_windows
from knoll.animate.sheets import Drawn, Marks, Together, fitted, level, part_of, place, sheets
from knoll.animate.steps import filled, filling, steps
from knoll.animate.words import calculation
from knoll.draw import Scene, Window, number_grid
from knoll.draw.number_grid import Position
from knoll.draw.palette import Role
from knoll.draw.scene import noted
from knoll.draw.text import LABEL
from knoll.graph import Array, Value
from knoll.messages import Sentence, sentence
from knoll.nn import Conv2d, ConvTranspose2d

CHANNELS = 3  # of the input that are drawn; a person reads no more


def frames(cells: Cells, crop: Crop | None = None) -> Iterator[Draft]:
    """A frame for each number of the first channels of the output, in reading order."""
    field, shape = Field(cells), cells.output.spec.shape
    part, channels = under_windows(field, crop), filled(cells)
    shown = sorted({index[1] for index in steps(shape, channels, part.output)})
    for index, known in filling(shape, channels, part.output):
        yield drafted(cells, field, index, known, part, shown)


def drafted(cells: Cells, field: Field, index: Index, known: Array, part: Shown, shown: Sequence[int]) -> Draft:
    """The frame of one number, with what is known by then; `shown` are the channels of the output that have frames."""
    cell = cells.cell(index)
    kernels = kernel_of(cells, index[1]) if isinstance(cells.layer, Conv2d) else []
    drawn = [*_input(field, cell, part), *kernels, *_outputs(cells, cell, known, part, shown)]
    return Draft(drawn, calculation(cells, cell), place(index, cells.output.spec.shape))


def _input(field: Field, cell: Cell, part: Shown) -> list[Drawn]:
    """The channels of the input, padding included, with the window over those that this number sees; others faint."""
    _, channel, row, column = cell.index
    rows, columns = field.axes
    window = Window(rows.seen[row], columns.seen[column])
    seen, count = field.channels(channel), field.array.shape[1]
    unseen = field.unseen(part.input)
    marks = {**unseen, **_winner(field, cell)}
    channels, title = _drawn(seen, count), sentence("animate.input")
    focus = window.rows[0] if window.rows else 0, window.columns[0] if window.columns else 0
    first = channels.index(seen[0]) if seen else 0

    def drawn(room: float) -> Together:
        named = []
        for each in channels:
            grid = number_grid(
                field.array[0, each],
                role="input" if each in seen else "skipped",
                padding=field.edges,
                windows=(window,) if each in seen else (),
                marks=marks if each in seen else unseen,
                name="input",
                prefix=(each,),
                focus=focus,
                region=part.input,
                room=room,
            )
            named.append(grid.titled(title if count == 1 else part_of(title, f"c = {each}")))
        named[first] = explained(named[first], field, part.input)
        left_out = count > len(named)
        return level(named, [sentence("draw.channels", drawn=len(named), total=count)] if left_out else [])

    return [fitted(drawn)]


def _drawn(seen: tuple[int, ...], count: int) -> list[int]:
    """The channels that are drawn: those that are seen before others."""
    return sorted(sorted(range(count), key=lambda channel: channel not in seen)[:CHANNELS])


def _winner(field: Field, cell: Cell) -> dict[Position, Role]:
    """The place that a maximum comes from."""
    source = cell.terms[cell.chosen].source if cell.rule == "max" and cell.chosen is not None else None
    return {(source[2] + field.edges.top, source[3] + field.edges.left): "winner"} if source else {}


def kernel_of(cells: Cells, k: int, group: Sequence[int] = (), marks: Marks | None = None) -> list[Drawn]:
    """The weights of an output channel and its bias; `group` are the channels that a transposed convolution reads.

    `marks` are weights that stand out, by channel of the group, row and column.
    """
    layer = cells.layer
    weight: Array = np.asarray(layer.weight.detach().numpy())
    own = weight[list(group), k % weight.shape[1]] if group else weight[k]
    axes = "ncrs" if own.ndim == 3 else "ncs"  # of a sequence all channels stand in one grid
    title, marked = sentence("animate.kernel", k=k), {(0, *at): role for at, role in (marks or {}).items()}
    drawn = sheets(own[None], title, name=None, role="kernel", marks=marked, heat=True, axes=axes, most=CHANNELS)
    if layer.bias is not None:
        bias = number_grid([[float(layer.bias.detach().numpy()[k])]], role="kernel", heat=True, indices=False)
        drawn.append(bias.titled(sentence("draw.bias"), LABEL))
    return drawn


def _outputs(cells: Cells, cell: Cell, known: Array, part: Shown, filled: Sequence[int]) -> list[Drawn]:
    """The channel of the output as far as it is filled, and the same of the indices where a layer gives them."""
    _, channel, row, column = cell.index

    def drawn(value: Value, words: str, room: float) -> Together:
        grid = number_grid(
            cells.array(value)[0, channel],
            role="output",
            shown=known[0, channel],
            marks={(row, column): "winner"},
            name=words.removeprefix("animate."),
            prefix=(channel,),
            focus=(row, column),
            region=part.output,
            room=room,
        )
        return (named_channel(cells, grid, sentence(words), channel, filled),)

    named = zip(cells.trace.outputs, ("animate.output", "animate.indices"), strict=False)
    return [fitted(partial(drawn, value, words)) for value, words in named]


def named_channel(cells: Cells, grid: Scene, title: Sentence, channel: int, filled: Sequence[int]) -> Scene:
    """The grid of an output channel with its name, and which channels have frames if not all."""
    total, layer = cells.output.spec.shape[1], cells.layer
    if total == 1:
        return grid.titled(title)
    axis = "k" if isinstance(layer, Conv2d | ConvTranspose2d) else "c"
    named = grid.titled(part_of(title, f"{axis} = {channel}"))
    if len(filled) == total:
        return named
    grouped = getattr(layer, "groups", 1) > 1 and len(filled) > 1
    key = "animate.channels_of_groups" if grouped else "animate.channels"
    return noted(named, sentence(key, axis=axis, filled=", ".join(map(str, filled)), total=total))
