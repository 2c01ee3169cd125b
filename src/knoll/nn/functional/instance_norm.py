"""Instance normalisation: each channel of each sample is brought to mean 0 and variance 1.

Source: Ulyanov et al., Instance normalization, 2016, https://arxiv.org/abs/1607.08022.
"""

from __future__ import annotations

import math

from knoll.errors import ArgumentError, StateError
from knoll.messages import say
from knoll.nn.functional.arguments import Input, number, tensor
from knoll.nn.functional.batch_norm import batch_norm, check_channel_counts, remember
from knoll.nn.functional.layer_norm import by_channel, check_learned_dtypes, standardized
from knoll.ops.dtypes import refuse_dtype
from knoll.ops.normalisation.batch_norm import batch_statistics
from knoll.ops.shapes.reshape import stop_gradient
from knoll.tensor import Tensor, apply, recording

__all__ = ["instance_norm"]


def instance_norm(
    input: Input,
    running_mean: Input | None = None,
    running_var: Input | None = None,
    weight: Input | None = None,
    bias: Input | None = None,
    use_input_stats: bool = True,
    momentum: float = 0.1,
    eps: float = 1e-5,
) -> Tensor:
    """Instance normalisation: each channel of each sample gets mean 0 and variance 1; `weight`, `bias` per channel.

    The arguments are those of `knoll.nn.InstanceNorm2d`.

    Shapes: (n, c, …) → the same, the others (c,). The running statistics, if there are any, follow the means over
    the samples; without `use_input_stats` they are used in place of those of the samples.
    Raises ArgumentError, ShapeError, StateError, DTypeError.
    Source: https://pytorch.org/docs/stable/generated/torch.nn.functional.instance_norm.html

    >>> import numpy as np
    >>> from knoll.nn import functional as F
    >>> F.instance_norm(np.array([[[1.0, 3.0], [5.0, 9.0]]]), eps=1e-12)
    tensor([[[-1.0000,  1.0000],
             [-1.0000,  1.0000]]], dtype=float64)
    """
    x = tensor(input, "instance_norm")
    mean, variance, scale, shift = channels = [
        None if given is None else tensor(given, "instance_norm", name, place)
        for place, (name, given) in enumerate(
            {"running_mean": running_mean, "running_var": running_var, "weight": weight, "bias": bias}.items(), 2
        )
    ]
    _check(x, channels, use_input_stats)
    eps = number(eps, "instance_norm", "eps", 8)
    if not use_input_stats:
        return batch_norm(x, mean, variance, scale, shift, False, momentum, eps)
    with recording():  # all of it is one kernel
        planes = x.reshape(*x.shape[:2], math.prod(x.shape[2:]))
        if mean is not None and variance is not None and x.numel():
            remember((mean, variance), _mean_statistics(planes), momentum)
        return standardized(planes, x.shape, eps, by_channel(scale, x), by_channel(shift, x))


def _mean_statistics(planes: Tensor) -> tuple[Tensor, Tensor]:
    """The means over the samples of mean and unbiased variance of each channel.

    Of planes whose mean is 0 the variance over all samples is the mean of their variances. Numbers are enlarged before
    the samples are summed up, which makes the variance unbiased inside the same program.
    """
    size = planes.shape[2]
    still = apply(stop_gradient, planes)[0].unsqueeze(3)
    mean = apply(batch_statistics, still)[0]
    centred = (still - still.mean(2, keepdim=True)) * math.sqrt(size / (size - 1))
    return mean, apply(batch_statistics, centred)[1]


def _check(x: Tensor, channels: list[Tensor | None], use_input_stats: bool) -> None:
    """Refuse what does not fit, in PyTorch's words and order."""
    sizes = x.shape[2:]
    if use_input_stats and math.prod(sizes) == 1:
        raise ArgumentError(
            f"Expected more than 1 spatial element when training, got input size torch.Size({list(x.shape)})",
            expected=say("nn.values_per_plane"),
            advice=say("nn.instance_norm_one"),
        )
    mean, variance, *_ = channels
    if not use_input_stats and (mean is None or variance is None):
        raise StateError(
            "Expected running_mean and running_var to be defined when use_input_stats is false",
            advice=say("nn.use_input_stats"),
        )
    if (mean is None) != (variance is None):
        raise ArgumentError("running_mean and running_var must either both be None or neither be None")
    check_channel_counts(x, channels, repeats=x.shape[0])
    if x.dtype.kind != "f":
        refuse_dtype("batch_norm", x.dtype)
    check_learned_dtypes(x, *channels[2:], *channels[:2])
