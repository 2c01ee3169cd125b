"""Normalisation: the mean and the variance of the batch against the running ones, or those of a group of numbers."""

from __future__ import annotations

import numpy as np

from knoll.analysis import Cells
from knoll.analysis.cell import Cell, Normalisation
from knoll.animate.sheets import Drawn, Either, Marks
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
    if used is None:
        return []
    if len(cell.terms) > 1 or not hasattr(cells.layer, "track_running_stats"):
        return [table([sentence("animate.these_numbers")], _rows([used], used), 0)]
    other = _of_other_mode(cells, cell)
    is_batch = cells.layer.training or not cells.layer.track_running_stats
    pairs = [(BATCH, used if is_batch else other)]
    if cells.layer.track_running_stats:
        pairs.append((RUNNING, other if is_batch else used))
    shown = [(names, pair) for names, pair in pairs if pair is not None]
    rows = _rows([pair for _, pair in shown], used)
    chosen = next(i for i, (_, pair) in enumerate(shown) if pair is used)
    samples = cells.array(cells.input).shape[0]
    is_hidden = is_batch and samples > 1 and len(cell.index) > 2  # only the first sample is drawn
    title = sentence("animate.channel", c=cell.index[1])
    if is_hidden:
        title = sentence("animate.channel_of_samples", c=cell.index[1], samples=samples)
    wide, narrow = (table([names[form] for names, _ in shown], rows, chosen).titled(title) for form in range(2))
    return [Either((wide,), (narrow,))]


def averaged(cells: Cells, cell: Cell) -> Marks:
    """The elements whose mean and variance a number is normalised with, where it is the batch's: all of its channel."""
    layer, used = cells.layer, cell.normalisation
    if used is None or len(cell.terms) > 1 or not hasattr(layer, "track_running_stats"):
        return {}
    if layer.track_running_stats and not layer.training:
        return {}
    shape = cells.array(cells.input).shape
    return {(n, cell.index[1], *at): "kernel" for n in range(shape[0]) for at in np.ndindex(shape[2:])}


def _rows(pairs: list[Normalisation], used: Normalisation) -> list[tuple[Words, list[str]]]:
    """Mean and variance of each pair, or the mean of squares; then scale and shift."""
    means: list[tuple[Words, list[str]]] = [(sentence("animate.mean_row"), [numeral(pair.mean) for pair in pairs])]
    name = sentence("animate.variance_row" if used.centred else "animate.squares_row")
    rows: list[tuple[Words, list[str]]] = [(name, [numeral(pair.variance) for pair in pairs])]
    if (used.scale, used.shift) != (1.0, 0.0):
        learned = (("γ", used.scale), ("β", used.shift))[: 2 if used.centred else 1]
        rows += [(name, [numeral(value)] * len(pairs)) for name, value in learned]
    return [*means, *rows] if used.centred else rows


def _of_other_mode(cells: Cells, cell: Cell) -> Normalisation | None:
    """The statistics that the layer would use in its other mode."""
    try:
        return (
            Cells(cells.layer, cells.array(cells.input), training=not cells.layer.training)
            .cell(cell.index)
            .normalisation
        )
    except KnollError:  # one number of a channel has no variance
        return None
