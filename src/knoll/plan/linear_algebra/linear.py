"""Lowering of linear layers and their gradients to matrix products."""

from __future__ import annotations

from dataclasses import replace
from math import prod

from knoll.graph import Node, Value
from knoll.kernels.elementwise.epilogue import Epilogue
from knoll.kernels.layout.layout import Images
from knoll.kernels.linear_algebra.dot_products import DotProducts
from knoll.kernels.linear_algebra.linear_weight_gradient import LinearWeightGradient
from knoll.kernels.linear_algebra.matmul import Matmul
from knoll.plan import matrix_packing
from knoll.plan.buffer_map import images_of
from knoll.plan.fusion.elementwise_fusion import FusedElementwise, fuse_elementwise
from knoll.plan.lowering_state import Lowering
from knoll.plan.plan import Buffer

# Lanes along the inner dimension: cycles for each column of joining its lanes, and the most of the cycles otherwise
JOINING = 4
MOST = 0.8
# Weights that are trained would be packed in every step: vectors of the inner dimension from which it is better to join
# lanes, and columns whose sums fit the registers with those of four rows
LONG, BLOCK, MANY_REGISTERS = 24, 6, 32
MIN_VECTOR_BYTES = 32  # narrower vectors have no masks


def linear(lowering: Lowering, node: Node) -> None:
    """x · wᵀ (+ bias), with the elementwise operations that are fused."""
    x, w, *bias = node.inputs
    outputs, inputs = w.spec.shape
    _product(lowering, x, w, node.outputs[0], (inputs, outputs), bias)


def linear_dx(lowering: Lowering, node: Node) -> None:
    """dy · w."""
    dy, w = node.inputs
    _product(lowering, dy, w, node.outputs[0], w.spec.shape, [], transposed=True)


def _product(
    lowering: Lowering,
    x: Value,
    w: Value,
    y: Value,
    sizes: tuple[int, ...],
    bias: list[Value],
    transposed: bool = False,
) -> None:
    """Rows of `inner` numbers times w packed; `transposed` if w is (inner, columns) and not (columns, inner)."""
    inner, columns = sizes
    fused = fuse_elementwise(lowering, y, channels=y.spec.rank == 2)  # of more axes, the last is not that of channels
    epilogue, operands = row_epilogue(lowering, fused, columns)
    rows = rows_of(x)
    kernel: Matmul | DotProducts
    block = 0 if transposed else _columns_at_once(lowering, w, columns, inner)
    if block:
        kernel = lowering.kernel(DotProducts, inner, columns, rows, bias=bool(bias), epilogue=epilogue, block=block)
        weights = lowering.unbatched[w]
    else:
        kernel = lowering.kernel(Matmul, inner, columns, rows, bias=bool(bias), epilogue=epilogue)
        width = kernel.vectors * kernel.lanes
        nests = matrix_packing.matrix_weights(columns, inner, width, kernel.lanes, transposed)
        weights = lowering.pack(w, nests, kernel.parts * width * inner)
    buffers = [lowering.buffers.plain(x), weights, lowering.buffers.new(fused.value, images_of(fused.value))]
    lowering.step(kernel, *buffers, *(lowering.unbatched[b] for b in bias), *operands)


def _columns_at_once(lowering: Lowering, w: Value, columns: int, inner: int) -> int:
    """How many columns of weights that are not packed are taken together; none where packed ones are faster."""
    if are_few(columns, inner, lowering):
        return columns
    is_long = inner >= LONG * lowering.lanes and lowering.machine.registers >= MANY_REGISTERS
    return BLOCK if is_long and lowering.is_trained(w) else 0


def are_few(columns: int, inner: int, lowering: Lowering) -> bool:
    """Whether lanes along the inner dimension take fewer cycles than lanes along columns, most of which stand idle."""
    lanes, has_masks = lowering.lanes, lowering.machine.vector_bytes >= MIN_VECTOR_BYTES
    return has_masks and columns <= lanes and columns * (inner / lanes + JOINING) <= MOST * inner


def linear_dw(lowering: Lowering, node: Node) -> None:
    """dyᵀ · x over the whole batch, in the combining phase."""
    dy, x = node.inputs
    outputs, inputs = node.specs[0].shape
    kernel = lowering.kernel(LinearWeightGradient, outputs, inputs, rows_of(x))
    sources = lowering.buffers.plain(dy), lowering.buffers.plain(x)
    lowering.combining_step(kernel, *sources, lowering.unbatched_result(node.outputs[0]))


def rows_of(x: Value) -> int:
    """How many rows each sample has."""
    return prod(x.spec.shape[1:-1])


def row_epilogue(lowering: Lowering, fused: FusedElementwise, columns: int) -> tuple[Epilogue, list[Buffer]]:
    """The epilogue and its buffers, with operands seen as one row of `columns` features each."""
    epilogue, buffers = fused.epilogue(lowering, images_of(fused.value))
    row = Images(columns, 1, 1)
    return replace(epilogue, operands=tuple(row if isinstance(o, Images) else o for o in epilogue.operands)), buffers


def fits(node: Node) -> bool:
    """The first axis is that of samples."""
    return node.inputs[0].spec.rank >= 2
