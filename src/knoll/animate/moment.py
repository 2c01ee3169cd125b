"""One frame of an animation: how one number of the output comes about, or where its gradient goes."""

from __future__ import annotations

import numpy as np

from knoll.analysis import Cells
from knoll.analysis.cell import Index
from knoll.analysis.cell_search import checked
from knoll.analysis.transformer_arguments import samples_axis
from knoll.animate import attention, conv_transpose, elements, loss, network, sequences, transformer, windows
from knoll.animate import backward as gradients
from knoll.animate.builder import of_head, view_of
from knoll.animate.field import Field
from knoll.animate.layout import Draft, laid_out
from knoll.animate.region import around
from knoll.animate.sheets import ROOM, place
from knoll.draw import Frame
from knoll.draw.elements import Cell


def moment(cells: Cells, at: Index, *, backward: bool = False, room: float = ROOM, head: int | None = None) -> Frame:
    """The frame of the number at an index of the output, all others being known; `room` is how wide it may be.

    Of an attention one `head` alone is shown where it is given. Backward, the gradient of this number is 1 and that of
    all others 0. Raises ArgumentError for an index or a head that is not there, and where no gradient goes.

    >>> import numpy as np
    >>> from knoll import nn
    >>> frame = moment(Cells(nn.MaxPool2d(2), np.arange(16.0).reshape(1, 1, 4, 4)), (0, 0, 0, 1))
    >>> frame.caption.text("en")
    'output[0, 0, 1] = max(2, 3, 6, 7) = 7'
    """
    index = checked(at, cells.output.spec.shape)
    draft = gradients.drafted(cells, index, around(cells, index)) if backward else _forward(cells, index, head)
    return next(laid_out((draft,), room))


def _forward(cells: Cells, index: Index, head: int | None) -> Draft:
    view, part, known = view_of(cells.layer), around(cells, index), np.ones(cells.output.spec.shape, np.bool_)
    if view is windows.frames:
        return windows.drafted(cells, Field(cells), index, known, part, range(cells.output.spec.shape[1]))
    if view is sequences.frames:
        return sequences.drafted(cells, Field(cells), index, known)
    if view is conv_transpose.frames:
        return conv_transpose.drafted(cells, index, known, part)
    if view is network.frames:
        return [*network.drafts(cells, index)][-1]
    if view in FEW_FRAMES:
        drafts = [*view(cells, None)] if head is None else [*of_head(cells, head)]
        return _frame_of(drafts, Cell("output", _drawn_at(cells, index)))
    return elements.drafted(cells, index, known, part)


def _drawn_at(cells: Cells, index: Index) -> Index:
    """Where a number of the output is drawn; of positions before samples those of one sample."""
    if len(index) == 3 and samples_axis(cells.layer):
        return index[0], index[2]
    return place(index, cells.output.spec.shape)


def _frame_of(drafts: list[Draft], cell: Cell) -> Draft:
    """The frame that a click on a cell would show, else the last one."""
    own = (draft for draft in drafts if draft.cell == cell.index or cell in draft.also)
    return next(own, drafts[-1])


FEW_FRAMES = (attention.frames, transformer.frames, loss.frames)
"""Those of layers that are shown with few numbers."""
