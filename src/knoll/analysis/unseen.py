"""Which rows and columns of its input a layer never looks at."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from knoll.analysis.dependencies import depends
from knoll.analysis.trace import Trace
from knoll.graph import Array, Value


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

    Both are values of the trace, as those of a call; the first input and the first output unless given.

    >>> from knoll import nn
    >>> from knoll.analysis import trace
    >>> unseen(trace(nn.MaxPool2d(2), (1, 5, 4)))
    (Unseen(dropped=(4,), skipped=()), Unseen(dropped=(), skipped=()))
    >>> unseen(trace(nn.Conv2d(1, 1, 1, stride=2), (1, 5, 4)))[0]
    Unseen(dropped=(), skipped=(1, 3))
    """
    end = trace.outputs[0] if output is None else output
    mask = depends(end, ..., trace.inputs[0] if source is None else source)
    rank = mask.ndim
    return _along(mask, rank - 2), _along(mask, rank - 1)


def _along(mask: Array, axis: int) -> Unseen:
    seen = np.asarray(mask.any(axis=tuple(i for i in range(mask.ndim) if i != axis)))
    places = np.flatnonzero(~seen).tolist()
    last = int(np.flatnonzero(seen).max(initial=-1))
    return Unseen(tuple(p for p in places if p > last), tuple(p for p in places if p < last))
