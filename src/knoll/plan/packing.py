"""How weights are laid out for each kernel, and how sums of weight gradients are laid out as weights again."""

from __future__ import annotations

from knoll.kernels.convolution.direct import DirectConvolution
from knoll.kernels.convolution.weight_gradient import Runs
from knoll.kernels.convolution.winograd import WinogradConvolution
from knoll.kernels.layout.copy import Nest
from knoll.plan.strided_view import strides_of

Shape4 = tuple[int, ...]  # (k, c, r, s)
Streaming = DirectConvolution | WinogradConvolution  # kernels past which weights stream in groups of vectors


def forward_weights(kernel: Streaming, shape: Shape4) -> tuple[Nest, ...]:
    """(k, c, r, s) → [group of vectors][channel][r][s][lane], as the tile streams past them."""
    k, c, r, s = shape
    at = strides_of(shape)
    return _channel_nests(kernel, k, (c, at[1]), (r, at[2]), (s, at[3]), at[0], 0)


def backward_weights(
    kernel: Streaming, shape: Shape4, first: tuple[int, int], weight_step: tuple[int, int]
) -> tuple[Nest, ...]:
    """The same with k and c exchanged and the window turned round.

    Tap (r, s) reads the weight at first − tap · weight_step.
    """
    k, c, _, _ = shape
    at = strides_of(shape)
    rows, columns = kernel.taps.count
    start = first[0] * at[2] + first[1] * at[3]
    return _channel_nests(
        kernel, c, (k, at[0]), (rows, -weight_step[0] * at[2]), (columns, -weight_step[1] * at[3]), at[1], start
    )


def _channel_nests(
    kernel: Streaming,
    outputs: int,
    inputs: tuple[int, int],
    rows: tuple[int, int],
    columns: tuple[int, int],
    output_stride: int,
    start: int,
) -> tuple[Nest, ...]:
    """Nests over (vectors of outputs, inputs, rows, columns, lanes); the last vectors may have fewer lanes."""
    width = kernel.tile.vectors * kernel.lanes
    taps = rows[0] * columns[0]

    def nest(groups: int, lanes: int, first: int) -> Nest:
        loops = (
            (groups, width * output_stride, kernel.channels * taps * width),
            (inputs[0], inputs[1], taps * width),
            (rows[0], rows[1], columns[0] * width),
            (columns[0], columns[1], width),
            (lanes, output_stride, 1),
        )
        return Nest(loops, start + first * width * output_stride, first * kernel.channels * taps * width)

    whole, left = divmod(outputs, width)
    return tuple(([nest(whole, width, 0)] if whole else []) + ([nest(1, left, whole)] if left else []))


def gradient_sum(runs: Runs, block: int, vectors_lanes: int, shape: Shape4, by_channel: bool) -> tuple[Nest, ...]:
    """A sum of weight gradients → (k, c, r, s).

    Sums lie by output channel ([k][run], `by_channel`) or by vectors of them ([vectors][run][lane]).
    """
    k, c, r, s = shape
    at = strides_of(shape)
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
        return Nest(loops, source, start * lanes * at[0] + first * block * at[1])

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


def matrix_weights(columns: int, inner: int, width: int, lanes: int, turned: bool = False) -> tuple[Nest, ...]:
    """(columns, inner), or (inner, columns) if `turned`, → [tile][inner][width], zeros after the last column."""
    column, step = (1, columns) if turned else (inner, 1)

    def nest(tiles: int, vectors: int, count: int, first: int) -> Nest:
        loops = (
            (tiles, width * column, inner * width),
            (vectors, lanes * column, lanes),
            (inner, step, width),
            (count, column, 1),
        )
        tile, lane = divmod(first, width)
        return Nest(loops, first * column, tile * width * inner + lane)

    tiles, left = divmod(columns, width)
    vectors, rest = divmod(left, lanes)
    nests = [(tiles, width // lanes, lanes, 0), (1, vectors, lanes, columns - left), (1, 1, rest, columns - rest)]
    return tuple(nest(*each) for each in nests if 0 not in each[:3])


def line(size: int, start: int = 0, to: int = 0) -> tuple[Nest, ...]:
    """`size` neighbours, from `start` on, as they are, to `to`."""
    return (Nest(((1, 0, 0), (size, 1, 1)), start, to),)
