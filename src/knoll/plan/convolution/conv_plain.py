"""Convolutions from a plain input of the program to a plain output: nothing is laid out anew on either side."""

from __future__ import annotations

from knoll.graph import Node, Shape, Value
from knoll.kernels.convolution.depthwise_rows import MAX_STRIDE, DepthwiseRows, fills_vectors
from knoll.kernels.convolution.taps import Taps
from knoll.kernels.elementwise.epilogue import instructions
from knoll.plan.buffer_map import images_of
from knoll.plan.convolution.grouping import Grouping
from knoll.plan.fusion.elementwise_fusion import FusedElementwise
from knoll.plan.lowering_state import Lowering

MIN_LANES = 0.6  # share of the lanes that must be used
MAX_TAPS = 9  # of a window: larger ones gain more from full vectors than copies cost
MAX_WIDENING = 2  # outputs for each plain input, where tiles of few registers read them: for more a copy pays
MAX_CHANNELS = 255  # of plain inputs there
MAX_TERMS = 20  # instructions that follow each sum: more are better evaluated in a loop
MIN_VECTOR_BYTES = 32  # narrower vectors have no masks


def between_plain_images(lowering: Lowering, x: Value, fused: FusedElementwise) -> bool:
    """Whether x and the result belong to the caller, and no other step reads either."""
    y = fused.value
    given = x.node is None and x in lowering.batch and x not in lowering.buffers.outputs
    alone = len(lowering.graph.readers.get(x, ())) == 1 and y not in lowering.graph.readers
    return given and alone and y in lowering.buffers.outputs and not fused.operands


def reads_plain(lowering: Lowering, x: Value, node: Node, weights: Shape) -> bool:
    """Whether a dense convolution broadcasts its inputs from the caller's x: one tap, no padding, no other reader.

    A tile reads a cache line or two of each channel. With few registers it has few pixels, and the lines of many
    channels do not stay in the first-level cache for the tiles beside it.
    """
    single = weights[2:] == (1, 1) and not any(map(any, node.attributes["padding"])) and node.attributes["groups"] == 1
    near = weights[0] <= MAX_WIDENING * weights[1] and weights[1] <= MAX_CHANNELS
    alone = x.node is None and x in lowering.batch and len(lowering.graph.readers.get(x, ())) == 1
    return single and (near or lowering.machine.has_many_registers) and alone


def writes_plain(lowering: Lowering, fused: FusedElementwise) -> bool:
    """Whether a dense convolution writes the caller's y: it has no other reader, and whole vectors of channels.

    Without masks the few pixels of a tile are stored in pieces, which takes longer than a second step.
    """
    y, operands = fused.value, len(fused.operands)
    wanted = y in lowering.buffers.outputs and y not in lowering.graph.readers
    fits = y.spec.shape[1] % lowering.lanes == 0 and not any(value in lowering.batch for value in fused.operands)
    short = instructions(fused.terms, 1 + operands, lowering.machine, y.spec.dtype) <= MAX_TERMS
    return wanted and fits and short and lowering.machine.masks


def depthwise_by_rows(lowering: Lowering, node: Node, grouping: Grouping, taps: Taps, fused: FusedElementwise) -> bool:
    """Draft a depthwise convolution whose lanes run along columns, where that pays."""
    x, w, *bias = node.inputs
    target = images_of(fused.value)
    fits = grouping.per_group == (1, 1) and taps.stride[1] <= MAX_STRIDE and taps.count[0] * taps.count[1] <= MAX_TAPS
    wide = lowering.machine.vector_bytes >= MIN_VECTOR_BYTES and fills_vectors(target.w, lowering.lanes, MIN_LANES)
    if not (fits and wide and between_plain_images(lowering, x, fused)):
        return False
    epilogue, _ = fused.epilogue(lowering, target)
    kernel = lowering.kernel(DepthwiseRows, images_of(x), target, taps, bias=bool(bias), epilogue=epilogue)
    unpacked = [lowering.unbatched[value] for value in (w, *bias)]
    lowering.step(
        kernel, lowering.buffers.plain(x), unpacked[0], lowering.buffers.new(fused.value, target), *unpacked[1:]
    )
    return True
