"""Which operations have kernels: for each the shapes that fit, and the steps that it becomes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from knoll.graph import Node
from knoll.plan import (
    batch_norm,
    concatenate,
    conv,
    elementwise,
    linear,
    losses,
    matmul,
    max_pool,
    max_unpool,
    reduce,
    resample,
    reshape,
    softmax,
    views,
)
from knoll.plan.lowering import Lowering


def anything(_: Node) -> bool:
    """All shapes have a kernel."""
    return True


def nothing(_lowering: Lowering, _node: Node) -> None:
    """Any layout of the operands will do."""


@dataclass(frozen=True)
class Operation:
    """An operation that has kernels.

    steps     drafts the steps of a node
    fits      whether there is a kernel for the shapes of a node
    request_layouts  requests the layouts in which operands will be read, so that they are written with a halo
    """

    steps: Callable[[Lowering, Node], None]
    fits: Callable[[Node], bool] = anything
    request_layouts: Callable[[Lowering, Node], None] = nothing


OPERATIONS: dict[str, Operation] = {
    "prelu": Operation(elementwise.pointwise, elementwise.fits_slopes),
    "prelu_dx": Operation(elementwise.pointwise, elementwise.fits_slopes),
    "conv2d": Operation(conv.conv2d, request_layouts=conv.request_layouts),
    "conv2d_dx": Operation(conv.conv2d_dx, request_layouts=conv.request_layouts_dx),
    "conv_transpose2d": Operation(conv.conv2d_dx, request_layouts=conv.request_layouts_dx),
    "conv2d_dw": Operation(conv.conv2d_dw, request_layouts=conv.request_layouts_dw),
    "max_pool2d": Operation(max_pool.pool, max_pool.fits),
    "adaptive_max_pool2d": Operation(max_pool.pool, max_pool.fits),
    "max_pool2d_dx": Operation(max_pool.pool_dx, max_pool.fits),
    "max_unpool2d": Operation(max_unpool.unpool, max_unpool.fits),
    "max_unpool2d_dx": Operation(max_unpool.unpool_dx, max_unpool.fits),
    "resample2d": Operation(resample.resample2d, request_layouts=resample.request_layouts, fits=resample.fits),
    "linear": Operation(linear.linear, linear.fits),
    "linear_dx": Operation(linear.linear_dx, linear.fits),
    "linear_dw": Operation(linear.linear_dw, linear.fits),
    "matmul": Operation(matmul.matmul, matmul.fits),
    "reshape": Operation(reshape.reshape, reshape.fits),
    "permute": Operation(views.permute, views.fits),
    "convert": Operation(reshape.convert, reshape.fits_convert),
    "stop_gradient": Operation(reshape.reshape),
    "sum": Operation(reduce.total, reduce.fits),
    "mean": Operation(reduce.mean, reduce.fits_mean),
    "spread": Operation(reduce.spread, reduce.fits_spread),
    "cross_entropy": Operation(losses.cross_entropy, losses.fits),
    "cross_entropy_dx": Operation(losses.cross_entropy_dx, losses.fits_dx),
    "nll": Operation(losses.nll, losses.fits),
    "nll_dx": Operation(losses.nll_dx, losses.fits),
    "label_sum": Operation(losses.label_sum, losses.fits_sum),
    "softmax": Operation(softmax.softmax, softmax.fits),
    "softmax_dx": Operation(softmax.softmax_dx, softmax.fits),
    "log_softmax": Operation(softmax.softmax, softmax.fits),
    "log_softmax_dx": Operation(softmax.softmax_dx, softmax.fits),
    "glu": Operation(softmax.glu, softmax.fits),
    "glu_dx": Operation(softmax.glu_dx, softmax.fits),
    "concatenate": Operation(concatenate.concatenate, concatenate.fits),
    "split": Operation(concatenate.split, concatenate.fits_split),
    "batch_statistics": Operation(batch_norm.batch_statistics, batch_norm.fits),
    "batch_norm": Operation(elementwise.pointwise, batch_norm.fits),
    "batch_norm_sums": Operation(batch_norm.batch_norm_sums, batch_norm.fits),
    "batch_norm_dx": Operation(batch_norm.batch_norm_dx, batch_norm.fits),
    "batch_norm_through": Operation(elementwise.pointwise, batch_norm.fits),
    "running_average": Operation(batch_norm.running_average),
    "fold_weight": Operation(batch_norm.fold_weight),
    "fold_bias": Operation(batch_norm.fold_bias),
}


ELEMENTWISE = Operation(elementwise.pointwise, elementwise.fits)


def operation_of(node: Node) -> Operation | None:
    """How a node becomes steps; None if it has no kernel. A formula is all that an elementwise operation needs."""
    return OPERATIONS.get(node.op.name, ELEMENTWISE if node.op.formula else None)
