"""Where a convolution is computed by Winograd's algorithm, and how its weights are prepared."""

from __future__ import annotations

import os
from math import prod

from knoll.errors import ArgumentError
from knoll.graph import Value
from knoll.graph.sizes import Pair, ceil_div
from knoll.kernels.convolution.cook_toom import transforms
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

WINDOWS = (3, 3), (5, 5)

# The transforms pay only where there are enough channels, and enough multiplications are saved.
MIN_CHANNELS = 16  # of input; fewer channels of the caller's may do
MIN_OUTPUTS = 8  # channels of output: the classes of a segmentation
MIN_CHANNEL_PAIRS = 512  # of an input and an output channel
MIN_SAVING = 1.1  # times fewer cycles
MIN_SAVING_OF_FEW = 1.5  # with few channels of input, which fill a small part of their vectors
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

    The window is square with a stride of one or two, channels fill the vectors on both sides, and enough
    multiplications are saved to pay for the transforms. Tiles of 2×2 pay for the large batches of a network that
    `trains`, not for a few samples, for which the weights take longer to transform than to multiply.
    """
    outputs = outputs_of(size, taps.dilation)
    if outputs is None or (outputs < MOST_OUTPUTS and not trains):
        return False
    if any(outputs % p for p in pool) or (taps.dilation != (1, 1) and pool != (1, 1)):
        return False
    if not (winograd_allowed() and _is_simple(taps) and source.block == lowering.lanes):
        return False
    k, c = w.spec.shape[:2]
    few = c < MIN_CHANNELS
    if k < MIN_OUTPUTS or (k * c < MIN_CHANNEL_PAIRS and not few):
        return False
    direct, batches = _direct_cycles(lowering, size, taps), TRAINED_BATCHES if trains else BATCHES
    saved = [direct / _cycles(lowering, (k, c), size, taps, n, outputs) for n in batches]
    return prod(saved) >= (MIN_SAVING_OF_FEW if few else MIN_SAVING) ** len(saved)


def winograd_dw_pays(lowering: Lowering, window: ClippedWindow, source: Images, output: Images) -> bool:
    """Whether a weight gradient is computed by Winograd's algorithm: as above, and tiles divide the output."""
    (k, c, *_), taps = window.weights, window.taps
    size = output.h, output.w
    outputs, fills = dividing(size), not (k % lowering.lanes or c % lowering.lanes)
    simple = taps.count in WINDOWS and taps.stride == taps.dilation == (1, 1) and window.is_whole
    if outputs is None or not (winograd_allowed() and simple and fills and source.block == lowering.lanes):
        return False
    if k * c < MIN_CHANNEL_PAIRS:
        return False
    saved = [_direct_cycles(lowering, size, taps) * n / _dw_cycles(lowering, size, taps, n, outputs) for n in BATCHES]
    return prod(saved) >= MIN_SAVING ** len(saved)


def _dw_cycles(lowering: Lowering, size: Pair, taps: Taps, samples: int, outputs: int) -> float:
    """An estimate of the cycles for one input and output channel: products, transforms of tiles and of the sums."""
    points = transforms(outputs, taps.count[0]).size ** 2
    tiles = prod(size) // outputs**2 * samples
    return (DW_TILE * tiles + TRANSFORM) * points / lowering.lanes


def _direct_cycles(lowering: Lowering, size: Pair, taps: Taps) -> float:
    """An estimate of the cycles of a direct convolution for one sample, input and output channel."""
    return prod(size) * prod(taps.count) / lowering.lanes


def _cycles(lowering: Lowering, channels: Pair, size: Pair, taps: Taps, samples: int, outputs: int) -> float:
    """The same for Winograd's algorithm: products, or reading their weights if that takes longer, and transforms."""
    lanes, of_weight = lowering.lanes, lowering.machine.vector_bytes // lowering.lanes
    points = transforms(outputs, taps.count[0], taps.stride[0]).size ** 2
    tiles = prod(d * ceil_div(ceil_div(n, d), outputs) for n, d in zip(size, taps.dilation, strict=True))
    at_points = points * of_weight * prod(channels)
    passes = ceil_div(tiles * samples, tiles_at_once(lowering.machine, at_points)) / samples
    read = (prod(taps.count) if are_large(lowering.machine, at_points) else points) * of_weight
    speed = NEAR if read * prod(channels) <= NEAR_SHARE * lowering.machine.caches.last else FAR
    windows = WINDOW * points / lanes * passes if are_large(lowering.machine, at_points) else 0.0
    transformed = TRANSFORM * points * tiles / lanes * sum(1 / n for n in channels)
    if channels[1] < MIN_CHANNELS:
        outputs, inputs = (ceil_div(n, lanes) for n in channels)
        transformed = points * tiles * (TRANSFORM * (inputs + outputs) + STORE * outputs) / prod(channels)
    every = max(points * tiles / lanes, read * passes / speed) + transformed + windows
    return every * STRIDED if taps.stride != (1, 1) and not lowering.machine.has_many_registers else every


def _is_simple(taps: Taps) -> bool:
    """Whether there are transforms for the window."""
    moves = taps.stride == (1, 1) or (taps.stride == (2, 2) and taps.dilation == (1, 1))
    return moves and taps.count in WINDOWS


def winograd_operands(lowering: Lowering, kernel: WinogradConvolution, packed: Buffer) -> tuple[Buffer, Buffer]:
    """The buffers of the weights as the kernel reads them, and of temporary memory."""
    temporary = lowering.buffer(Kind.TEMPORARY, kernel.workspace, "temporary")
    if kernel.transforms_weights:
        return packed, temporary
    transform = lowering.kernel(
        WinogradWeights, kernel.taps.count[0], kernel.channels, kernel.groups, kernel.vectors, kernel.outputs,
        kernel.taps.stride[0],
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
