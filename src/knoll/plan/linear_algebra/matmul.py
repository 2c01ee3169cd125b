"""Lowering of batched matmul: operands and result are strided views, so permuted axes are not copied."""

from __future__ import annotations

from math import prod

from knoll.graph import Node, Value
from knoll.kernels.layout.copy import Loop
from knoll.kernels.linear_algebra.batched_matmul import BatchedMatmul, MatrixStrides
from knoll.plan.buffer_map import images_of
from knoll.plan.fusion.elementwise_fusion import fuse_elementwise
from knoll.plan.linear_algebra.linear import row_epilogue
from knoll.plan.lowering_state import Lowering
from knoll.plan.shapes import permute
from knoll.plan.strided_view import StridedView, coalesced, strides_of


def matmul(lowering: Lowering, node: Node) -> None:
    """A matmul for each index of the axes before the last two."""
    (*front, rows, inner), columns = node.inputs[0].spec.shape, node.inputs[1].spec.shape[-1]
    left, right = (_readable_view(lowering, x, contiguous_columns=x is node.inputs[1]) for x in node.inputs)
    fused = fuse_elementwise(lowering, node.outputs[0], channels=False)
    epilogue, operands = row_epilogue(lowering, fused, columns)
    target = permute.output_view(lowering, fused.value, lambda view: view.strides[-1] == 1 and _has_one_stride(view))
    kernel = lowering.kernel(BatchedMatmul, prod(front[1:]), rows, inner, columns,
        _strides(left), _strides(right), _strides(target), epilogue,
    )  # fmt: skip
    sources = lowering.buffers.plain(left.base), lowering.buffers.plain(right.base)
    result = lowering.buffers.new(target.base, images_of(target.base))
    lowering.step(kernel, *sources, result, *operands)


def fits(node: Node) -> bool:
    """Equal batch axes on both sides; nothing is broadcast."""
    a, b = (x.spec.shape for x in node.inputs)
    return len(a) == len(b) > 2 and a[:-2] == b[:-2]


def _readable_view(lowering: Lowering, x: Value, contiguous_columns: bool) -> StridedView:
    """The view of x if the kernel can read it: one stride from matrix to matrix, and perhaps columns of stride 1."""
    view = lowering.view(x)
    return (
        view
        if _has_one_stride(view) and (view.strides[-1] == 1 or not contiguous_columns)
        else StridedView.contiguous(x)
    )


def _has_one_stride(view: StridedView) -> bool:
    """Whether the axes before rows and columns have one common stride."""
    return len(_batch_loops(view)) == 1


def _batch_loops(view: StridedView) -> list[Loop]:
    return coalesced(view.shape[:-2], view.strides[:-2], strides_of(view.shape[:-2]))


def _strides(view: StridedView) -> MatrixStrides:
    ((_, matrix, _),) = _batch_loops(view)
    *_, row, column = view.strides
    return MatrixStrides(images_of(view.base).size, matrix, row, column, view.start)
