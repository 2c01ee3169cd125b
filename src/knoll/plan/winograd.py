"""Where a convolution is computed by Winograd's algorithm, and how its weights are prepared."""

from __future__ import annotations

import os

from knoll.errors import ArgumentError
from knoll.graph import Value
from knoll.graph.sizes import Pair, ceil_div
from knoll.kernels.convolution.direct import Taps
from knoll.kernels.convolution.winograd import OUTPUTS, WinogradConvolution, WinogradWeights
from knoll.kernels.layout.layout import Images
from knoll.messages import say
from knoll.plan.lowering import Lowering
from knoll.plan.phase_key import PREPARE
from knoll.plan.plan import Buffer, Kind

_ALLOWED = ("", "on", "1", "yes")
_FORBIDDEN = ("off", "0", "no")

# The transforms pay only where there are enough channels, and enough multiplications are saved.
MIN_CHANNELS = 16  # of input and of output
MIN_CHANNEL_PAIRS = 512  # of an input and an output channel
MIN_SAVING = 1.8  # times fewer multiplications


def winograd_allowed() -> bool:
    """Whether fast convolution may be used: `KNOLL_WINOGRAD=off` forbids it. Raises ArgumentError for other words."""
    named = os.environ.get("KNOLL_WINOGRAD", "")
    if named.lower() not in (*_ALLOWED, *_FORBIDDEN):
        raise ArgumentError(say("plan.winograd"), expected=", ".join((*_ALLOWED[1:], *_FORBIDDEN)), came=named)
    return named.lower() in _ALLOWED


def winograd_pays(lowering: Lowering, w: Value, source: Images, size: Pair, taps: Taps, pool: Pair) -> bool:
    """Whether Winograd's algorithm is allowed and pays.

    The window is square with stride 1, channels fill the vectors on both sides, and enough multiplications are saved to
    pay for the transforms.
    """
    r, s = taps.count
    simple = taps.stride == taps.dilation == (1, 1) and r == s and r in (3, 5) and all(OUTPUTS % p == 0 for p in pool)
    if not (winograd_allowed() and simple and source.block == lowering.lanes and min(size) >= OUTPUTS):
        return False
    tiles = ceil_div(size[0], OUTPUTS) * ceil_div(size[1], OUTPUTS)
    saved = size[0] * size[1] * r * s / (tiles * (OUTPUTS + r - 1) ** 2)
    k, c = w.spec.shape[:2]
    return min(k, c) >= MIN_CHANNELS and k * c >= MIN_CHANNEL_PAIRS and saved >= MIN_SAVING


def winograd_operands(lowering: Lowering, kernel: WinogradConvolution, packed: Buffer) -> tuple[Buffer, Buffer]:
    """The buffers of the transformed weights, computed whenever parameters change, and of temporary memory."""
    transform = lowering.kernel(WinogradWeights, kernel.taps.count[0], kernel.channels, kernel.parts, kernel.vectors)
    points = lowering.buffer(Kind.PACKED, transform.size, "points")
    lowering.draft.step(PREPARE, transform, packed, points)
    return points, lowering.buffer(Kind.TEMPORARY, kernel.workspace, "temporary")
