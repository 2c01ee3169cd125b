"""Which rows and columns of its input a layer never looks at."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from knoll.analysis.dependencies import depends, seen_along
from knoll.analysis.trace import Trace
from knoll.graph import Array, Node, Places, Value, Window
from knoll.graph.memory_limit import check
from knoll.graph.node import topological
from knoll.graph.reads import Slide
from knoll.ops.resample.axes import Average
from knoll.ops.shapes.reshape import reshape

MOST_BYTES = 1 << 28  # of a list of places

_INT64 = np.dtype(np.int64)


@dataclass(frozen=True, slots=True)
class Unseen:
    """The places along one axis that no result looks at.

    `dropped` are those after the last that is seen: the window no longer fits there, as sizes are rounded down.
    `skipped` are those before it: a stride larger than the window, or the gaps of a dilation, step over them.
    """

    dropped: tuple[int, ...] = ()
    skipped: tuple[int, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.dropped or self.skipped)


def unseen(trace: Trace, output: Value | None = None, source: Value | None = None) -> tuple[Unseen, Unseen]:
    """The rows and the columns of `source` that no element of `output` depends on, in any channel.

    Both are values of the trace, as those of a call; the first input and the first output unless given. Raises
    OutOfMemoryError where there are too many places to follow each.

    >>> from knoll import nn
    >>> from knoll.analysis import trace, unseen
    >>> unseen(trace(nn.MaxPool2d(2), (1, 5, 4)))
    (Unseen(dropped=(4,), skipped=()), Unseen(dropped=(), skipped=()))
    >>> unseen(trace(nn.Conv2d(1, 1, 1, stride=2), (1, 5, 4)))[0]
    Unseen(dropped=(), skipped=(1, 3))
    """
    end, image = trace.outputs[0] if output is None else output, trace.inputs[0] if source is None else source
    rows, columns = (_unseen(_seen_places(end, image, image.spec.rank - back)) for back in (2, 1))
    return rows, columns


def _seen_places(output: Value, source: Value, axis: int) -> Array:
    """Which places of an axis are seen."""
    line = _line(output, source, axis)
    if line is not None:
        return line
    check(source.spec.shape, _INT64, MOST_BYTES)
    return np.asarray(depends(output, ..., source).any(axis=tuple(i for i in range(source.spec.rank) if i != axis)))


def _line(output: Value, source: Value, axis: int) -> Array | None:
    """Which places of one axis of the source are seen, looking along that axis alone: the others take no memory.

    None where axes do not stay apart, or where another axis may hide a place.
    """
    masks: dict[Value, tuple[int, Array]] = {}
    if output.spec.rank != source.spec.rank or not output.spec.size:
        return None
    masks[output] = (axis, np.ones(output.spec.shape[axis], np.bool_))
    for node in reversed(topological((output,))):
        for number, value in enumerate(node.outputs):
            if value in masks and value is not source:
                _check_listed(node, number)
                if not _follow(node, number, masks):
                    return None
    found = masks.get(source)
    return found[1] if found is not None and found[0] == axis else None


def _check_listed(node: Node, result: int) -> None:
    """Refuse an operation that reads more places than can be listed. Raises OutOfMemoryError."""
    if node.op is reshape:
        check((node.specs[result].size,), _INT64, MOST_BYTES)
        return
    for value, reads in zip(node.inputs, node.reads(result), strict=True):
        for read, size in () if isinstance(reads, Places) else zip(reads, value.spec.shape, strict=True):
            slide = read.slide.window if isinstance(read.slide, Average) else read.slide
            taps = (slide.positions(size), slide.kernel) if isinstance(slide, Window) else (size,)
            check(taps, _INT64, MOST_BYTES)


def _sees(slide: Slide, size: int) -> bool:
    """Whether any place of an axis is seen; windows side by side, as of one element, need not be listed for that."""
    if isinstance(slide, Window) and slide.is_tiling:
        return slide.positions(size) > 0
    return bool((slide.seen(size) >= 0).any())


def _follow(node: Node, result: int, masks: dict[Value, tuple[int, Array]]) -> bool:
    """Mark what the marked places read; False where that cannot be told from this axis alone."""
    axis, mask = masks[node.outputs[result]]
    for value, reads in zip(node.inputs, node.reads(result), strict=True):
        if isinstance(reads, Places):
            return False
        for place, (read, size) in enumerate(zip(reads, value.spec.shape, strict=True)):
            if read.axis == axis:
                at, before = masks.get(value, (place, np.zeros(size, np.bool_)))
                if at != place:
                    return False
                masks[value] = place, before | seen_along(mask, 0, read, size)
            elif not _sees(read.slide, size):
                return False
    return True


def _unseen(seen: Array) -> Unseen:
    places = np.flatnonzero(~seen).tolist()
    last = int(np.flatnonzero(seen).max(initial=-1))
    return Unseen(tuple(p for p in places if p > last), tuple(p for p in places if p < last))
