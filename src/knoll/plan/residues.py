"""The gradient of a convolution's input as dense convolutions of dy.

Row y of x meets row i of dy at the taps r with y + padding − r · dilation = i · stride. So the rows of x that leave
the same remainder by the stride meet the same taps, and for them the gradient is a convolution that moves by one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import gcd

from knoll.graph import Node
from knoll.kernels.direct import Taps
from knoll.kernels.layout import Halo, Images

Pair = tuple[int, int]


@dataclass(frozen=True)
class Residue:
    """The pixels of x at `first`, first + stride, …: how many, which taps of dy they sum, and with which weights.

    The first tap goes with the weight at `weight`, the next with the one `apart` before it.
    """

    first: Pair
    size: Pair
    taps: Taps
    weight: Pair
    apart: Pair


@dataclass(frozen=True)
class _Line:
    """The same along one axis."""

    first: int
    size: int
    start: int
    taps: int
    between: int
    weight: int
    apart: int


def residues(node: Node) -> list[Residue]:
    """Those of a conv2d_dx node; one alone if the stride is one."""
    rows, columns = (_lines(node, axis) for axis in (0, 1))
    return [
        Residue(
            (i.first, j.first),
            (i.size, j.size),
            Taps((i.start, j.start), (1, 1), (i.taps, j.taps), (i.between, j.between)),
            (i.weight, j.weight),
            (i.apart, j.apart),
        )
        for i in rows
        for j in columns
    ]


def _lines(node: Node, axis: int) -> list[_Line]:
    stride, dilation = node.attributes["stride"][axis], node.attributes["dilation"][axis]
    before, size = node.attributes["padding"][axis][0], node.attributes["size"][axis]
    apart = stride // gcd(stride, dilation)
    lines = []
    for first in range(min(stride, size)):
        kernel = range(node.inputs[1].spec.shape[2 + axis])
        taps = [r for r in kernel if (first + before - r * dilation) % stride == 0]
        last = taps[-1] if taps else 0
        start = (first + before - last * dilation) // stride
        count = -(-(size - first) // stride)
        lines.append(_Line(first, count, start, len(taps), apart * dilation // stride, last, apart))
    return lines


def halo_for(every: Sequence[Residue], dy: Images) -> Halo:
    """The room around dy that all taps need."""
    above, left = (max(0, *(-one.taps.start[axis] for one in every)) for axis in (0, 1))
    below, right = (max(0, *(_reach(one, axis) - size for one in every)) for axis, size in ((0, dy.h), (1, dy.w)))
    return (above, below), (left, right)


def _reach(one: Residue, axis: int) -> int:
    """The first row or column after the last tap of the last pixel."""
    return one.taps.start[axis] + one.size[axis] + (one.taps.count[axis] - 1) * one.taps.apart[axis]
