"""What a layer looks at in the images that it is given."""

from __future__ import annotations

from knoll.analysis import Trace, receptive_fields, unseen
from knoll.analysis.receptive_field import Fields
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
    down, across = (Unseen(each.dropped, each.skipped) for each in unseen(found, output, source))
    return Sight(
        (rows.size, columns.size),
        (str(rows.stride), str(columns.stride)),
        rows.is_whole and columns.is_whole,
        down,
        across,
        _slides(output.node),
    )


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
