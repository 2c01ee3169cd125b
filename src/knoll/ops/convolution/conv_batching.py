"""How convolutions are done for many examples at once.

Where the examples share the weights, they are more samples. Where each has its own, they are more groups: the channels
of all examples stand beside each other, and each group sees those of its example.
Source: Rochette, Manoel and Tramel, Efficient per-example gradient computations in convolutional neural networks, 2019.
"""

from __future__ import annotations

from knoll.graph import Value
from knoll.graph.batching import Batch
from knoll.graph.batching_rules import by_samples
from knoll.ops.convolution.unfold import unfold2d
from knoll.ops.elementwise.arithmetic import add
from knoll.ops.linear_algebra.linear import matmul
from knoll.ops.reduction.reduce import sum_


def conv_batching(batch: Batch) -> tuple[Value, ...]:
    """A convolution or a transposed one of x by w, to which b is added: by samples, or by groups."""
    return by_samples(batch) or (_with_bias(batch, _by_groups(batch)),)


def _by_groups(batch: Batch) -> Value:
    """The channels (n, examples · c, …) of all examples by their weights (examples · k, …), without bias."""
    (y, *_) = batch.apply(
        batch.in_channels(0), batch.in_samples(1), groups=batch.size * batch.node.attributes["groups"]
    )
    return batch.out_of_channels(y)


def _with_bias(batch: Batch, y: Value) -> Value:
    """The result plus a number for each channel, which may differ between examples."""
    if len(batch.operands) < 3:
        return y
    ones = (1,) * (y.spec.rank - 3)
    shape = batch.operands[2].spec.shape
    bias = batch.shaped(batch.operands[2], *((shape[0], 1) if batch.batched[2] else ()), shape[-1], *ones)
    return add(y, bias)


def conv_dw_batching(batch: Batch) -> tuple[Value, ...]:
    """The gradient of the weights of each example: a product of matrices for each sample, then their sum."""
    given, (k, per_group, r, s) = batch.node.attributes, batch.node.specs[0].shape
    (rows, columns), groups = given["padding"], given["groups"]
    if rows[0] != rows[1] or columns[0] != columns[1]:
        return _dw_by_groups(batch)
    n, *_ = batch.node.inputs[0].spec.shape
    slide = {"kernel": (r, s), "stride": given["stride"], "padding": (rows[0], columns[0])}
    x = unfold2d(batch.in_samples(1), **slide, dilation=given["dilation"])
    samples, _, places = x.spec.shape
    in_groups = (samples, groups) if groups > 1 else (samples,)
    dy = batch.shaped(batch.in_samples(0), *in_groups, k // groups, places)
    x = batch.shaped(x, *in_groups, per_group * r * s, places)
    last = x.spec.rank - 1
    dw = matmul(dy, batch.layout.permute(x, axes=(*range(last - 1), last, last - 1)))
    whole = batch.shaped(dw, batch.size, n, k, per_group, r, s)
    return batch.split((whole if n == 1 else sum_(whole, axes=(1,), keep=False),))


def _dw_by_groups(batch: Batch) -> tuple[Value, ...]:
    """As above, where the padding differs between the ends: from each example's own channels of dy and of x."""
    (dw,) = batch.apply(batch.in_channels(0), batch.in_channels(1), groups=batch.size * batch.node.attributes["groups"])
    return batch.split((dw,))
