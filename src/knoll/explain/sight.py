"""What a layer looks at in the images that it is given."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

from knoll.analysis import Trace, receptive_fields, unseen
from knoll.analysis.receptive_field import Field, Fields
from knoll.analysis.unseen import Unseen as Missed
from knoll.draw.numerals import numeral
from knoll.errors import OutOfMemoryError
from knoll.explain.parts import Sight, Unseen
from knoll.graph import Node, Places, Value, Window
from knoll.graph.node import topological
from knoll.graph.reads import Whole
from knoll.ops.pooling.max_unpool import max_unpool2d
from knoll.ops.resample.axes import Average

LARGEST_DENOMINATOR = 20  # of a stride that is told as a fraction


def sight(found: Trace, source: Value, output: Value) -> Sight | None:
    """What the numbers of `output` see of the images `source`; None where there are no images."""
    fields = fields_of(found, source, output)
    if fields is None:
        return None
    rows, columns = fields
    slides = _slides(output.node)
    try:
        missed = unseen(found, output, source)
    except OutOfMemoryError:  # of more places than can be listed none is named
        missed, slides = (Missed(), Missed()), False
    down, across = (
        _parted((*each.skipped, *each.dropped), field, count, size) if slides else Unseen(each.dropped, each.skipped)
        for each, field, count, size in zip(missed, fields, output.spec.shape[2:], source.spec.shape[2:], strict=True)
    )
    return Sight(
        (rows.size, columns.size),
        (_stride_text(rows.stride), _stride_text(columns.stride)),
        rows.is_whole and columns.is_whole,
        down,
        across,
        slides,
        _slides(output.node) and _is_padded(source, output, fields),
    )


def _stride_text(stride: Fraction) -> str:
    """A stride as a fraction, or as a decimal where the fraction is not short.

    >>> _stride_text(Fraction(2)), _stride_text(Fraction(7, 3)), _stride_text(1 / Fraction(2.7))
    ('2', '7/3', '0.37')
    """
    return str(stride) if stride.denominator <= LARGEST_DENOMINATOR else numeral(float(stride))


def _is_padded(source: Value, output: Value, fields: Fields) -> bool:
    """Whether windows reach into padding; what only `ceil_mode` lets hang over the end is none."""
    reads = output.node.reads(0)[0] if output.node is not None else ()
    if isinstance(reads, Places):
        return False
    for field, read, count, size in zip(fields, reads[-2:], output.spec.shape[2:], source.spec.shape[2:], strict=True):
        window = read.slide.window if isinstance(read.slide, Average) else read.slide
        ends_behind = field.start + (count - 1) * field.stride + field.extent > size
        if field.start < 0 or (ends_behind and not (isinstance(window, Window) and window.ceil)):
            return True
    return False


def _parted(places: tuple[int, ...], field: Field, count: int, size: int) -> Unseen:
    """Places that no window sees, told apart by where the last of `count` windows ends and the next would begin."""
    after = field.start + count * field.stride
    end = after - field.stride + field.extent
    behind = tuple(place for place in places if place >= end and (after >= size or place >= after))
    between = tuple(place for place in places if place not in behind)
    return Unseen((), between, behind) if after >= size else Unseen(behind, between)


def fields_of(found: Trace, source: Value, output: Value) -> Fields | None:
    """The receptive fields of rows and columns. Where indices say what goes where, there are none.

    Where numbers only move, each looks at one pixel, whichever that is in its channel.
    """
    if source.spec.rank != 4 or output.spec.rank != 4 or not output.spec.size or not source.spec.size:
        return None
    if output.node is not None and (output.node.op is max_unpool2d or _mixes_columns(output.node)):
        return None
    fields = receptive_fields(found, source).get(output)
    if fields is None or not all(node.moves for node in topological((output,))):
        return fields
    rows, columns = (replace(field, extent=min(field.extent, Fraction(1))) for field in fields)
    return rows, columns


def _mixes_columns(node: Node) -> bool:
    """Whether the last axis is that of features, as for a linear layer: then there is no image."""
    if node.moves:
        return False
    reads = node.reads(0)[0]
    return not isinstance(reads, Places) and isinstance(reads[-1].slide, Whole)


def _slides(node: Node | None) -> bool:
    """Whether an operation moves a window over its input."""
    if node is None or node.moves:
        return False
    reads = node.reads(0)[0]
    return not isinstance(reads, Places) and isinstance(reads[-1].slide, Window | Average)
