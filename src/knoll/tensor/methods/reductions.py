"""Methods that reduce axes, or go along one."""

from __future__ import annotations

from typing import Final

from knoll.tensor import activation, correlation, norms, parts, reductions, scan, statistics
from knoll.tensor import histogram as histograms
from knoll.tensor.base import TensorBase
from knoll.tensor.methods.method import method


class ReductionMethods(TensorBase):
    """Sums, extremes, statistics, and what is sorted or accumulated along an axis."""

    __slots__ = ()

    # Sums and statistics

    sum: Final = reductions.sum_
    nansum: Final = method(statistics.nansum)
    sum_to_size: Final = method(parts.sum_to_size)
    mean: Final = method(reductions.mean)
    nanmean: Final = method(statistics.nanmean)
    prod: Final = method(scan.prod)
    logsumexp: Final = method(scan.logsumexp)
    var: Final = method(reductions.var)
    std: Final = method(reductions.std)
    norm: Final = method(reductions.norm)
    dist: Final = method(statistics.dist)
    cov: Final = method(correlation.cov)
    corrcoef: Final = method(correlation.corrcoef)
    count_nonzero: Final = method(scan.count_nonzero)
    bincount: Final = scan.bincount
    histc: Final = method(histograms.histc)
    histogram: Final = histograms.histogram
    any: Final = reductions.any_
    all: Final = reductions.all_

    # Extremes and order statistics

    max: Final = reductions.max_
    min: Final = reductions.min_
    amax: Final = method(reductions.amax)
    amin: Final = method(reductions.amin)
    aminmax: Final = statistics.aminmax
    argmax: Final = method(reductions.argmax)
    argmin: Final = method(reductions.argmin)
    median: Final = scan.median
    nanmedian: Final = scan.nanmedian
    mode: Final = method(statistics.mode)
    quantile: Final = method(statistics.quantile)
    kthvalue: Final = method(statistics.kthvalue)

    # Along an axis

    cumsum: Final = method(scan.cumsum)
    cumprod: Final = method(scan.cumprod)
    cummax: Final = method(statistics.cummax)
    cummin: Final = method(statistics.cummin)
    logcumsumexp: Final = method(scan.logcumsumexp)
    diff: Final = method(statistics.diff)
    sort: Final = method(reductions.sort)
    msort: Final = method(statistics.msort)
    argsort: Final = method(reductions.argsort)
    topk: Final = method(reductions.topk)
    unique: Final = scan.unique
    unique_consecutive: Final = statistics.unique_consecutive
    softmax: Final = method(activation.softmax)
    log_softmax: Final = method(activation.log_softmax)
    renorm: Final = method(norms.renorm)
