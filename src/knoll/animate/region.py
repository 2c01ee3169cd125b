"""The part of a large image that has frames: rows and columns of the input, and of the output that is made of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product

from knoll.analysis import Cells
from knoll.analysis.cell import Index
from knoll.animate.crop import Crop
from knoll.animate.field import Axis, Field
from knoll.draw.number_grid import LIMIT, Region
from knoll.nn import AdaptiveAvgPool2d, AdaptiveMaxPool2d, AvgPool2d, Conv2d, ConvTranspose2d, MaxPool2d

WINDOWED = (Conv2d, MaxPool2d, AvgPool2d, AdaptiveMaxPool2d, AdaptiveAvgPool2d)
"""Layers whose window slides over the input."""
FEW, SIDE, WIDE = 4, 8, 12
"""Rows of the output that are wanted, and at most; rows of the input up to which further ones are added."""
NARROW, SMALL = 6, 10
"""Rows of several channels that are seen at a glance, and up to which all are shown."""


@dataclass(frozen=True, slots=True)
class Shown:
    """What is shown of the input and of the output; None for all, or for what is near the marked numbers."""

    input: Region | None = None
    output: Region | None = None


WHOLE = Shown()


def under_windows(field: Field, crop: Crop | None) -> Shown:
    """The outputs whose windows lie in the part, and the places of the field that these see."""
    if crop is None:
        return WHOLE
    (rows, down), (columns, across) = map(_under_windows, field.axes, (crop.rows, crop.columns))
    return Shown((rows, columns), (down, across))


def _under_windows(axis: Axis, part: range) -> tuple[range, range]:
    """The places of an axis, and the outputs that see no others; padding belongs to the part that it stands beside."""
    own = range(part.start + axis.before, part.stop + axis.before)
    start = 0 if own.start == axis.before else own.start
    near = range(start, axis.size if own.stop == axis.size - axis.after else own.stop)
    seen = [i for i, places in enumerate(axis.seen) if places and places[0] in near and places[-1] in near]
    outputs = range(seen[0], seen[-1] + 1)[:SIDE] if seen else _nearest(axis, own)
    while len(outputs) < min(FEW, len(axis.seen)):
        more = range(max(outputs.start - (outputs.stop == len(axis.seen)), 0), min(outputs.stop + 1, len(axis.seen)))
        if len(_seen_by(axis, more)) > WIDE:
            break
        outputs = more
    places = _seen_by(axis, outputs)
    return (_hull(places, own) if seen else places)[:LIMIT], outputs


def _nearest(axis: Axis, part: range) -> range:
    """The output whose window begins nearest to the part."""
    seen = [i for i, places in enumerate(axis.seen) if places] or [0]
    nearest = min(seen, key=lambda i: abs(axis.seen[i][0] - part.start) if axis.seen[i] else 0)
    return range(nearest, nearest + 1)


def _seen_by(axis: Axis, outputs: range) -> range:
    """The places from the first to the last that some outputs see."""
    places = [place for i in outputs for place in axis.seen[i]] or [0]
    return range(min(places), max(places) + 1)


def _hull(first: range, second: range) -> range:
    """The shortest range that holds both."""
    return range(min(first.start, second.start), max(first.stop, second.stop))


def spread_over(field: Field, crop: Crop | None) -> Shown:
    """The places of the input that lie in the part, and the outputs that they are added to, as many as can be drawn."""
    if crop is None:
        return WHOLE
    (rows, down), (columns, across) = map(_spread, field.axes, (crop.rows, crop.columns))
    return Shown((rows, columns), (down, across))


def _spread(axis: Axis, part: range) -> tuple[range, range]:
    touched = [i for i, places in enumerate(axis.seen) if any(place in part for place in places)]
    outputs = range(touched[0], touched[-1] + 1) if touched else range(min(1, len(axis.seen)))
    return _spread(axis, part[:-1]) if len(outputs) > LIMIT and len(part) > 1 else (part, outputs)


def of_elements(cells: Cells, crop: Crop | None) -> Shown:
    """The outputs at the same place of the image as the part, and the inputs that they are made of."""
    output = scaled(cells.output.spec.shape, crop)
    if crop is None or output is None:
        return WHOLE
    shape = cells.output.spec.shape
    ends = [(0,) * (len(shape) - 2) + at for at in product(*((each[0], each[-1]) for each in output))]
    sources = [term.source for index in ends for term in cells.cell(index).terms if term.source is not None]
    rows = _extended(crop.rows, [source[-2] for source in sources])
    columns = _extended(crop.columns, [source[-1] for source in sources])
    return Shown((rows, columns), output)


def _extended(part: range, places: Sequence[int]) -> range:
    """The part with these places, where they are near."""
    found = range(min([part.start, *places]), max([part.stop - 1, *places]) + 1)
    return found if len(found) <= LIMIT else part


def scaled(shape: Sequence[int], crop: Crop | None) -> Region | None:
    """Where a part of the input lies in an output that is an image as well."""
    if crop is None or len(shape) != 4:
        return None
    axes = zip((crop.rows, crop.columns), crop.whole, shape[2:], strict=True)
    rows, columns = (_scaled(part, whole, size) for part, whole, size in axes)
    return rows, columns


def _scaled(part: range, whole: int, size: int) -> range:
    count = min(max(len(part) * size // whole, 1), SIDE, size)
    start = min(part.start * size // whole, size - count)
    return range(start, start + count)


def sent_back(cells: Cells, crop: Crop | None) -> Shown:
    """The places of the input that lie in the part, without padding, and outputs whose gradient goes there."""
    if crop is None:
        return WHOLE
    layer, own = cells.layer, (crop.rows, crop.columns)
    if any(layer.children()):
        return Shown(own, scaled(cells.output.spec.shape, crop))
    if isinstance(layer, WINDOWED):
        field = Field(cells)
        part = under_windows(field, crop)
        assert part.input is not None, "of a part there are places"
        rows, columns = (_unpadded(*each) for each in zip(field.axes, part.input, crop.whole, strict=True))
        return Shown((rows, columns), part.output)
    found = spread_over(Field(cells), crop) if isinstance(layer, ConvTranspose2d) else of_elements(cells, crop)
    return found if found.input is not None else Shown(own)


def _unpadded(axis: Axis, places: range, size: int) -> range:
    """Places of the padded field as those of the input."""
    return range(max(places.start - axis.before, 0), min(places.stop - axis.before, size))


def around(cells: Cells, index: Index) -> Shown:
    """What is near one number of the output: the same for its neighbours, so that it does not move with each."""
    if cells.output.spec.rank != 4 or any(cells.layer.children()):
        return WHOLE
    if isinstance(cells.layer, WINDOWED):
        side = SIDE if cells.input.spec.shape[1] == 1 else NARROW
        (rows, down), (columns, across) = (
            _tile(axis, at, side) for axis, at in zip(Field(cells).axes, index[2:], strict=True)
        )
        return Shown((rows, columns), (down, across))
    return _near_element(cells, index)


def _tile(axis: Axis, at: int, side: int) -> tuple[range, range]:
    """A group of neighbouring outputs that see no more than so many places together, and these places."""
    if axis.size <= SMALL and len(axis.seen) <= SMALL:
        return range(axis.size), range(len(axis.seen))
    count = 1
    while count < min(SIDE, len(axis.seen)) and len(_seen_by(axis, range(count + 1))) <= side:
        count += 1
    start = max(min(at // count * count, len(axis.seen) - count), 0)
    outputs = range(start, start + count)
    return _seen_by(axis, outputs)[:LIMIT], outputs


def _near_element(cells: Cells, index: Index) -> Shown:
    """Some neighbours of a number, and what they are made of where that is an image."""
    rows, columns = (_block(at, size) for at, size in zip(index[2:], cells.output.spec.shape[2:], strict=True))
    corners = [(0, index[1], row, column) for row in (rows[0], rows[-1]) for column in (columns[0], columns[-1])]
    sources = [
        term.source
        for each in (index, *corners)
        for term in cells.cell(each).terms
        if term.source is not None and len(term.source) == 4
    ]
    if not sources:
        return Shown(None, (rows, columns))
    height, width = cells.input.spec.shape[2:]
    down, across = (
        _hull(_stretch([source[axis] for source in sources]), _block(sources[0][axis], size))[:LIMIT]
        for axis, size in ((2, height), (3, width))
    )
    return Shown((down, across), (rows, columns))


def _stretch(places: Sequence[int]) -> range:
    return range(min(places), max(places) + 1)


def _block(at: int, size: int) -> range:
    """The group of places that one belongs to; all where there are few."""
    if size <= SMALL:
        return range(size)
    start = min(at // NARROW * NARROW, size - NARROW)
    return range(start, start + NARROW)
