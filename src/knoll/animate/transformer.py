"""Frames of a transformer's layer: what each position looks at, and what becomes of it step by step."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from knoll.analysis import Cells
from knoll.analysis.cell import Index
from knoll.analysis.transformer_arguments import samples_axis
from knoll.analysis.transformer_steps import Step, steps_of
from knoll.animate import attention, elements
from knoll.animate.crop import Crop
from knoll.animate.layout import Draft
from knoll.animate.sheets import Drawn, sheets
from knoll.draw.elements import Cell
from knoll.draw.palette import Role
from knoll.graph import Array
from knoll.messages import sentence


def frames(cells: Cells, crop: Crop | None = None, *, head: int | None = None) -> Iterator[Draft]:
    """A frame for each position of the first sample: the weights of its attention to its own sequence, and each step.

    Of several heads their mean is shown and the first of them, or one `head` alone.
    """
    steps = steps_of(cells.trace.calls[0], cells.trace)
    if not steps:  # a class of one's own that has other parts
        yield from elements.frames(cells, crop)
        return
    for position, (weights, looks) in enumerate(attention.looking(_own_attention(cells, steps), head)):
        drawn = [*_step(cells, steps[0], position), *weights]
        for step in steps[1:]:
            drawn += _step(cells, step, position, is_last=step is steps[-1])
        also = tuple(Cell("output", (position, e)) for e in range(cells.result.shape[-1]))
        yield Draft(drawn, sentence("animate.transformed", looks=looks, steps=len(steps) - 1), also=also)


def _own_attention(cells: Cells, steps: tuple[Step, ...]) -> Cells:
    """The attention of the sequence to itself, with what the layer gives it."""
    given = steps[1] if cells.layer.norm_first else steps[0]
    x = cells.array(given[1])
    return Cells(cells.layer.self_attn, x, x, x, training=False)


def _step(cells: Cells, step: Step, position: int, *, is_last: bool = False) -> list[Drawn]:
    """What a step gives, as far as positions have been shown, the row of this one marked."""
    formula, value = step
    own = of_first_sample(cells, cells.array(value))
    marks: dict[Index, Role] = {(position, e): "winner" for e in range(own.shape[1])}
    role: Role = "output" if is_last else "input" if formula == "x" else "plain"
    shown = None if formula == "x" else np.broadcast_to((np.arange(len(own)) <= position)[:, None], own.shape)
    name = "output" if is_last else None
    return sheets(own, formula, name=name, role=role, marks=marks, shown=shown, axes="le")


def of_first_sample(cells: Cells, array: Array) -> Array:
    """The positions of the first sample, (l, d)."""
    if array.ndim == 2:
        return array
    return array[:, 0] if samples_axis(cells.layer) else array[0]
