"""Convolutions from a plain input of the program to a plain output: nothing is laid out anew on either side."""

from __future__ import annotations

from dataclasses import replace

from knoll.graph import Node, Shape, Value
from knoll.kernels.convolution.row_convolution import MAX_STRIDE, RowConvolution, fills_vectors
from knoll.kernels.convolution.taps import Taps
from knoll.kernels.elementwise.epilogue import instructions
from knoll.ops.shapes.reshape import reshape
from knoll.plan.buffer_map import images_of
from knoll.plan.convolution.grouping import Grouping
from knoll.plan.fusion.elementwise_fusion import FusedElementwise, fuse_elementwise
from knoll.plan.lowering_state import Lowering

MIN_LANES = 0.6  # share of the lanes that must be used
MAX_TAPS = 9  # of a depthwise window: larger ones gain more from full vectors than copies cost
MAX_UNROLLED = 400  # multiply-adds of a tile of a row convolution: more take long to compile
MAX_WIDENING = 2  # outputs for each plain input, where tiles of few registers read them: for more a copy pays
MAX_CHANNELS = 255  # of plain inputs there
MAX_TERMS = 20  # instructions that follow each sum: more are better evaluated in a loop
MIN_EMPTY = 2  # lanes for each output channel of a dense convolution
MIN_VECTOR_BYTES = 32  # narrower vectors have no masks


def between_plain_images(lowering: Lowering, x: Value, y: Value) -> bool:
    """Whether x is the caller's and the caller alone gets y, or what functions of one operand make of it.

    Each may be of another shape there, as sequences are images of one row.
    """
    while x.node is not None and x.node.op is reshape and _has_one_reader(lowering, x):
        (x,) = x.node.inputs
    while (reader := lowering.only_reader(y)) is not None and (reader.op.formula is not None or reader.op is reshape):
        if len(reader.inputs) > 1:
            return False
        (y,) = reader.outputs
    given = x.node is None and x in lowering.batch and x not in lowering.buffers.outputs
    return given and _has_one_reader(lowering, x) and y in lowering.buffers.outputs and y not in lowering.graph.readers


def _has_one_reader(lowering: Lowering, value: Value) -> bool:
    return len(lowering.graph.readers.get(value, ())) == 1


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


def convolution_by_rows(lowering: Lowering, node: Node, grouping: Grouping, taps: Taps) -> bool:
    """Draft a convolution whose lanes run along columns, where that pays."""
    x, w, *bias = node.inputs
    y, per_group = node.outputs[0], (grouping.outputs, grouping.inputs)
    kernel = lowering.kernel(RowConvolution, images_of(x), images_of(y), taps, per_group, bias=bool(bias))
    if not (_fills_lanes(kernel) and between_plain_images(lowering, x, y)):
        return False
    fused = fuse_elementwise(lowering, y)
    kernel = replace(kernel, epilogue=fused.epilogue(lowering, kernel.target)[0])
    unpacked = [lowering.unbatched[value] for value in (w, *bias)]
    target = lowering.buffers.new(fused.value, kernel.target)
    lowering.step(kernel, lowering.buffers.plain(x), unpacked[0], target, *unpacked[1:])
    return True


def _fills_lanes(kernel: RowConvolution) -> bool:
    """Whether vectors of columns are full where those of output channels are not, or would have to be copied."""
    fits = kernel.window <= MAX_TAPS if kernel.per_group == (1, 1) and kernel.groups > 1 else _has_few_outputs(kernel)
    wide = kernel.machine.vector_bytes >= MIN_VECTOR_BYTES and kernel.taps.stride[1] <= MAX_STRIDE
    return fits and wide and kernel.work > 0 and fills_vectors(kernel.target.w, kernel.lanes, MIN_LANES)


def _has_few_outputs(kernel: RowConvolution) -> bool:
    """Whether a dense convolution has outputs for a part of a vector; inputs of a window may fill one, but no more."""
    (outputs, inputs), tile = kernel.per_group, kernel.rows * kernel.vectors * kernel.window
    most = kernel.lanes if kernel.machine.has_many_registers else kernel.lanes // 2
    few = outputs * MIN_EMPTY <= kernel.lanes and (kernel.window == 1 or inputs <= most)
    return kernel.groups == 1 and few and outputs * tile <= MAX_UNROLLED
