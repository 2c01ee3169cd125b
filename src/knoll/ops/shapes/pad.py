"""Longer axes: what is new is a constant. Negative numbers cut away.

Padding with zeros or with copies of rows and columns is a `resample2d`.
Source: https://pytorch.org/docs/stable/generated/torch.nn.functional.pad.html
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from knoll.errors import ShapeError
from knoll.graph import Array, Node, Op, Read, Reads, Roles, Spec, Value, Window, always
from knoll.graph.batching import Batch
from knoll.graph.role import BATCHED
from knoll.messages import say

Ends = tuple[tuple[int, int], ...]  # (before, after) for every axis


def shape(x: Spec, *, padding: Ends, value: float) -> tuple[Spec]:  # noqa: ARG001 (any value fits)
    """Each axis with what stands before and after it."""
    for axis, (size, (before, after)) in enumerate(zip(x.shape, padding, strict=True)):
        check_left(axis, size, before, after)
    return (x.with_shape(*(size + sum(ends) for size, ends in zip(x.shape, padding, strict=True))),)


def check_left(axis: int, size: int, before: int, after: int) -> None:
    """Refuse to cut away more than there is."""
    if size + before + after < 0:
        raise ShapeError(
            f"The input size {size}, plus negative padding {before} and {after} resulted in a negative output size, "
            f"which is invalid. Check dimension {axis} of your input.",
            expected=say("ops.pad_left"),
        )


def meaning(x: Array, *, padding: Ends, value: float) -> tuple[Array]:
    """The constant everywhere, then what is left of x in its place."""
    y = np.full([size + sum(ends) for size, ends in zip(x.shape, padding, strict=True)], value, x.dtype)
    y[_without(y, padding)] = x[_without(x, [(-before, -after) for before, after in padding])]
    return (y,)


def _without(x: Array, ends: Sequence[tuple[int, int]]) -> tuple[slice, ...]:
    """What lies between the ends of each axis; negative ends are none."""
    starts = [max(before, 0) for before, _ in ends]
    stops = [size - max(after, 0) for size, (_, after) in zip(x.shape, ends, strict=True)]
    return tuple(slice(start, max(start, stop)) for start, stop in zip(starts, stops, strict=True))


def gradient(node: Node, dy: Value) -> tuple[Value]:
    """What was added is cut away, and what was cut away has none."""
    back = tuple((-before, -after) for before, after in node.attributes["padding"])
    return (pad(dy, padding=back, value=0.0),)


def reads(node: Node, _: int) -> tuple[Reads]:
    """The element that was there before, if any."""
    ends = node.attributes["padding"]
    return (tuple(Read(axis, Window(1, before=before, after=after)) for axis, (before, after) in enumerate(ends)),)


def batching(batch: Batch) -> tuple[Value, ...]:
    """Nothing is added to the axis of the examples."""
    return batch.apply(*batch.operands, padding=((0, 0), *batch.node.attributes["padding"]))


pad: Op = Op(
    "pad",
    shape,
    meaning,
    gradient,
    reads=reads,
    moves=always,
    roles=Roles((BATCHED,), (BATCHED,)),
    batching=batching,
)
