"""Packed layouts of convolutions: the loop nests that copy weights, images and weight gradients.

A layout is first listed group by group; `merged` then turns nests at equal distances into loops.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from knoll.graph.sizes import Pair, ceil_div
from knoll.kernels.convolution.weight_gradient import Runs, WeightGradient
from knoll.kernels.layout.copy import Nest
from knoll.kernels.layout.layout import Images
from knoll.plan.met_window import MetWindow, Shape4
from knoll.plan.strided_view import strides_of

StridedAxis = tuple[int, int]  # size and stride in elements


@dataclass(frozen=True)
class Weights:
    """A strided view of weights (k, c / groups, r, s), for the forward or the backward direction."""

    groups: StridedAxis
    outputs: StridedAxis
    inputs: StridedAxis
    rows: StridedAxis
    columns: StridedAxis
    start: int = 0


def forward_view(window: MetWindow, groups: int) -> Weights:
    """The view of the forward direction."""
    (k, c, *_), (r, s), at = window.weights, window.taps.count, window.strides
    axes = (groups, k // groups * at[0]), (k // groups, at[0]), (c, at[1]), (r, at[2]), (s, at[3])
    return Weights(*axes, window.offset)


def backward_view(shape: Shape4, groups: int, taps: Pair, first: Pair, weight_step: Pair) -> Weights:
    """The view of the input gradient: tap (r, s) reads the weight at first − tap · weight_step."""
    (k, c, _, _), at = shape, strides_of(shape)
    rows, columns = (taps[0], -weight_step[0] * at[2]), (taps[1], -weight_step[1] * at[3])
    start = first[0] * at[2] + first[1] * at[3]
    return Weights((groups, k // groups * at[0]), (c, at[1]), (k // groups, at[0]), rows, columns, start)


def direct_weights(view: Weights, width: int) -> tuple[Nest, ...]:
    """[group][`width` of its outputs][input][row][column][output], zeros after the last output of a group."""
    (count, stride), taps = view.outputs, view.rows[0] * view.columns[0]
    tiles = ceil_div(count, width)

    def nests() -> Iterator[Nest]:
        for group in range(view.groups[0]):
            for tile in range(tiles):
                loops = (
                    (view.inputs[0], view.inputs[1], taps * width),
                    (view.rows[0], view.rows[1], view.columns[0] * width),
                    (view.columns[0], view.columns[1], width),
                    (min(width, count - tile * width), stride, 1),
                )
                target = (group * tiles + tile) * view.inputs[0] * taps * width
                yield Nest(loops, view.start + group * view.groups[1] + tile * width * stride, target)

    return merged(nests())


def depthwise_weights(view: Weights, lanes: int) -> tuple[Nest, ...]:
    """[vector of outputs][input of the group][row][column][output], zeros after the last output."""
    line = view.columns[0] * lanes
    loops = (
        (view.inputs[0], view.inputs[1], view.rows[0] * line),
        (view.rows[0], view.rows[1], line),
        (view.columns[0], view.columns[1], lanes),
        (view.outputs[0], view.outputs[1], 1),
    )

    def target(group: int) -> int:
        vector, lane = divmod(group * view.outputs[0], lanes)
        return vector * view.rows[0] * view.inputs[0] * line + lane

    groups, stride = view.groups
    return merged(Nest(loops, view.start + group * stride, target(group)) for group in range(groups))


def gradient_sum(runs: Runs, block: int, vectors_lanes: int, window: MetWindow, by_channel: bool) -> tuple[Nest, ...]:
    """The copy of a weight gradient from the kernel's layout to (k, c, r, s).

    The kernel's layout is [k][run] if `by_channel`, else [vectors of k][run][lane].
    """
    (k, c, *_), (r, s), at = window.weights, window.taps.count, window.strides
    one, lanes = (1, 1) if by_channel else (vectors_lanes, vectors_lanes)
    column = block if runs.segments == 1 else runs.length
    line = runs.length * runs.segments

    def nest(blocks: int, channels: int, first: int, outputs: tuple[int, int, int]) -> Nest:
        groups, of_group, start = outputs
        loops = (
            (groups, lanes * runs.size, lanes * at[0]),
            (of_group, 1, at[0]),
            (blocks, runs.rows * line * one, block * at[1]),
            (r, line * one, at[2]),
            (s, column * one, at[3]),
            (channels, one, at[1]),
        )
        source = start * lanes * runs.size + first * runs.rows * line * one
        return Nest(loops, source, window.offset + start * lanes * at[0] + first * block * at[1])

    outputs = (
        [(k, 1, 0)]
        if by_channel
        else [(k // lanes, lanes, 0)] * (k >= lanes) + [(1, k % lanes, k // lanes)] * (k % lanes > 0)
    )
    whole, left = divmod(c, block)
    nests = []
    for output in outputs:
        if whole:
            nests.append(nest(whole, block, 0, output))
        if left:
            nests.append(nest(1, left, whole, output))
    return tuple(nests)


def direct_gradient(kernel: WeightGradient, window: MetWindow, groups: int) -> tuple[Nest, ...]:
    """The copy of a grouped weight gradient to (k, c / groups, r, s); each group starts at a new vector."""
    (k, c, *_), (r, s), at = window.weights, window.taps.count, window.strides
    runs, block, width = kernel.runs, kernel.source.block, kernel.vectors * kernel.lanes
    outputs, line = k // groups, runs.length * runs.segments * width
    tiles = kernel.per_group[0] // width
    column = (block if runs.segments == 1 else runs.length) * width

    def nests() -> Iterator[Nest]:
        for group in range(groups):
            for tile in range(ceil_div(outputs, width)):
                loops = (
                    (runs.blocks, runs.rows * line, block * at[1]),
                    (r, line, at[2]),
                    (s, column, at[3]),
                    (min(block, c), width, at[1]),
                    (min(width, outputs - tile * width), 1, at[0]),
                )
                source = (group * tiles + tile) * runs.size + group * c % block
                yield Nest(loops, source * width, window.offset + (group * outputs + tile * width) * at[0])

    return merged(nests())


def depthwise_gradient(window: MetWindow, groups: int, lanes: int) -> tuple[Nest, ...]:
    """The copy of a depthwise weight gradient to (k, c / groups, r, s)."""
    nests = depthwise_weights(forward_view(window, groups), lanes)
    return tuple(Nest(tuple((n, b, a) for n, a, b in nest.loops), nest.target, nest.source) for nest in nests)


def pad_groups_of_line(groups: int, outputs: int, padded_outputs: int) -> tuple[Nest, ...]:
    """The copy of one element for each output so that each group starts at a new vector."""
    return (Nest(((groups, outputs, padded_outputs), (outputs, 1, 1))),)


def pad_groups(images: Images, padded: Images, groups: int) -> tuple[Nest, ...]:
    """The copy of images so that each group starts at a new block."""
    outputs, padded_outputs, lanes = images.c // groups, padded.c // groups, images.block
    loops = ((images.h, images.row, padded.row), (images.w, images.block, padded.block))

    def nests() -> Iterator[Nest]:
        for group in range(groups):
            done = 0
            while done < outputs:
                (block, lane), (to_block, to_lane) = (
                    divmod(group * outputs + done, lanes),
                    divmod(group * padded_outputs + done, lanes),
                )
                count = min(outputs - done, lanes - lane, lanes - to_lane)
                source, target = (
                    images.at(0, 0) + block * images.plane + lane,
                    padded.at(0, 0) + to_block * padded.plane + to_lane,
                )
                yield Nest((*loops, (count, 1, 1)), source, target)
                done += count

    return merged(nests())


def unpad_groups(padded: Images, images: Images, groups: int) -> tuple[Nest, ...]:
    """The copy that removes the padding between groups."""
    there = pad_groups(images, padded, groups)
    return tuple(Nest(tuple((n, b, a) for n, a, b in nest.loops), nest.target, nest.source) for nest in there)


def merged(nests: Iterable[Nest]) -> tuple[Nest, ...]:
    """The same copies with fewer nests: nests at equal distances become a loop, repeatedly."""
    nests = tuple(nests)
    fewer = _merged_once(nests)
    return nests if len(fewer) == len(nests) else merged(fewer)


def _merged_once(nests: tuple[Nest, ...]) -> tuple[Nest, ...]:
    """Nests with equal loops merged into one loop where their starts are an arithmetic progression."""
    alike: dict[tuple[tuple[int, int, int], ...], list[Pair]] = {}
    for nest in nests:
        alike.setdefault(nest.loops, []).append((nest.source, nest.target))
    result = []
    for loops, starts in alike.items():
        first = 0
        while first < len(starts):
            source, target = starts[first]
            count, step = _progression(starts, first)
            result.append(Nest(((count, *step), *loops) if count > 1 else loops, source, target))
            first += count
    return tuple(result)


def _progression(starts: list[Pair], first: int) -> tuple[int, Pair]:
    """The length and the step of the arithmetic progression that begins at `first`."""
    if first + 1 == len(starts):
        return 1, (0, 0)
    source, target = starts[first]
    step = (starts[first + 1][0] - source, starts[first + 1][1] - target)
    count = 2
    while first + count < len(starts) and starts[first + count] == (source + count * step[0], target + count * step[1]):
        count += 1
    return count, step
