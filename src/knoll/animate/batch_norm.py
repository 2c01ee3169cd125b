"""Batch normalisation: the mean and the variance of the batch against the running ones."""

from __future__ import annotations

from knoll.analysis import Cells
from knoll.analysis.cell import Cell, Normalisation
from knoll.animate.sheets import Drawn, Either
from knoll.animate.table import table
from knoll.draw.numerals import numeral
from knoll.draw.text import Words
from knoll.errors import KnollError
from knoll.messages import sentence

BATCH = (sentence("animate.batch"), sentence("animate.batch_narrow"))
RUNNING = (sentence("animate.running"), sentence("animate.running_narrow"))
"""What the columns are called, and where there is little room."""


def statistics(cells: Cells, cell: Cell) -> list[Drawn]:
    """Both pairs, and which of them is used; then the scale and the shift of the channel."""
    used = cell.normalisation
    other = _other(cells, cell)
    if used is None:
        return []
    is_batch = cells.layer.training or not cells.layer.track_running_stats
    pairs = [(BATCH, used if is_batch else other)]
    if cells.layer.track_running_stats:
        pairs.append((RUNNING, other if is_batch else used))
    shown = [(names, pair) for names, pair in pairs if pair is not None]
    rows: list[tuple[Words, list[str]]] = [
        (sentence("animate.mean_row"), [numeral(pair.mean) for _, pair in shown]),
        (sentence("animate.variance_row"), [numeral(pair.variance) for _, pair in shown]),
    ]
    if (used.scale, used.shift) != (1.0, 0.0):
        rows += [(name, [numeral(value)] * len(shown)) for name, value in (("γ", used.scale), ("β", used.shift))]
    chosen = next(i for i, (_, pair) in enumerate(shown) if pair is used)
    title = sentence("animate.channel", c=cell.index[1])
    wide, narrow = (table([names[form] for names, _ in shown], rows, chosen).titled(title) for form in range(2))
    return [Either(wide, narrow)]


def _other(cells: Cells, cell: Cell) -> Normalisation | None:
    """The statistics that the layer would use in its other mode."""
    try:
        return (
            Cells(cells.layer, cells.array(cells.input), training=not cells.layer.training)
            .cell(cell.index)
            .normalisation
        )
    except KnollError:  # one number of a channel has no variance
        return None
