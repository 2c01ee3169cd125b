"""Sums of exponentials that are kept as logarithms, so that nothing overflows."""

from __future__ import annotations

from knoll.ops.dtypes import refuse_dtype
from knoll.ops.reduction.running import logcumsumexp as logcumsumexp_op
from knoll.tensor.arguments import Dims, public
from knoll.tensor.autograd.gradients import detach
from knoll.tensor.base import T
from knoll.tensor.dtypes import floating
from knoll.tensor.elementwise.arithmetic import add, cast, subtract
from knoll.tensor.elementwise.choose import where
from knoll.tensor.elementwise.exponential import exp, log
from knoll.tensor.elementwise.predicates import isfinite
from knoll.tensor.record import apply
from knoll.tensor.reduction.extremes import amax
from knoll.tensor.reduction.reduce import sum_
from knoll.tensor.shapes.shaping import front, reshape

__all__ = ["logcumsumexp", "logsumexp"]


@public("logsumexp")
def logsumexp(x: T, dim: Dims, keepdim: bool = False, *, out: T | None = None) -> T:
    """The logarithm of the sum of exp(x) over `dim`, without overflow.

    Source: https://pytorch.org/docs/stable/generated/torch.logsumexp.html

    >>> import knoll
    >>> knoll.logsumexp(knoll.tensor([1000.0, 1000.0]), dim=0)
    tensor(1000.6932)
    """
    wide = cast(x, floating(x))
    if not wide.shape or 0 in wide.shape:
        return log(sum_(exp(wide), dim, keepdim))
    highest = detach(amax(wide, dim, keepdim=True))
    shift: T = where(isfinite(highest), highest, 0)
    summed = log(sum_(exp(subtract(wide, shift)), dim, keepdim))
    return add(summed, reshape(shift, summed.shape))


@public("logcumsumexp")
def logcumsumexp(x: T, dim: int, *, out: T | None = None) -> T:
    """The logarithm of each exp(x) plus all before it along `dim`, without overflow. Raises UnsupportedError.

    Source: https://pytorch.org/docs/stable/generated/torch.logcumsumexp.html

    >>> import knoll
    >>> knoll.logcumsumexp(knoll.tensor([0.0, 0.0, 1000.0]), 0)
    tensor([0.0000e+00, 6.9315e-01, 1.0000e+03])
    """
    axis = front(dim, len(x.shape))
    if x._dtype.kind != "f":
        refuse_dtype("logcumsumexp_out_cpu", x._dtype)
    whole = x if x.shape else reshape(x, (1,))
    return reshape(apply(logcumsumexp_op, whole, axis=axis)[0], x.shape)
