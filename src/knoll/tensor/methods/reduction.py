"""Methods that reduce axes, or go along one."""

from __future__ import annotations

from typing import Final

from knoll.tensor.base import TensorBase
from knoll.tensor.elementwise import activation
from knoll.tensor.linear_algebra import norms, p_norm
from knoll.tensor.methods.method import method
from knoll.tensor.reduction import correlation, counting, extremes, order_statistics, scan, sorting
from knoll.tensor.reduction import histogram as histograms
from knoll.tensor.reduction import logsumexp as logsumexps
from knoll.tensor.reduction import reduce as reductions


class ReductionMethods(TensorBase):
    """Sums, extremes, statistics, and what is sorted or accumulated along an axis."""

    __slots__ = ()

    # Sums and statistics

    sum: Final = reductions.sum_
    nansum: Final = method(reductions.nansum)
    sum_to_size: Final = method(reductions.sum_to_size)
    mean: Final = method(reductions.mean)
    nanmean: Final = method(reductions.nanmean)
    prod: Final = method(reductions.prod)
    logsumexp: Final = method(logsumexps.logsumexp)
    var: Final = method(reductions.var)
    std: Final = method(reductions.std)
    norm: Final = method(p_norm.norm)
    dist: Final = method(p_norm.dist)
    cov: Final = method(correlation.cov)
    corrcoef: Final = method(correlation.corrcoef)
    count_nonzero: Final = method(reductions.count_nonzero)
    bincount: Final = counting.bincount
    histc: Final = method(histograms.histc)
    histogram: Final = histograms.histogram
    any: Final = reductions.any_
    all: Final = reductions.all_

    # Extremes and order statistics

    max: Final = extremes.max_
    min: Final = extremes.min_
    amax: Final = method(extremes.amax)
    amin: Final = method(extremes.amin)
    aminmax: Final = extremes.aminmax
    argmax: Final = method(extremes.argmax)
    argmin: Final = method(extremes.argmin)
    median: Final = order_statistics.median
    nanmedian: Final = order_statistics.nanmedian
    mode: Final = method(order_statistics.mode)
    nanquantile: Final = method(order_statistics.nanquantile)
    quantile: Final = method(order_statistics.quantile)
    kthvalue: Final = method(order_statistics.kthvalue)

    # Along an axis

    cumsum: Final = method(scan.cumsum)
    cumprod: Final = method(scan.cumprod)
    cummax: Final = method(scan.cummax)
    cummin: Final = method(scan.cummin)
    logcumsumexp: Final = method(logsumexps.logcumsumexp)
    diff: Final = method(scan.diff)
    sort: Final = method(sorting.sort)
    msort: Final = method(sorting.msort)
    argsort: Final = method(sorting.argsort)
    topk: Final = method(sorting.topk)
    unique: Final = counting.unique
    unique_consecutive: Final = counting.unique_consecutive
    softmax: Final = method(activation.softmax)
    log_softmax: Final = method(activation.log_softmax)
    renorm: Final = method(norms.renorm)
