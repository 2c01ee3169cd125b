"""Which windows lead from one size to another: strides, paddings and dilations for sizes that are wanted."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import islice, product
from typing import NamedTuple, get_args

import numpy as np

from knoll.analysis.kernel_sizes import MOST, kernel_sizes
from knoll.analysis.solutions import MOST_FOUND, Kind, Solution, Solutions
from knoll.errors import ArgumentError
from knoll.graph import Spec, Window
from knoll.graph.shapes import read_shape
from knoll.graph.sizes import Pair
from knoll.messages import say
from knoll.nn.sizes import pair
from knoll.ops.convolution.conv import conv2d
from knoll.ops.pooling.max_pool import max_pool2d

Size = int | tuple[int, int]
Sizes = str | tuple[Size, Size]

ARROW = re.compile("->|→|=>")
MOST_DILATION = 4  # looked for; any other that is asked for is tried
MOST_PADDING = 64
MOST_STRIDES = 64
MOST_NEAR = 4  # sizes below and above that are combined
MOST_USUAL = 6  # of a kind, where none is asked for


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
    kind: Kind | None = None,
    *,
    stride: Size | None = None,
    padding: Size | None = None,
    dilation: Size | None = None,
) -> Solutions:
    """The layers that make images of one size from images of another, the simplest first.

    `sizes` is a text such as "32x32 -> 16x16" or "32 -> 16", or both sizes as numbers or pairs. `kind` is "conv",
    "pool" (max pooling) or "transpose" (transposed convolution). Without it the
    simplest of each are found; dilations, padding wider than half a window and windows that step over pixels are left
    out if there is anything else. Without `kernel` the usual ones are tried, and those that the sizes suggest.
    `stride`, `padding` and `dilation` may be given; else padding is tried up to what keeps every window on the image,
    dilation up to 4. Raises ArgumentError.

    >>> from knoll.analysis import solve
    >>> print(solve("32x32 -> 16x16", kernel=5).found[0])
    Conv2d(in_channels, out_channels, 5, stride=2, padding=2)
    >>> print(solve("5 -> 1", kind="pool").found[0])
    MaxPool2d(5)
    >>> solve("32 -> 64", kernel=3, kind="conv").nearest, solve("32 -> 64", kernel=3, kind="conv").others
    (((40, 40),), ('transpose',))
    """
    before, after = _sizes(sizes)
    if kind not in (None, *get_args(Kind)):
        raise ArgumentError(say("analysis.kind"), expected=", ".join(get_args(Kind)), got=repr(kind))
    own = None if kernel is None else _pair(kernel, "kernel", 1)
    asked = ((stride, "stride", 1), (padding, "padding", 0), (dilation, "dilation", 1))
    fixed = Fixed(*(None if given is None else _pair(given, name, least) for given, name, least in asked))
    wanted = _Wanted(before, after, own, fixed)
    found = _all_kernels(wanted, kind) if kind else _usual(wanted)
    if found:
        return Solutions(kind, before, after, tuple(found))
    others = [other for other in get_args(Kind) if other != kind and kind is not None]
    return Solutions(kind, before, after, (), _nearest(wanted, kind), tuple(o for o in others if wanted.is_reached(o)))


class _Wanted(NamedTuple):
    """Both sizes and what was asked for."""

    before: Pair
    after: Pair
    kernel: Pair | None
    fixed: Fixed

    def kernels(self, kind: Kind) -> list[Pair]:
        """The windows to try."""
        return kernel_sizes(kind, self.before, self.after) if self.kernel is None else [self.kernel]

    def solutions(self, kind: Kind) -> Iterator[Solution]:
        """Those of one kind, the simplest first for each window."""
        for kernel in self.kernels(kind):
            yield from solutions(kind, kernel, self.before, self.after, self.fixed)

    def is_reached(self, kind: Kind) -> bool:
        """Whether a layer of this kind does it."""
        return any(True for _ in self.solutions(kind))


def _all_kernels(wanted: _Wanted, kind: Kind) -> list[Solution]:
    return sorted(wanted.solutions(kind), key=lambda solution: _order(solution, wanted.before))[:MOST_FOUND]


def _usual(wanted: _Wanted) -> list[Solution]:
    """The simplest of all kinds that one would write; any, if there are none."""
    enlarged = any(a > b for b, a in zip(wanted.before, wanted.after, strict=True))
    kinds: tuple[Kind, ...] = ("transpose", "conv", "pool") if enlarged else ("conv", "pool")
    found = [_all_kernels(wanted, kind) for kind in kinds]
    usual = [[solution for solution in one if _is_usual(solution, wanted.fixed)] for one in found]
    return [solution for one in (usual if any(usual) else found) for solution in one[:MOST_USUAL]]


def _is_usual(solution: Solution, fixed: Fixed) -> bool:
    """Whether nothing is unusual that was not asked for."""
    return (
        (fixed.dilation is not None or solution.dilation == (1, 1))
        and (fixed.padding is not None or solution.kind == "transpose" or not _is_wide(solution))
        and (fixed.stride is not None or not _skips(solution))
    )


def _pair(given: Size, name: str, least: int) -> Pair:
    found = pair(given, name, "solve")
    if not least <= min(found) <= max(found) <= MOST:
        raise ArgumentError(say("analysis.window_number", name=name, least=least, most=MOST), got=f"{name}={given}")
    return found


def _sizes(given: Sizes) -> tuple[Pair, Pair]:
    """Both sizes; channels before them do not matter."""
    if isinstance(given, str):
        sides = ARROW.split(given)
        if len(sides) != 2:
            raise ArgumentError(say("analysis.sizes"), expected='"32x32 -> 16x16"', got=repr(given))
        shapes = [read_shape(side)[-2:] for side in sides]
        before, after = ((shape[0], shape[-1]) for shape in shapes)
    else:
        before, after = (pair(size, "sizes", "solve") for size in given)
    if min(*before, *after) < 1 or max(*before, *after) > MOST:
        raise ArgumentError(say("analysis.sizes_between", most=MOST), got=repr(given))
    return before, after


def solutions(kind: Kind, kernel: Pair, before: Pair, after: Pair, fixed: Fixed) -> Iterator[Solution]:
    """Those with this kernel, the simplest first, each verified by the operation."""
    rows, columns = (
        [*_along_axis(kind, kernel[axis], before[axis], after[axis], _axis(fixed, axis))] for axis in (0, 1)
    )
    both = [way for way in rows if way in columns]
    ways = [(way, way) for way in both]
    if all(way.dilation > 1 for way in both):  # a number for each axis is simpler than a dilation
        ways = list(dict.fromkeys([*ways, *_mixed(rows, columns)]))
    made = [_solution(kind, kernel, *each) for each in _without_idle_ceil(ways)]
    found = sorted(made, key=lambda solution: _order(solution, before))
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


def _order(solution: Solution, before: Pair) -> tuple[int, ...]:
    """One number for both axes before pairs; no dilation and no extras first; no pixels stepped over; small numbers."""
    kernel, stride, padding, dilation, more = (
        solution.kernel_size, solution.stride, solution.padding, solution.dilation, solution.output_padding,
    )  # fmt: skip
    pairs = sum(rows != columns for rows, columns in (stride, padding, dilation, more))
    odd = solution.kind == "pool" and stride != kernel  # the default of pooling
    return (
        pairs, sum(dilation), _skips(solution), sum(more), solution.ceil_mode, _is_wide(solution),
        _leaves(solution, before), odd, sum(kernel), sum(stride), sum(padding),
    )  # fmt: skip


def _spans(solution: Solution) -> Pair:
    """The rows and columns from the first to the last element of the window."""
    (r, s), (rows, columns) = solution.kernel_size, solution.dilation
    return rows * (r - 1) + 1, columns * (s - 1) + 1


def _skips(solution: Solution) -> bool:
    """Whether the window steps over pixels."""
    return any(stride > span for stride, span in zip(solution.stride, _spans(solution), strict=True))


def _is_wide(solution: Solution) -> bool:
    """Whether windows lie on the padding with more than half of their rows or columns."""
    return any(padding > span // 2 for padding, span in zip(solution.padding, _spans(solution), strict=True))


def _leaves(solution: Solution, before: Pair) -> bool:
    """Whether pixels at the end have no room for another window."""
    if solution.kind == "transpose" or solution.ceil_mode:
        return False
    return any(
        (size + 2 * padding - span) % stride > padding
        for size, padding, span, stride in zip(before, solution.padding, _spans(solution), solution.stride, strict=True)
    )


def _along_axis(kind: Kind, kernel: int, before: int, after: int, fixed: _Fixed) -> Iterator[_Way]:
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
    if room < 0:
        return
    own = [window.kernel] if kind == "pool" and after == 1 and stride is None else []  # the default of pooling
    for s in (*own, *_strides(stride, room // after, last)):
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
    most = min(span // 2 if kind == "pool" else span - 1, fixed or MOST_PADDING)
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


def _nearest(wanted: _Wanted, kind: Kind | None) -> tuple[Pair, ...]:
    """The sizes that can be reached next below and next above the one that is wanted; else one near it."""
    kinds = [kind] if kind else get_args(Kind)
    rows, columns = (_nearest_first(_reached(wanted, kinds, axis), wanted.after[axis]) for axis in (0, 1))
    ends = [(row[0], column[0]) for row, column in zip(rows, columns, strict=True) if row and column]
    found = [size for size in ends if _is_reached(wanted, kinds, size)]
    if found:
        return tuple(dict.fromkeys(found))
    mixed = product(rows[0] + rows[1], columns[0] + columns[1])
    near = sorted(mixed, key=lambda size: sum(abs(s - w) for s, w in zip(size, wanted.after, strict=True)))
    return tuple(islice((size for size in near if _is_reached(wanted, kinds, size)), 1))


def _reached(wanted: _Wanted, kinds: Sequence[Kind], axis: int) -> set[int]:
    """The sizes along one axis that come near the one that is wanted."""
    before, after, fixed = wanted.before[axis], wanted.after[axis], _axis(wanted.fixed, axis)
    tried = (_tried(kind, kernel[axis], before, after, fixed) for kind in kinds for kernel in wanted.kernels(kind))
    return {size for one in tried for _, size in one}


def _is_reached(wanted: _Wanted, kinds: Sequence[Kind], size: Pair) -> bool:
    return any(wanted._replace(after=size).is_reached(kind) for kind in kinds)


def _nearest_first(sizes: set[int], wanted: int) -> tuple[list[int], list[int]]:
    """Some sizes below and some above, the nearest first; those of the other side where there are none on one."""
    below = sorted((s for s in sizes if 0 < s <= wanted), reverse=True)[:MOST_NEAR]
    above = sorted(s for s in sizes if s >= wanted)[:MOST_NEAR]
    return below or above, above or below
