"""Where a convolution is computed by Winograd's algorithm, and how its weights are prepared."""

from __future__ import annotations

import os
from math import prod

from knoll.errors import ArgumentError
from knoll.graph import Value
from knoll.graph.sizes import Pair, ceil_div
from knoll.kernels.convolution.cook_toom import transforms2d
from knoll.kernels.convolution.taps import Taps
from knoll.kernels.convolution.winograd import (
    MOST_OUTPUTS,
    WinogradConvolution,
    are_large,
    outputs_of,
    tiles_at_once,
)
from knoll.kernels.convolution.winograd_weight_gradient import WinogradWeightGradient, dividing
from knoll.kernels.convolution.winograd_weights import WinogradWeights
from knoll.kernels.layout.layout import Images
from knoll.kernels.reduction.sums import CombineGroups
from knoll.messages import say
from knoll.plan.buffer_map import images_in, value_name
from knoll.plan.convolution.clipped_window import ClippedWindow
from knoll.plan.lowering_state import Lowering
from knoll.plan.plan import Buffer, Kind

_ALLOWED = ("", "on", "1", "yes")
_FORBIDDEN = ("off", "0", "no")

# The transforms pay only where there are enough channels, and enough multiplications are saved.
MIN_CHANNELS = 16  # of input; fewer channels of the caller's may do
MIN_OUTPUTS = 8  # channels of output: the classes of a segmentation
MIN_CHANNEL_PAIRS = 512  # of an input and an output channel
MOST_TAPS = 5  # rows and columns of a window, or of each of its polyphase components: more would round more
MOST_TAPS_ALONE = 7  # where it has one row or column
MIN_SAVING = 1.1  # times fewer cycles
# The same with few channels of input, which fill a small part of their vectors; second where two multiply-adds begin in
# a cycle, as the transforms then take a larger part of the time.
MIN_SAVING_OF_FEW = 1.3, 1.5
BATCHES, TRAINED_BATCHES = (1, 16), (16, 64)  # one plan serves both: what is saved in the mean counts

# Measured on a Zen 4: what a transform takes for each point of a vector, and how fast weights come from which cache.
TRANSFORM = 4.0  # cycles
WINDOW = 3.0  # cycles of the weight transform, for each point of a vector
STORE = 2.0  # cycles of a vector of products, which only with few channels takes as long as the products themselves
DW_TILE = 1.4  # cycles of a weight gradient for each point of a vector and a tile, its transforms included
NEAR, FAR = 16, 8  # bytes in a cycle
STRIDED = 1.5  # times as long with a stride and few registers: for few outputs at a time points come from far
NEAR_SHARE = 0.75  # of the last cache that weights fill: more come from memory


def winograd_allowed() -> bool:
    """Whether fast convolution may be used: `KNOLL_WINOGRAD=off` forbids it. Raises ArgumentError for other words."""
    named = os.environ.get("KNOLL_WINOGRAD", "")
    if named.lower() not in (*_ALLOWED, *_FORBIDDEN):
        raise ArgumentError(say("plan.winograd"), expected=", ".join((*_ALLOWED[1:], *_FORBIDDEN)), got=named)
    return named.lower() in _ALLOWED


def winograd_pays(
    lowering: Lowering, w: Value, source: Images, size: Pair, taps: Taps, pool: Pair, trains: bool = False
) -> bool:
    """Whether Winograd's algorithm is allowed and pays.

    Channels fill the vectors on both sides, and enough multiplications are saved to pay for the transforms. Tiles of
    two rows or columns pay for the large batches of a network that `trains`, not for a few samples, for which the
    weights take longer to transform than to multiply.
    """
    outputs = outputs_of(size, taps)
    if outputs is None or not (trains or _are_long(outputs, taps.count)):
        return False
    if any(n % p for n, p in zip(outputs, pool, strict=True)) or (taps.dilation != (1, 1) and pool != (1, 1)):
        return False
    if not (winograd_allowed() and _is_simple(taps) and source.block == lowering.lanes):
        return False
    k, c = w.spec.shape[:2]
    few = c < MIN_CHANNELS
    if k < MIN_OUTPUTS or (k * c < MIN_CHANNEL_PAIRS and not few):
        return False
    direct, batches = _direct_cycles(lowering, size, taps), TRAINED_BATCHES if trains else BATCHES
    saved = [direct / _cycles(lowering, (k, c), size, taps, n, outputs) for n in batches]
    least = MIN_SAVING_OF_FEW[lowering.machine.multiply_adds > 1] if few else MIN_SAVING
    return prod(saved) >= least ** len(saved)


def winograd_dw_pays(lowering: Lowering, window: ClippedWindow, source: Images, output: Images) -> bool:
    """Whether a weight gradient is computed by Winograd's algorithm: as above, and tiles divide the output."""
    (k, c, *_), taps = window.weights, window.taps
    size = output.h, output.w
    outputs, fills = dividing(size, taps.count), not (k % lowering.lanes or c % lowering.lanes)
    simple = _is_simple(taps) and taps.dilation == (1, 1) and window.is_whole
    if outputs is None or not (winograd_allowed() and simple and fills and source.block == lowering.lanes):
        return False
    if k * c < MIN_CHANNEL_PAIRS:
        return False
    saved = [_direct_cycles(lowering, size, taps) * n / _dw_cycles(lowering, size, taps, n, outputs) for n in BATCHES]
    return prod(saved) >= MIN_SAVING ** len(saved)


def _dw_cycles(lowering: Lowering, size: Pair, taps: Taps, samples: int, outputs: Pair) -> float:
    """An estimate of the cycles for one input and output channel: products, transforms of tiles and of the sums."""
    points = transforms2d(outputs, taps.count, taps.stride).points
    tiles = prod(size) // prod(outputs) * samples
    return (DW_TILE * tiles + TRANSFORM) * points / lowering.lanes


def _direct_cycles(lowering: Lowering, size: Pair, taps: Taps) -> float:
    """An estimate of the cycles of a direct convolution for one sample, input and output channel."""
    return prod(size) * prod(taps.count) / lowering.lanes


def _cycles(lowering: Lowering, channels: Pair, size: Pair, taps: Taps, samples: int, outputs: Pair) -> float:
    """The same for Winograd's algorithm: products, or reading their weights if that takes longer, and transforms."""
    lanes, of_weight = lowering.lanes, lowering.machine.vector_bytes // lowering.lanes
    points = transforms2d(outputs, taps.count, taps.stride).points
    tiles = prod(d * ceil_div(ceil_div(n, d), m) for n, d, m in zip(size, taps.dilation, outputs, strict=True))
    at_points = points * of_weight * prod(channels)
    passes = ceil_div(tiles * samples, tiles_at_once(lowering.machine, at_points)) / samples
    read = (prod(taps.count) if are_large(lowering.machine, at_points) else points) * of_weight
    speed = NEAR if read * prod(channels) <= NEAR_SHARE * lowering.machine.caches.last else FAR
    windows = WINDOW * points / lanes * passes if are_large(lowering.machine, at_points) else 0.0
    transformed = TRANSFORM * points * tiles / lanes * sum(1 / n for n in channels)
    if channels[1] < MIN_CHANNELS:
        written, read_in = (ceil_div(n, lanes) for n in channels)
        transformed = points * tiles * (TRANSFORM * (read_in + written) + STORE * written) / prod(channels)
    every = max(points * tiles / lanes, read * passes / speed) + transformed + windows
    return every * STRIDED if taps.stride != (1, 1) and not lowering.machine.has_many_registers else every


def _is_simple(taps: Taps) -> bool:
    """Whether there are transforms for the window: each of its polyphase components has taps, and not too many."""
    most = MOST_TAPS_ALONE if 1 in taps.count else MOST_TAPS
    fits = all(step <= r <= most * step for r, step in zip(taps.count, taps.stride, strict=True))
    return fits and taps.count != (1, 1) and (1, 1) in (taps.stride, taps.dilation)


def _are_long(outputs: Pair, taps: Pair) -> bool:
    """Whether tiles have the most outputs along each axis where a window has several taps."""
    return all(n == MOST_OUTPUTS for n, r in zip(outputs, taps, strict=True) if r > 1)


def winograd_operands(lowering: Lowering, kernel: WinogradConvolution, packed: Buffer) -> tuple[Buffer, Buffer]:
    """The buffers of the weights as the kernel reads them, and of temporary memory."""
    temporary = lowering.buffer(Kind.TEMPORARY, kernel.workspace, "temporary")
    if kernel.transforms_weights:
        return packed, temporary
    transform = lowering.kernel(
        WinogradWeights, kernel.taps.count, kernel.channels, kernel.components.count * kernel.groups, kernel.vectors,
        kernel.outputs, kernel.taps.stride,
    )  # fmt: skip
    points = lowering.buffer(packed.kind, transform.size, "points")
    lowering.packing_step(transform, packed, points)
    return points, temporary


def winograd_dw(lowering: Lowering, dw: Value, source: Buffer, gradient: Buffer, taps: Taps) -> None:
    """Draft the weight gradient by Winograd's algorithm."""
    whole = lowering.whole_batch()
    kernel = lowering.kernel(WinogradWeightGradient, images_in(source), images_in(gradient), taps, whole)
    temporary, result = lowering.buffer(Kind.TEMPORARY, kernel.workspace, "temporary"), lowering.unbatched_result(dw)
    if whole:
        lowering.combining_step(kernel, source, gradient, result, temporary)
        return
    group = lowering.buffer(Kind.PARTIAL, kernel.size, value_name(dw))
    lowering.step(kernel, source, gradient, group, temporary)
    lowering.combining_step(lowering.kernel(CombineGroups, kernel.size), group, result, combines=True)
