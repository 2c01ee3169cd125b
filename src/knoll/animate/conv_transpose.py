"""Frames of transposed convolution: each number of the input spreads its kernel over the output; overlaps add up."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import product

import numpy as np

from knoll.analysis import Cells
from knoll.analysis.cell import Index
from knoll.animate.crop import Crop
from knoll.animate.elements import sources
from knoll.animate.field import Field
from knoll.animate.layout import Draft
from knoll.animate.region import Shown, spread_over
from knoll.animate.sheets import Drawn, Together, fitted, place, sheets
from knoll.animate.steps import MOST, filled
from knoll.animate.windows import kernel_of, named_channel
from knoll.animate.words import calculation
from knoll.draw import Cell, number_grid
from knoll.draw.number_grid import Region
from knoll.draw.numerals import numeral
from knoll.draw.palette import Role
from knoll.graph import Array
from knoll.messages import Sentence, sentence

At = Index


def frames(cells: Cells, crop: Crop | None = None) -> Iterator[Draft]:
    """A frame for each place of the input and each of the first output channels: what is added to the output."""
    x, (_, _, *size) = cells.input.spec.shape, cells.output.spec.shape
    part = spread_over(Field(cells), crop)
    places = [*product(*(part.input or map(range, x[2:])))][:MOST]
    total, fit = cells.output.spec.shape[1], max(1, MOST // max(len(places), 1))
    channels = [*range(total)] if total <= fit else filled(cells)[:fit]
    output = _Output.of(cells, channels)
    for k in channels:
        added, sums, touched = spread(cells, k, part.output), output.sums[k], output.touched[k]
        reached = np.zeros(size, np.bool_)
        for at in added.keys() - {*places}:  # has no frame
            for target, amount in added[at].items():
                sums[target] += amount
                reached[target] = touched[target] = True
        final = {target: at for at in places for target in added[at]}
        for at in places:
            marks: dict[At, Role] = {}
            for target, amount in added[at].items():
                marks[0, k, *target] = "winner" if reached[target] else "kernel"
                sums[target] += amount
                reached[target] = touched[target] = True
            if at == places[-1]:
                sums[...], touched[...] = cells.result[0, k], True
            if at == places[-1] and k == channels[-1]:
                output.sums[...], output.touched[...] = cells.result[0], True
            whole = [(k, *target) for target in added[at] if final[target] == at]
            draft = _draft(cells, part, (k, at), marks, output)
            yield replace(draft, cell=max(whole, default=None), also=tuple(Cell("output", each) for each in whole))


@dataclass(frozen=True, slots=True)
class _Output:
    """What has been added up so far, (k, …), which of it is known, and the channels that have frames."""

    sums: Array
    touched: Array
    channels: list[int]

    @classmethod
    def of(cls, cells: Cells, channels: list[int]) -> _Output:
        """Before the first step: the bias of each channel, where there is one."""
        shape, bias = cells.output.spec.shape[1:], cells.layer.bias
        sums = np.zeros(shape)
        if bias is not None:
            sums += bias.detach().numpy().reshape(-1, *[1] * (len(shape) - 1))
        return cls(sums, np.full(shape, bias is not None), channels)


def spread(cells: Cells, k: int, region: Region | None = None) -> dict[At, dict[At, float]]:
    """What each place of the input adds to which numbers of an output channel, from all channels that it reads.

    Of a region of the output, or of all.
    """
    found: dict[At, dict[At, float]] = defaultdict(dict)
    for target in product(*(region or map(range, cells.output.spec.shape[2:]))):
        for term in cells.cell((0, k, *target)).terms:
            if term.source is not None:
                added = found[term.source[2:]]
                added[target] = added.get(target, 0.0) + term.product
    return found


def drafted(cells: Cells, index: Index, known: Array, part: Shown) -> Draft:
    """The frame of one number, with all that was added to it: of the input, and of the weights that it met."""
    cell, x, k = cells.cell(index), cells.array(cells.input), index[1]
    group, output = _group(cells, k), _Output(cells.result[0], known[0], [*range(cells.output.spec.shape[1])])
    met: dict[Index, Role] = {
        (term.weight[0] - group.start, *term.weight[2:]): "winner" for term in cell.terms if term.weight is not None
    }
    at: dict[Index, Role] = {index: "winner"}
    drawn = [
        *sheets(x, sentence("animate.input"), name="input", role="input", marks=sources(cell), region=part.input),
        *kernel_of(cells, k, group, met),
        _of_image(cells, part, k, at, output) if len(index) == 4 else _of_sequence(k, at, output),
    ]
    return Draft(drawn, calculation(cells, cell), place(index, cells.output.spec.shape))


def _draft(cells: Cells, part: Shown, step: tuple[int, At], marks: dict[At, Role], output: _Output) -> Draft:
    k, at = step
    x = cells.array(cells.input)
    group = _group(cells, k)
    read: dict[At, Role] = {(0, c, *at): "winner" for c in group}
    drawn = [
        *sheets(x, sentence("animate.input"), name="input", role="input", marks=read, region=part.input),
        *kernel_of(cells, k, group),
        _of_image(cells, part, k, marks, output) if len(at) > 1 else _of_sequence(k, marks, output),
    ]
    values = ", ".join(numeral(float(x[index])) for index in read)
    return Draft(drawn, _caption(f"[{', '.join(map(str, at))}]", values, k, marks))


def _of_image(cells: Cells, part: Shown, k: int, marks: dict[At, Role], output: _Output) -> Drawn:
    """The channel of the output that is added to."""
    last = max(marks, default=(0, 0, 0, 0))[2:]

    def drawn(room: float) -> Together:
        grid = number_grid(
            output.sums[k],
            role="output",
            marks={(row, column): role for (_, _, row, column), role in marks.items()},
            shown=output.touched[k],
            name="output",
            prefix=(k,),
            focus=(last[0], last[1]),
            region=part.output,
            room=room,
        )
        return (named_channel(cells, grid, sentence("animate.output"), k, output.channels),)

    return fitted(drawn)


def _of_sequence(k: int, marks: dict[At, Role], output: _Output) -> Drawn:
    """All channels of the output, each of them a row."""

    def drawn(room: float) -> Together:
        grid = number_grid(
            output.sums,
            axes=("k", "l"),
            role="output",
            marks={(channel, place): role for (_, channel, place), role in marks.items()},
            shown=output.touched,
            name="output",
            focus=(k, max(marks, default=(0, 0, 0))[2]),
            room=room,
        )
        return (grid.titled(sentence("animate.output")),)

    return fitted(drawn)


def _group(cells: Cells, k: int) -> range:
    """The channels of the input that an output channel reads."""
    groups = cells.layer.groups
    inputs, outputs = cells.input.spec.shape[1] // groups, cells.output.spec.shape[1] // groups
    first = k // outputs * inputs
    return range(first, first + inputs)


def _caption(at: str, values: str, k: int, marks: dict[At, Role]) -> Sentence:
    if not marks:
        return sentence("animate.spreads_outside", at=at, value=values)
    overlaps = sum(role == "winner" for role in marks.values())
    told = sentence("animate.overlaps", count=overlaps) if overlaps else ""
    places = [_range(sorted({*along})) for along in [*zip(*marks, strict=True)][2:]]
    if len(places) == 1:
        return sentence("animate.spreads_along", at=at, value=values, k=k, places=places[0], overlaps=told)
    rows, columns = places
    return sentence("animate.spreads", at=at, value=values, k=k, rows=rows, columns=columns, overlaps=told)


def _range(places: list[int]) -> str:
    return f"{places[0]}–{places[-1]}" if len(places) > 1 else str(places[0])
