"""Which windows lead from one size to another: strides, paddings and dilations for sizes that are wanted."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from itertools import product
from typing import NamedTuple, get_args

import numpy as np

from knoll.analysis.solutions import Kind, Solution, Solutions
from knoll.errors import ArgumentError
from knoll.graph import Spec, Window
from knoll.graph.shapes import read_shape
from knoll.graph.sizes import Pair
from knoll.messages import say
from knoll.nn.sizes import pair
from knoll.ops.conv import conv2d
from knoll.ops.max_pool import max_pool2d

Size = int | tuple[int, int]
Sizes = str | tuple[Size, Size]

KERNELS: dict[Kind, tuple[int, ...]] = {"conv": (1, 2, 3, 4, 5, 6, 7), "pool": (2, 3, 4), "transpose": (1, 2, 3, 4, 5)}
ARROW = re.compile("->|→|=>")
MOST = 1 << 16  # rows or columns
MOST_DILATION = 4  # looked for; any other that is asked for is tried
MOST_PADDING = 64
MOST_STRIDES = 64
MOST_FOUND = 64


class Fixed(NamedTuple):
    """What was asked for, None where anything may be tried."""

    stride: Pair | None
    padding: Pair | None
    dilation: Pair | None


class _Fixed(NamedTuple):
    """The same for one axis."""

    stride: int | None
    padding: int | None
    dilation: int | None


class _Way(NamedTuple):
    """One axis of a solution."""

    stride: int
    padding: int
    dilation: int
    output_padding: int = 0
    ceil: bool = False


def solve(
    sizes: Sizes,
    kernel: Size | None = None,
    kind: Kind = "conv",
    *,
    stride: Size | None = None,
    padding: Size | None = None,
    dilation: Size | None = None,
) -> Solutions:
    """The layers that make images of one size from images of another, the simplest first.

    `sizes` is a text such as "32x32 -> 16x16" or "32 -> 16", or both sizes as numbers or pairs. `kind` is "conv",
    "pool" (max pooling) or "transpose" (transposed convolution). Without `kernel` the usual ones are tried. `stride`,
    `padding` and `dilation` may be given; else padding is tried up to what keeps every window on the image, dilation up
    to 4. Raises ArgumentError.

    >>> from knoll.analysis import solve
    >>> print(solve("32x32 -> 16x16", kernel=5).found[0])
    Conv2d(in_channels, out_channels, 5, stride=2, padding=2)
    >>> solve("32 -> 64", kernel=3).nearest, solve("32 -> 64", kernel=3).others
    (((40, 40),), ('transpose',))
    """
    before, after = _sizes(sizes)
    if kind not in get_args(Kind):
        raise ArgumentError(say("analysis.kind"), expected=", ".join(get_args(Kind)), came=repr(kind))
    kernels = [_pair(size, "kernel", 1) for size in (KERNELS[kind] if kernel is None else (kernel,))]
    asked = ((stride, "stride", 1), (padding, "padding", 0), (dilation, "dilation", 1))
    fixed = Fixed(*(None if given is None else _pair(given, name, least) for given, name, least in asked))
    found = [each for size in kernels for each in solutions(kind, size, before, after, fixed)]
    if found:
        return Solutions(kind, before, after, tuple(sorted(found, key=_order)[:MOST_FOUND]))
    others = (other for other in get_args(Kind) if other != kind)
    fitting = tuple(o for o in others if any(True for k in kernels for _ in solutions(o, k, before, after, fixed)))
    return Solutions(kind, before, after, (), _nearest(kind, kernels, before, after, fixed), fitting)


def _pair(given: Size, name: str, least: int) -> Pair:
    found = pair(given, name, "solve")
    if not least <= min(found) <= max(found) <= MOST:
        raise ArgumentError(say("analysis.window_number", name=name, least=least, most=MOST), came=f"{name}={given}")
    return found


def _sizes(given: Sizes) -> tuple[Pair, Pair]:
    """Both sizes; channels before them do not matter."""
    if isinstance(given, str):
        sides = ARROW.split(given)
        if len(sides) != 2:
            raise ArgumentError(say("analysis.sizes"), expected='"32x32 -> 16x16"', came=repr(given))
        shapes = [read_shape(side)[-2:] for side in sides]
        before, after = ((shape[0], shape[-1]) for shape in shapes)
    else:
        before, after = (pair(size, "sizes", "solve") for size in given)
    if min(*before, *after) < 1 or max(*before, *after) > MOST:
        raise ArgumentError(say("analysis.sizes_between", most=MOST), came=repr(given))
    return before, after


def solutions(kind: Kind, kernel: Pair, before: Pair, after: Pair, fixed: Fixed) -> Iterator[Solution]:
    """Those with this kernel, the simplest first, each verified by the operation."""
    rows, columns = ([*_along(kind, kernel[axis], before[axis], after[axis], _axis(fixed, axis))] for axis in (0, 1))
    both = [way for way in rows if way in columns]
    ways = [(way, way) for way in both] if both else _mixed(rows, columns)
    found = sorted((_solution(kind, kernel, *each) for each in _without_idle_ceil(ways)), key=_order)
    return (solution for solution in found[:MOST_FOUND] if verified(solution, before, after))


def _axis(fixed: Fixed, axis: int) -> _Fixed:
    return _Fixed(*(None if each is None else each[axis] for each in fixed))


def _mixed(rows: list[_Way], columns: list[_Way]) -> list[tuple[_Way, _Way]]:
    """Different ways along rows and columns, of the simplest; `ceil_mode` is for both."""
    return [(r, c) for r, c in product(rows[:MOST_FOUND], columns[:MOST_FOUND]) if r.ceil == c.ceil]


def _without_idle_ceil(ways: list[tuple[_Way, _Way]]) -> list[tuple[_Way, _Way]]:
    """Those with `ceil_mode` only where it changes the size."""
    known = set(ways)
    return [(r, c) for r, c in ways if not r.ceil or (r._replace(ceil=False), c._replace(ceil=False)) not in known]


def _solution(kind: Kind, kernel: Pair, row: _Way, column: _Way) -> Solution:
    stride, padding, dilation, more, _ = zip(row, column, strict=True)
    return Solution(kind, kernel, stride, padding, dilation, more, row.ceil)


def _order(solution: Solution) -> tuple[int, ...]:
    """One number for both axes before pairs; no dilation and no extras first; no pixels stepped over; small numbers."""
    kernel, stride, padding, dilation, more = (
        solution.kernel_size, solution.stride, solution.padding, solution.dilation, solution.output_padding,
    )  # fmt: skip
    pairs = sum(rows != columns for rows, columns in (stride, padding, dilation, more))
    skips = any(s > d * (k - 1) + 1 for s, d, k in zip(stride, dilation, kernel, strict=True))
    return (pairs, sum(dilation), skips, sum(more), solution.ceil_mode, sum(kernel), sum(stride), sum(padding))


def _along(kind: Kind, kernel: int, before: int, after: int, fixed: _Fixed) -> Iterator[_Way]:
    """All ways along one axis that give the wanted size; of strides that move a single window nowhere the first."""
    seen = set()
    for way, size in _tried(kind, kernel, before, after, fixed):
        apart = way._replace(stride=0) if (before if kind == "transpose" else after) == 1 else way
        if size == after and apart not in seen:
            seen.add(apart)
            yield way


def _tried(kind: Kind, kernel: int, before: int, after: int, fixed: _Fixed) -> Iterator[tuple[_Way, int]]:
    """Ways along one axis that come near the wanted size, and the size that each gives."""
    for dilation in _numbers(fixed.dilation, 1, MOST_DILATION if kernel > 1 else 1):
        span = dilation * (kernel - 1) + 1
        for padding in _paddings(kind, span, fixed.padding):
            if kind == "transpose":
                yield from _enlarged(padding, dilation, span, before, after, fixed.stride)
            else:
                yield from _slid(Window(kernel, 1, padding, padding, dilation), kind, before, after, fixed.stride)


def _slid(window: Window, kind: Kind, before: int, after: int, stride: int | None) -> Iterator[tuple[_Way, int]]:
    """A window that slides: room // stride + 1 places, one more perhaps with `ceil_mode`."""
    room = before + 2 * window.before - window.span
    places = after - 2 if kind == "pool" else after - 1  # after the first, at least
    last = room // places + 1 if places > 0 else before + window.before
    for s in _strides(stride, room // after, last) if room >= 0 else ():
        for ceil in (False, True) if kind == "pool" else (False,):
            moved = replace(window, stride=s, ceil=ceil)
            yield _Way(s, window.before, window.dilation, 0, ceil), moved.positions(before)


def _enlarged(
    padding: int, dilation: int, span: int, before: int, after: int, stride: int | None
) -> Iterator[tuple[_Way, int]]:
    """A transposed convolution: (before − 1) · stride − 2 · padding + span + output_padding."""
    room = after + 2 * padding - span
    last = room // (before - 1) + 1 if before > 1 else after  # from one pixel only output_padding asks for a stride
    for s in _strides(stride, (room - dilation) // before, last):
        least = (before - 1) * s - 2 * padding + span
        for more in range(min(max(s, dilation), MOST_STRIDES)):
            yield _Way(s, padding, dilation, more), least + more


def _strides(fixed: int | None, first: int, last: int) -> range:
    """Those asked for, or from the first on, not too many."""
    first = max(first, 1)
    return _numbers(fixed, first, max(min(last, first + MOST_STRIDES), first))


def _paddings(kind: Kind, span: int, fixed: int | None) -> range:
    """Up to half a window for pooling, which refuses more; else as much as leaves every window a pixel."""
    most = span // 2 if kind == "pool" else min(span - 1, MOST_PADDING)
    return _numbers(fixed, 0, most) if kind != "pool" or fixed is None or fixed <= most else range(0)


def _numbers(fixed: int | None, first: int, last: int) -> range:
    return range(first, last + 1) if fixed is None else range(fixed, fixed + 1)


def verified(solution: Solution, before: Pair, after: Pair) -> bool:
    """Whether the operation itself says that images of this size become images of that size."""
    slide = {"stride": solution.stride, "dilation": solution.dilation}
    if solution.kind == "pool":
        kernel, padding = solution.kernel_size, solution.padding
        y, _ = max_pool2d.shape(_image(before), kernel=kernel, padding=padding, ceil=solution.ceil_mode, **slide)
        return bool(y.shape[2:] == after)
    # The gradient of a transposed convolution is a convolution back.
    large, small = (after, before) if solution.kind == "transpose" else (before, after)
    ends = tuple((p, p - more) for p, more in zip(solution.padding, solution.output_padding, strict=True))
    (y,) = conv2d.shape(_image(large), _image(solution.kernel_size), padding=ends, groups=1, **slide)
    return bool(y.shape[2:] == small)


def _image(size: Pair) -> Spec:
    return Spec((1, 1, *size), np.dtype(np.float32))


def _nearest(kind: Kind, kernels: list[Pair], before: Pair, after: Pair, fixed: Fixed) -> tuple[Pair, ...]:
    """The sizes that can be reached next below and next above the one that is wanted."""
    near = []
    for axis in (0, 1):
        one = [_tried(kind, k[axis], before[axis], after[axis], _axis(fixed, axis)) for k in kernels]
        near.append(_near({size for tried in one for _, size in tried}, after[axis]))
    return tuple(dict.fromkeys(zip(*near, strict=False)))


def _near(sizes: set[int], wanted: int) -> tuple[int, ...]:
    """The size below and the size above, or the nearest twice where there is none on one side."""
    below, above = [s for s in sizes if 0 < s <= wanted], [s for s in sizes if s >= wanted]
    found = (max(below, default=0), min(above, default=0))
    return tuple(size or max(found) for size in found) if max(found) else ()
