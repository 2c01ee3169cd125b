"""Products of matrices that both belong to samples as steps, read and written in whichever order their axes lie."""

from __future__ import annotations

from math import prod

from knoll.graph import Node, Value
from knoll.kernels.layout.copy import Loop
from knoll.kernels.matmul.products import Matrices, Products
from knoll.plan import permute
from knoll.plan.buffer_map import images_of
from knoll.plan.elementwise_fusion import fuse_elementwise
from knoll.plan.linear import of_rows
from knoll.plan.lowering import Lowering
from knoll.plan.strided_view import StridedView, coalesced, strides_of


def matmul(lowering: Lowering, node: Node) -> None:
    """One product for each place of the axes in front."""
    (*front, rows, inner), columns = node.inputs[0].spec.shape, node.inputs[1].spec.shape[-1]
    left, right = (_readable(lowering, x, side_by_side=x is node.inputs[1]) for x in node.inputs)
    fused = fuse_elementwise(lowering, node.outputs[0], channels=False)
    epilogue, operands = of_rows(lowering, fused, columns)
    target = permute.output_view(lowering, fused.value, lambda view: view.strides[-1] == 1 and _is_even(view))
    kernel = lowering.kernel(Products, prod(front[1:]), rows, inner, columns,
        _matrices(left), _matrices(right), _matrices(target), epilogue,
    )  # fmt: skip
    sources = lowering.buffers.plain(left.base), lowering.buffers.plain(right.base)
    result = lowering.buffers.new(target.base, images_of(target.base))
    lowering.step(kernel, *sources, result, *operands)


def fits(node: Node) -> bool:
    """As many matrices on both sides, some for each sample."""
    a, b = (x.spec.shape for x in node.inputs)
    return len(a) == len(b) > 2 and a[:-2] == b[:-2]


def _readable(lowering: Lowering, x: Value, side_by_side: bool) -> StridedView:
    """Where it lies if a kernel can read it there: matrices at equal distances, perhaps columns side by side."""
    view = lowering.view(x)
    return view if _is_even(view) and (view.strides[-1] == 1 or not side_by_side) else StridedView.contiguous(x)


def _is_even(view: StridedView) -> bool:
    """Whether all axes in front of rows and columns are as one."""
    return len(_front(view)) == 1


def _front(view: StridedView) -> list[Loop]:
    return coalesced(view.shape[:-2], view.strides[:-2], strides_of(view.shape[:-2]))


def _matrices(view: StridedView) -> Matrices:
    ((_, product, _),) = _front(view)
    *_, row, column = view.strides
    return Matrices(images_of(view.base).size, product, row, column, view.start)
