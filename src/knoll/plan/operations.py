"""What the kernels can do: for each operation what it reads and makes, which shapes fit, and which steps it becomes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from knoll.graph import Node
from knoll.kernels.formulas import FORMULAS
from knoll.plan import (
    batch_norm,
    convolution,
    elements,
    linear,
    losses,
    movement,
    parts,
    pooling,
    products,
    resample,
    shares,
    sums,
    unpooling,
    views,
)

if TYPE_CHECKING:
    from knoll.plan.lower import Lowering


def anything(_: Node) -> bool:
    """Every shape fits."""
    return True


def nothing(_lowering: Lowering, _node: Node) -> None:
    """It does not matter how its inputs lie."""


@dataclass(frozen=True)
class Operation:
    """An operation that has kernels.

    reads     for each input: b has one entry for each sample, c is a parameter, t is a sum over samples, w a whole
              array (a parameter or a sum), and a anything: all inputs have entries for samples, or all are whole;
              r is the same, or a whole array that is repeated over the result; x is whole if the axes of the
              operation are those of the samples too, b if not, and p is then a parameter
    makes     for each result: b, c, t, x, p, or a for the same as the inputs
    steps     drafts the steps of a node
    fits      whether there is a kernel for the shapes of a node
    announce  says in which layout its inputs will be read, so that those who write them can make room
    """

    reads: str
    makes: str
    steps: Callable[[Lowering, Node], None]
    fits: Callable[[Node], bool] = anything
    announce: Callable[[Lowering, Node], None] = nothing


OPERATIONS: dict[str, Operation] = {
    **dict.fromkeys(FORMULAS, Operation("rrr", "a", elements.pointwise, elements.fits)),
    "prelu": Operation("bw", "b", elements.pointwise, elements.fits_slopes),
    "prelu_dx": Operation("bbw", "b", elements.pointwise, elements.fits_slopes),
    "conv2d": Operation("bcc", "b", convolution.conv2d, announce=convolution.announce),
    "conv2d_dx": Operation("bc", "b", convolution.conv2d_dx, announce=convolution.announce_dx),
    "conv_transpose2d": Operation("bcc", "b", convolution.conv2d_dx, announce=convolution.announce_dx),
    "conv2d_dw": Operation("bb", "t", convolution.conv2d_dw, announce=convolution.announce_dw),
    "max_pool2d": Operation("b", "bb", pooling.pool, pooling.fits),
    "adaptive_max_pool2d": Operation("b", "bb", pooling.pool, pooling.fits),
    "max_pool2d_dx": Operation("bb", "b", pooling.pool_dx, pooling.fits),
    "max_unpool2d": Operation("bb", "b", unpooling.unpool, unpooling.fits),
    "max_unpool2d_dx": Operation("bb", "b", unpooling.unpool_dx, unpooling.fits),
    "resample2d": Operation("b", "b", resample.resample2d, announce=resample.announce),
    "linear": Operation("bcc", "b", linear.linear, linear.fits),
    "linear_dx": Operation("bc", "b", linear.linear_dx, linear.fits),
    "linear_dw": Operation("bb", "t", linear.linear_dw, linear.fits),
    "matmul": Operation("bb", "b", products.matmul, products.fits),
    "reshape": Operation("a", "a", movement.reshape, movement.fits),
    "permute": Operation("b", "b", views.permute, views.fits),
    "convert": Operation("b", "b", movement.convert, movement.fits_convert),
    "stop_gradient": Operation("a", "a", movement.reshape),
    "sum": Operation("b", "x", sums.total, sums.fits),
    "mean": Operation("b", "x", sums.mean, sums.fits_mean),
    "spread": Operation("x", "b", sums.spread, sums.fits_spread),
    "cross_entropy": Operation("bbc", "b", losses.cross_entropy, losses.fits),
    "cross_entropy_dx": Operation("bbbc", "b", losses.cross_entropy_dx, losses.fits_dx),
    "nll": Operation("bbc", "b", losses.nll, losses.fits),
    "nll_dx": Operation("bbc", "b", losses.nll_dx, losses.fits),
    "label_sum": Operation("bc", "t", losses.label_sum, losses.fits_sum),
    "softmax": Operation("b", "b", shares.softmax, shares.fits),
    "softmax_dx": Operation("bb", "b", shares.softmax_dx, shares.fits),
    "log_softmax": Operation("b", "b", shares.softmax, shares.fits),
    "log_softmax_dx": Operation("bb", "b", shares.softmax_dx, shares.fits),
    "glu": Operation("b", "b", shares.glu, shares.fits),
    "glu_dx": Operation("bb", "b", shares.glu_dx, shares.fits),
    "concatenate": Operation("x" * parts.MOST, "x", parts.concatenate, parts.fits),
    "split": Operation("p", "p" * parts.MOST, parts.split, parts.fits_split),
    "batch_statistics": Operation("b", "ttt", batch_norm.batch_statistics, batch_norm.fits),
    "batch_norm": Operation("bwwww", "b", elements.pointwise, batch_norm.fits),
    "batch_norm_sums": Operation("bbww", "tt", batch_norm.batch_norm_sums, batch_norm.fits),
    "batch_norm_dx": Operation("bbwwwww", "b", batch_norm.batch_norm_dx, batch_norm.fits),
    "batch_norm_through": Operation("bww", "b", elements.pointwise, batch_norm.fits),
    "running_average": Operation("www", "t", batch_norm.running_average),
    "fold_weight": Operation("ccc", "c", batch_norm.fold_weight),
    "fold_bias": Operation("ccccc", "c", batch_norm.fold_bias),
}


def roles_of(node: Node) -> tuple[str, str]:
    """What a node reads and makes."""
    operation = OPERATIONS[node.op.name]
    axes = node.attributes.get("axes", (node.attributes.get("axis"),))
    whole, made, parameter = "wtc" if 0 in axes else "bbb"
    reads = operation.reads.replace("x", whole).replace("p", parameter)
    makes = operation.makes.replace("x", made).replace("p", parameter)
    return reads, makes[: len(node.outputs)]
