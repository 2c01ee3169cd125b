"""What a layer looks at in the images that it is given."""

from __future__ import annotations

from knoll.analysis import Trace, receptive_fields, unseen
from knoll.analysis.receptive_field import Field, Fields
from knoll.explain.parts import Sight, Unseen
from knoll.graph import Node, Places, Value, Window
from knoll.ops.axes import Average
from knoll.ops.max_unpool import max_unpool2d


def sight(found: Trace, source: Value, output: Value) -> Sight | None:
    """What the numbers of `output` see of the images `source`; None where there are no images."""
    fields = fields_of(found, source, output)
    if fields is None:
        return None
    rows, columns = fields
    slides = _slides(output.node)
    down, across = (
        _parted((*each.skipped, *each.dropped), field, count, size) if slides else Unseen(each.dropped, each.skipped)
        for each, field, count, size in zip(
            unseen(found, output, source), fields, output.spec.shape[2:], source.spec.shape[2:], strict=True
        )
    )
    return Sight(
        (rows.size, columns.size),
        (str(rows.stride), str(columns.stride)),
        rows.is_whole and columns.is_whole,
        down,
        across,
        slides,
    )


def _parted(places: tuple[int, ...], field: Field, count: int, size: int) -> Unseen:
    """Places that no window sees, told apart by where the last of `count` windows ends and the next would begin."""
    after = field.start + count * field.stride
    end = after - field.stride + field.extent
    behind = tuple(place for place in places if place >= end and (after >= size or place >= after))
    between = tuple(place for place in places if place not in behind)
    return Unseen((), between, behind) if after >= size else Unseen(behind, between)


def fields_of(found: Trace, source: Value, output: Value) -> Fields | None:
    """The receptive fields of rows and columns. Where indices say what goes where, there are none."""
    if source.spec.rank != 4 or output.spec.rank != 4 or not output.spec.size or not source.spec.size:
        return None
    if output.node is not None and output.node.op is max_unpool2d:
        return None
    return receptive_fields(found, source).get(output)


def _slides(node: Node | None) -> bool:
    """Whether an operation moves a window over its input."""
    if node is None or node.moves:
        return False
    reads = node.reads(0)[0]
    return not isinstance(reads, Places) and isinstance(reads[-1].slide, Window | Average)
