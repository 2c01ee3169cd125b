"""Frames of the layers whose window slides along one axis: each channel is a row, and so is that of the output."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from knoll.analysis import Cells
from knoll.analysis.cell import Cell, Index
from knoll.animate.crop import Crop
from knoll.animate.field import Field
from knoll.animate.layout import Draft
from knoll.animate.legend import explained
from knoll.animate.sheets import Drawn, Together, fitted, place
from knoll.animate.steps import filling
from knoll.animate.windows import kernel_of
from knoll.animate.words import calculation
from knoll.draw import Window, number_grid
from knoll.draw.number_grid import Position
from knoll.draw.palette import Role
from knoll.graph import Array, Value
from knoll.messages import sentence
from knoll.nn import Conv1d, Module


def frames(cells: Cells, crop: Crop | None = None) -> Iterator[Draft]:  # noqa: ARG001 (which an image alone has)
    """A frame for each number of the output, in reading order."""
    field = Field(cells)
    for index, known in filling(cells.output.spec.shape):
        yield drafted(cells, field, index, known)


def drafted(cells: Cells, field: Field, index: Index, known: Array) -> Draft:
    """The frame of one number, with what is known by then."""
    cell = cells.cell(index)
    kernels = kernel_of(cells, index[1]) if isinstance(cells.layer, Conv1d) else []
    drawn = [_input(field, cell), *kernels, *_outputs(cells, index, known)]
    return Draft(drawn, calculation(cells, cell), place(index, cells.output.spec.shape))


def _input(field: Field, cell: Cell) -> Drawn:
    """The channels of the input, padding included, with the window over those that this number sees."""
    _, channel, at = cell.index
    columns, seen = field.axes[1], field.channels(channel)
    window = Window(seen, columns.seen[at])
    array = field.array[0, :, 0]
    first = window.columns[0] if window.columns else 0

    def drawn(room: float) -> Together:
        grid = number_grid(
            array,
            axes=("c", "l"),
            role="input",
            padding=field.edges,
            windows=(window,),
            marks={**_unseen(field, len(array)), **_winner(field, cell)},
            name="input",
            focus=(seen[0], first),
            room=room,
        )
        return (explained(grid.titled(sentence("animate.input")), field),)

    return fitted(drawn)


def _unseen(field: Field, channels: int) -> dict[Position, Role]:
    """What no window reads, in every channel."""
    return {(channel, at): role for (_, at), role in field.unseen().items() for channel in range(channels)}


def _winner(field: Field, cell: Cell) -> dict[Position, Role]:
    """The place that a maximum comes from."""
    source = cell.terms[cell.chosen].source if cell.rule == "max" and cell.chosen is not None else None
    return {(source[1], source[2] + field.edges.left): "winner"} if source else {}


def _outputs(cells: Cells, index: Index, known: Array) -> list[Drawn]:
    """The output as far as it is filled, and the indices where the layer gives them."""

    def drawn(value: Value, words: str, room: float) -> Together:
        grid = number_grid(
            cells.array(value)[0],
            axes=(channel_axis(cells.layer), "l"),
            role="output",
            shown=known[0],
            marks={(index[1], index[2]): "winner"},
            name=words.removeprefix("animate."),
            focus=(index[1], index[2]),
            room=room,
        )
        return (grid.titled(sentence(words)),)

    named = zip(cells.trace.outputs, ("animate.output", "animate.indices"), strict=False)
    return [fitted(partial(drawn, value, words)) for value, words in named]


def channel_axis(layer: Module) -> str:
    """The letter of the channels of an output: a convolution makes new ones."""
    return "k" if hasattr(layer, "out_channels") else "c"
