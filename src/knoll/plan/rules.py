"""The table of lowering rules: for each operation its supported shapes and the function that drafts its steps."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from knoll.graph import Node
from knoll.plan.activation import glu, softmax
from knoll.plan.convolution import conv, unfold
from knoll.plan.elementwise import elementwise
from knoll.plan.indexing import indexed
from knoll.plan.linear_algebra import linear, matmul
from knoll.plan.loss import class_losses
from knoll.plan.lowering_state import Lowering
from knoll.plan.normalisation import batch_norm, standardize
from knoll.plan.pooling import max_pool, max_unpool
from knoll.plan.reduction import axis_reduction, reduce
from knoll.plan.resample import resample, sample
from knoll.plan.shapes import concatenate, permute, reshape, slices, strided


def anything(_: Node) -> bool:
    """All shapes have a kernel."""
    return True


def nothing(_lowering: Lowering, _node: Node) -> None:
    """Request no layouts."""


@dataclass(frozen=True)
class LoweringRule:
    """How the nodes of an operation are lowered.

    steps            drafts the steps of a node
    fits             whether there is a kernel for the shapes of a node
    request_layouts  requests the layouts in which operands will be read, so that they are written with a halo
    """

    steps: Callable[[Lowering, Node], None]
    fits: Callable[[Node], bool] = anything
    request_layouts: Callable[[Lowering, Node], None] = nothing


RULES: dict[str, LoweringRule] = {
    "prelu": LoweringRule(elementwise.pointwise, elementwise.fits_slopes),
    "prelu_dx": LoweringRule(elementwise.pointwise, elementwise.fits_slopes),
    "conv2d": LoweringRule(conv.conv2d, request_layouts=conv.request_layouts),
    "conv2d_dx": LoweringRule(conv.conv2d_dx, request_layouts=conv.request_layouts_dx),
    "conv_transpose2d": LoweringRule(conv.conv2d_dx, request_layouts=conv.request_layouts_dx),
    "conv2d_dw": LoweringRule(conv.conv2d_dw, request_layouts=conv.request_layouts_dw),
    "max_pool2d": LoweringRule(max_pool.pool, max_pool.fits),
    "adaptive_max_pool2d": LoweringRule(max_pool.pool, max_pool.fits),
    "max_pool2d_dx": LoweringRule(max_pool.pool_dx, max_pool.fits),
    "max_unpool2d": LoweringRule(max_unpool.unpool, max_unpool.fits),
    "max_unpool2d_dx": LoweringRule(max_unpool.unpool_dx, max_unpool.fits),
    "take": LoweringRule(indexed.take, indexed.fits_take),
    "take_dx": LoweringRule(indexed.take_dx, indexed.fits_take),
    "gather": LoweringRule(indexed.gather, indexed.fits_gather),
    "gather_dx": LoweringRule(indexed.gather_dx, indexed.fits_gather),
    "embedding": LoweringRule(indexed.embedding, indexed.fits_embedding),
    "embedding_dw": LoweringRule(indexed.embedding_dw, indexed.fits_embedding),
    "labels_in_range": LoweringRule(reshape.reshape),
    "unfold2d": LoweringRule(unfold.unfold),
    "fold2d": LoweringRule(unfold.fold),
    "sample": LoweringRule(sample.sample, sample.fits),
    "sample_dx": LoweringRule(sample.sample_dx, sample.fits),
    "sample_dw": LoweringRule(sample.sample_dw, sample.fits),
    "resample2d": LoweringRule(resample.resample2d, request_layouts=resample.request_layouts, fits=resample.fits),
    "linear": LoweringRule(linear.linear, linear.fits),
    "linear_dx": LoweringRule(linear.linear_dx, linear.fits),
    "linear_dw": LoweringRule(linear.linear_dw, linear.fits),
    "matmul": LoweringRule(matmul.matmul, matmul.fits),
    "reshape": LoweringRule(reshape.reshape),
    "permute": LoweringRule(permute.permute),
    "convert": LoweringRule(reshape.convert, reshape.fits_convert),
    "stop_gradient": LoweringRule(reshape.reshape),
    "sum": LoweringRule(reduce.sum_, reduce.fits),
    "mean": LoweringRule(reduce.mean, reduce.fits_mean),
    "expand": LoweringRule(reduce.expand, reduce.fits_expand),
    "amax": LoweringRule(axis_reduction.extreme, axis_reduction.fits_extreme),
    "amin": LoweringRule(axis_reduction.extreme, axis_reduction.fits_extreme),
    "extreme_dx": LoweringRule(axis_reduction.extreme_dx, axis_reduction.fits_extreme),
    "first_max": LoweringRule(axis_reduction.first_extreme, axis_reduction.fits_first),
    "first_min": LoweringRule(axis_reduction.first_extreme, axis_reduction.fits_first),
    "first_extreme_dx": LoweringRule(axis_reduction.first_extreme_dx, axis_reduction.fits_first),
    "cross_entropy": LoweringRule(class_losses.cross_entropy, class_losses.fits),
    "cross_entropy_dx": LoweringRule(class_losses.cross_entropy_dx, class_losses.fits_dx),
    "nll": LoweringRule(class_losses.nll, class_losses.fits),
    "nll_dx": LoweringRule(class_losses.nll_dx, class_losses.fits),
    "label_sum": LoweringRule(class_losses.label_sum, class_losses.fits_sum),
    "standardize": LoweringRule(standardize.standardize),
    "standardize_dx": LoweringRule(standardize.standardize_dx),
    "standardize_sums": LoweringRule(standardize.standardize_sums),
    "softmax": LoweringRule(softmax.softmax, softmax.fits),
    "safe_softmax": LoweringRule(softmax.softmax, softmax.fits),
    "softmax_dx": LoweringRule(softmax.softmax_dx, softmax.fits),
    "log_softmax": LoweringRule(softmax.softmax, softmax.fits),
    "log_softmax_dx": LoweringRule(softmax.softmax_dx, softmax.fits),
    "glu": LoweringRule(glu.glu, softmax.fits),
    "glu_dx": LoweringRule(glu.glu_dx, softmax.fits),
    "concatenate": LoweringRule(concatenate.concatenate, concatenate.fits),
    "split": LoweringRule(concatenate.split, concatenate.fits_split),
    "pick": LoweringRule(slices.pick, slices.fits),
    "pick_dx": LoweringRule(slices.pick_dx, slices.fits_dx),
    "strided": LoweringRule(strided.strided, strided.fits),
    "strided_dx": LoweringRule(strided.strided_dx, strided.fits_dx),
    "pad": LoweringRule(slices.pad, slices.fits_pad),
    "batch_statistics": LoweringRule(batch_norm.batch_statistics, batch_norm.fits),
    "batch_norm": LoweringRule(elementwise.pointwise, batch_norm.fits),
    "batch_norm_sums": LoweringRule(batch_norm.batch_norm_sums, batch_norm.fits),
    "batch_norm_dx": LoweringRule(batch_norm.batch_norm_dx, batch_norm.fits),
    "batch_norm_through": LoweringRule(elementwise.pointwise, batch_norm.fits),
    "running_average": LoweringRule(batch_norm.running_average),
    "fold_weight": LoweringRule(batch_norm.fold_weight),
    "fold_bias": LoweringRule(batch_norm.fold_bias),
}


ELEMENTWISE = LoweringRule(elementwise.pointwise, elementwise.fits)


def rule_of(node: Node) -> LoweringRule | None:
    """The lowering rule of a node; None if it has no kernel. Operations with a formula share one rule."""
    return RULES.get(node.op.name, ELEMENTWISE if node.op.formula else None)
