"""Frames of the layers whose window slides: convolution and pooling. The output fills number by number."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from knoll.analysis import Cells
from knoll.analysis.cell import Cell
from knoll.animate.field import Field
from knoll.draw import Frame, Scene, Window, above, beside, number_grid
from knoll.draw.channel_stack import channel_stack
from knoll.draw.kernel import kernel
from knoll.draw.number_grid import Position
from knoll.draw.palette import Role
from knoll.explain.captions import caption
from knoll.graph import Array
from knoll.messages import sentence
from knoll.nn import Conv2d

CHANNELS = 3  # of the input that are drawn; a person reads no more
OUTPUTS = 2  # channels of the output that are filled
MOST = 64  # frames of an animation, but for those that the first channel needs


def frames(cells: Cells) -> Iterator[Frame]:
    """A frame for each number of the first channels of the output, in reading order."""
    field = Field(cells)
    _, channels, rows, columns = cells.output.spec.shape
    filled = max(min(channels, OUTPUTS, MOST // max(rows * columns, 1)), min(channels, 1))
    for at in np.ndindex(filled, rows, columns):
        cell = cells.cell((0, *at))
        yield Frame(_scene(cells, field, cell).with_margin(), caption(cell), at)


def _scene(cells: Cells, field: Field, cell: Cell) -> Scene:
    """The input under the window, the kernel if there is one, and the output so far; several channels above."""
    kernels = [_kernel(cells, cell)] if isinstance(cells.layer, Conv2d) else []
    result = beside(*kernels, _output(cells, cell), gap=28)
    if len(field.channels(cell.index[1])) == 1:
        return beside(_input(field, cell), result, gap=28)
    return above(_input(field, cell), result)


def _input(field: Field, cell: Cell) -> Scene:
    """The channels that this number sees, padding included, with the window over them."""
    _, channel, row, column = cell.index
    rows, columns = field.axes
    window = Window(rows.seen[row], columns.seen[column])
    seen = field.channels(channel)
    winner = _winner(field, cell)
    grids = [
        number_grid(
            field.array[0, each],
            role="input",
            padding=field.edges,
            windows=(window,),
            marks={**_dropped(field), **winner},
            name="input",
            prefix=(each,),
        )
        for each in seen[:CHANNELS]
    ]
    whole = field.array.shape[1]
    if whole == 1:
        return grids[0].titled(sentence("animate.input"))
    return channel_stack(grids, title=sentence("animate.input"), channels=seen[:CHANNELS], total=len(seen))


def _winner(field: Field, cell: Cell) -> dict[Position, Role]:
    """The place that a maximum comes from."""
    source = cell.terms[cell.chosen].source if cell.rule == "max" and cell.chosen is not None else None
    return {(source[2] + field.edges.top, source[3] + field.edges.left): "winner"} if source else {}


def _dropped(field: Field) -> dict[Position, Role]:
    """The places at the end that no window reaches."""
    rows, columns = field.axes
    below = {(row, column) for row in rows.dropped for column in range(columns.size)}
    beside_ = {(row, column) for column in columns.dropped for row in range(rows.size)}
    return dict.fromkeys(below | beside_, "dropped")


def _kernel(cells: Cells, cell: Cell) -> Scene:
    """The weights of this output channel, for the channels that are drawn."""
    layer = cells.layer
    weight: Array = np.asarray(layer.weight.detach().numpy())[cell.index[1]]
    bias = None if layer.bias is None else float(layer.bias.detach().numpy()[cell.index[1]])
    shown = weight[0] if len(weight) == 1 else weight
    return kernel(shown, bias=bias, channels=CHANNELS).titled(sentence("animate.kernel", k=cell.index[1]))


def _output(cells: Cells, cell: Cell) -> Scene:
    """The channel of the output, as far as it is filled."""
    _, channel, row, column = cell.index
    plane = cells.result[0, channel]
    order = np.arange(plane.size).reshape(plane.shape)
    grid = number_grid(
        plane,
        role="output",
        shown=order <= order[row, column],
        marks={(row, column): "winner"},
        name="output",
        prefix=(channel,),
    )
    title = sentence("animate.output")
    if cells.result.shape[1] == 1:
        return grid.titled(title)
    return channel_stack([grid], title=title, axis="k", channels=[channel])
