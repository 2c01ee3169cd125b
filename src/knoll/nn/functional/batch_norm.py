"""Normalisation: channels brought to a common scale."""

from __future__ import annotations

import math

import numpy as np

from knoll.errors import ArgumentError, DTypeError, ShapeError, StateError
from knoll.graph.shapes import size_name
from knoll.messages import say
from knoll.nn.functional.arguments import Input, number, tensor
from knoll.ops.dtypes import refuse_dtype, scalar_name
from knoll.ops.normalisation.batch_norm import batch_norm as batch_norm_op
from knoll.ops.normalisation.batch_norm import batch_statistics, running_average
from knoll.ops.shapes.reshape import stop_gradient
from knoll.tensor import Tensor, apply
from knoll.tensor.concurrency import changing
from knoll.tensor.mapped import mapped_call
from knoll.tensor.record import recording, remembers
from knoll.tensor.storage.mutation import renew

__all__ = ["batch_norm"]


def batch_norm(
    input: Input,
    running_mean: Input | None,
    running_var: Input | None,
    weight: Input | None = None,
    bias: Input | None = None,
    training: bool = False,
    momentum: float = 0.1,
    eps: float = 1e-5,
) -> Tensor:
    """Batch normalisation: each channel gets mean 0 and variance 1, is scaled by `weight` and shifted by `bias`.

    `running_mean`, `running_var`, `momentum` and `eps` are those of `knoll.nn.BatchNorm2d`; None where there are none.
    `training` says whether the statistics of the batch are used.

    Shapes: (n, c) or (n, c, …), the others (c,). In training mean and variance are those of the batch, and the running
    ones become (1 − momentum) · old + momentum · new, with the unbiased variance; otherwise the running ones are used.
    Raises ArgumentError, ShapeError, StateError, DTypeError.
    Source: https://pytorch.org/docs/stable/generated/torch.nn.functional.batch_norm.html

    >>> import numpy as np
    >>> from knoll.nn import functional as F
    >>> F.batch_norm(np.array([[1.0], [3.0]]), None, None, training=True, eps=1e-12)
    tensor([[-1.0000],
            [ 1.0000]], dtype=float64)
    """
    x = tensor(input, "batch_norm")
    channels = [
        None if given is None else tensor(given, "batch_norm", name, place)
        for place, (name, given) in enumerate(
            {"running_mean": running_mean, "running_var": running_var, "weight": weight, "bias": bias}.items(), 2
        )
    ]
    momentum, eps = number(momentum, "batch_norm", "momentum", 7), number(eps, "batch_norm", "eps", 8)
    _check(x, channels, training, eps)
    mean, variance, scale, shift = channels
    wide = x if x.ndim in (2, 4) else x.reshape((*x.shape[:2], math.prod(x.shape[2:]), 1))
    learned = () if scale is None and shift is None else (_or_constant(scale, 1.0, x), _or_constant(shift, 0.0, x))
    with recording():  # one program: the gradient has a gradient through the statistics
        if training:
            statistics = apply(batch_statistics, wide)
            if mean is not None and variance is not None and x.numel():
                remember((mean, variance), (statistics[0], statistics[2]), momentum)
            mean, variance = statistics[:2]
        assert mean is not None
        assert variance is not None
        y: Tensor = apply(batch_norm_op, wide, mean, variance, *learned, epsilon=eps, own=training)[0]
    return y if wide is x else y.reshape(x.shape)


def _or_constant(given: Tensor | None, value: float, x: Tensor) -> Tensor:
    """A number for each channel, `value` where none is given."""
    return Tensor._over(np.full(x.shape[1], value, x.dtype)) if given is None else given


def remember(running: tuple[Tensor, Tensor], new: tuple[Tensor, Tensor], momentum: float) -> None:
    """Let the new statistics flow into the running ones."""
    if not remembers():
        return
    if any(
        mapped_call(now) is not None and mapped_call(old) is not mapped_call(now)
        for old, now in zip(running, new, strict=True)
    ):
        raise StateError(
            "Batch norm got a batched tensor as input while the running_mean or running_var, which will be updated in "
            "place, were not batched.\nIf you are using a module and do not need eval mode, please set "
            "`track_running_stats` to be False.",
            advice=say("nn.no_running_statistics"),
        )
    factor = Tensor._over(np.array([momentum], new[0].dtype))
    for old, now in zip(running, new, strict=True):
        with changing(old):
            kept = old.detach() if old.requires_grad else old
            renew(old, apply(running_average, kept, apply(stop_gradient, now)[0], factor)[0])


def _check(x: Tensor, channels: list[Tensor | None], training: bool, eps: float) -> None:
    """Refuse what does not fit, in PyTorch's words and order."""
    mean, variance, *_ = channels
    if training:
        if x.ndim >= 2 and x.shape[0] * math.prod(x.shape[2:]) == 1:
            raise ArgumentError(
                f"Expected more than 1 value per channel when training, got input size {size_name(x.shape)}",
                expected=say("nn.several_values"),
                advice=say("nn.eval_or_batch"),
            )
        if eps <= 0:
            raise ArgumentError(f"batch_norm eps must be positive during training, but got {eps}")
    if (mean is None) != (variance is None):
        if training:
            raise ArgumentError("running_mean and running_var must either both be None or neither be None")
        name = "running_mean" if mean is None else "running_var"
        raise StateError(f"{name} must be defined in evaluation mode")
    if not training and mean is None:
        raise StateError("running_mean must be defined in evaluation mode", advice=say("nn.no_statistics"))
    if x.dtype.kind != "f":
        refuse_dtype("batch_norm", x.dtype)
    _check_channels(x, channels)


def _check_channels(x: Tensor, channels: list[Tensor | None]) -> None:
    """One number for each channel, of the element type of x."""
    check_channel_counts(x, channels)
    _check_dtypes(x, [given for given in (*channels[2:], *channels[:2]) if given is not None])


def check_channel_counts(x: Tensor, channels: list[Tensor | None], repeats: int = 1) -> None:
    """Refuse statistics, scale and shift that are not one number for each channel; PyTorch counts them `repeats` times.

    Raises ShapeError.
    """
    count = x.shape[1] if x.ndim > 1 else 0
    for name, given in zip(("running_mean", "running_var", "weight", "bias"), channels, strict=True):
        if given is not None and given.shape != (count,):
            raise ShapeError(
                f"{name} should contain {repeats * count} elements not {repeats * given.numel()}",
                expected=say("nn.per_channel", channels=count),
                got=f"{name} {tuple(given.shape)}, input {tuple(x.shape)}",
                advice=say("nn.num_features", channels=count),
            )


def _check_dtypes(x: Tensor, channels: list[Tensor]) -> None:
    """PyTorch, seeing that the first is of another type, asks for the float32 that goes with half precision."""
    other = next((given.dtype for given in channels if given.dtype != x.dtype), None)
    if other is None:
        return
    if channels[0].dtype == x.dtype:
        reason = f"expected scalar type {scalar_name(x.dtype)} but found {scalar_name(other)}"
    elif any(given.dtype != np.float32 for given in channels):
        reason = "mixed dtype (CPU): expect parameter to have scalar type of Float"
    else:
        reason = "mixed dtype (CPU): all inputs must share same datatype."
    raise DTypeError(reason, got=f"{x.dtype}, {other}", advice=say("ops.same_dtype", dtype=other))
