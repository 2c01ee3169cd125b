"""Packed layouts of convolutions: the loop nests that copy weights, images and weight gradients.

A layout is first listed group by group; `merged` then turns nests at equal distances into loops.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from knoll.graph.sizes import Pair, ceil_div
from knoll.kernels.convolution.weight_gradient import Runs, WeightGradient
from knoll.kernels.layout.copy import MIN_TRANSPOSED, Loop, Nest
from knoll.kernels.layout.layout import Images
from knoll.plan.convolution.clipped_window import ClippedWindow, Shape4
from knoll.plan.strided_view import coalesced, strides_of

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


def forward_view(window: ClippedWindow, groups: int) -> Weights:
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


def direct_weights(view: Weights, width: int, lanes: int) -> tuple[Nest, ...]:
    """[group][`width` of its outputs][input][row][column][output], zeros after the last output of a group.

    Outputs are divided into vectors of `lanes`, which are transposed where taps or inputs are contiguous.
    """
    (count, stride), axes = view.outputs, (view.inputs, view.rows, view.columns)
    taps = view.rows[0] * view.columns[0]
    sizes, here = zip(*axes, strict=True)
    window = coalesced(sizes, here, (taps * width, view.columns[0] * width, width))
    of_tile = view.inputs[0] * taps * width

    def nests() -> Iterator[Nest]:
        for group in range(view.groups[0]):
            for tile in range(ceil_div(count, width)):
                source, target = view.start + group * view.groups[1], (group * ceil_div(count, width) + tile) * of_tile
                whole, left = divmod(min(width, count - tile * width), lanes)
                for vectors, outputs, first in ((whole, lanes, 0), (1, left, whole * lanes)):
                    loops = ((vectors, lanes * stride, lanes), *window, (outputs, stride, 1))
                    if vectors and outputs:
                        yield Nest(loops, source + (tile * width + first) * stride, target + first)

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


def dot_weights(view: Weights, lanes: int) -> tuple[Nest, ...]:
    """[output][block of inputs][row][column][input lane], zeros after the last input; without groups."""
    (k, of_output), (c, of_input), (r, of_row), (s, of_column) = view.outputs, view.inputs, view.rows, view.columns
    block, blocks = r * s * lanes, ceil_div(c, lanes)

    def nest(first: int, count: int, inputs: int) -> Nest:
        """`count` blocks from the first on, of so many inputs each."""
        window = (r, of_row, s * lanes), (s, of_column, lanes), (inputs, of_input, 1)
        loops = (k, of_output, blocks * block), (count, lanes * of_input, block), *window
        return Nest(loops, view.start + first * lanes * of_input, first * block)

    whole, left = divmod(c, lanes)
    nests = (nest(0, whole, lanes), nest(whole, 1, left))
    return tuple(each for each in nests if all(count for count, *_ in each.loops))


def gradient_by_channel(runs: Runs, block: int, window: ClippedWindow) -> tuple[Nest, ...]:
    """The copy of a weight gradient from [k][run] to (k, c, r, s)."""
    k, at = window.weights[0], window.strides
    return tuple(
        Nest(((k, runs.size, at[0]), blocks, *_taps(runs, block, window, 1), channels), source, target)
        for blocks, channels, source, target in _blocks(runs, block, window, 1)
    )


def gradient_by_vector(runs: Runs, block: int, vectors: int, lanes: int, window: ClippedWindow) -> tuple[Nest, ...]:
    """The copy of a weight gradient from [group of `vectors` of k][run][vector][lane] to (k, c, r, s).

    Lanes are contiguous in the source, taps or channels in the target: the loops over both are the inner ones, which
    are transposed in registers.
    """
    width, at = vectors * lanes, window.strides

    def nests(groups: int, of_group: int, of_vector: int, first: int) -> Iterator[Nest]:
        group, vector = first // width, first % width
        outer, row = (
            ((groups, width * runs.size, width * at[0]), (of_group, lanes, lanes * at[0])),
            (of_vector, 1, at[0]),
        )
        for blocks, channels, source, target in _blocks(runs, block, window, width):
            inputs = [blocks, *_taps(runs, block, window, width), channels]
            lines = [loop for loop in inputs if loop[2] == 1 and loop[0] >= MIN_TRANSPOSED]
            others = [loop for loop in inputs if loop not in lines]
            loops = (*outer, *others, *lines, row) if lines else (*outer, row, *inputs)
            yield Nest(loops, source + group * width * runs.size + vector, target + first * at[0])

    (groups, left), k = divmod(window.weights[0], width), window.weights[0]
    of_group, of_vector = divmod(left, lanes)
    parts = (groups, vectors, lanes, 0), (1, of_group, lanes, groups * width), (1, 1, of_vector, k - of_vector)
    return tuple(nest for part in parts if 0 not in part[:3] for nest in nests(*part))


def _blocks(runs: Runs, block: int, window: ClippedWindow, each: int) -> Iterator[tuple[Loop, Loop, int, int]]:
    """Loops over whole blocks of input channels and their channels, then over those that are left, and their starts.

    A position of a run has `each` elements in the source.
    """
    (whole, left), of_block = divmod(window.weights[1], block), runs.rows * runs.segments * runs.length * each
    at = window.strides[1]
    for count, channels, first in ((whole, block, 0), (1, left, whole)):
        if count and channels:
            loops = (count, of_block, block * at), (channels, each, at)
            yield *loops, first * of_block, window.offset + first * block * at


def _taps(runs: Runs, block: int, window: ClippedWindow, each: int) -> tuple[Loop, ...]:
    """The loops over the rows and columns of a window; a single one where neither side has a gap between rows."""
    (r, s), (*_, down, right) = window.taps.count, window.strides
    column, row = (block if runs.segments == 1 else runs.length) * each, runs.segments * runs.length * each
    gapless = row == s * column and down == s * right
    return ((r * s, column, right),) if gapless else ((r, row, down), (s, column, right))


def direct_gradient(kernel: WeightGradient, window: ClippedWindow, groups: int) -> tuple[Nest, ...]:
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


def depthwise_gradient(window: ClippedWindow, groups: int, lanes: int) -> tuple[Nest, ...]:
    """The copy of a depthwise weight gradient to (k, c / groups, r, s)."""
    nests = depthwise_weights(forward_view(window, groups), lanes)
    return tuple(Nest(tuple((n, b, a) for n, a, b in nest.loops), nest.target, nest.source) for nest in nests)


def pad_bias_groups(groups: int, outputs: int, padded_outputs: int) -> tuple[Nest, ...]:
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
