"""Dropout: zeros by chance while a network is trained, so that no feature relies on another.

The mask is drawn before the program runs and enters it as an input, so the same seed gives the same zeros however the
rest is computed, and each element's fate hangs on a number of its own.
"""

from __future__ import annotations

import math
from numbers import Real

import numpy as np

from knoll.errors import ArgumentError, ArgumentTypeError, DTypeError, ShapeError, warn
from knoll.graph import Array, Shape
from knoll.messages import say
from knoll.nn.functional.arguments import Input, tensor
from knoll.ops.dtypes import scalar_name
from knoll.tensor import Tensor, rand
from knoll.tensor.arguments import truth
from knoll.tensor.mapped import drawn, mapped_call
from knoll.tensor.record import remembers
from knoll.tensor.storage.mutation import change

__all__ = ["alpha_dropout", "dropout", "dropout1d", "dropout2d", "dropout3d", "feature_alpha_dropout"]

SATURATION = 1.7580993408473766  # minus what SELU tends to far below zero: its scale times its alpha
_DRAWN = 1 << 16


def check_probability(p: float) -> float:
    """Refuse what is no probability."""
    if not isinstance(p, Real):
        raise ArgumentTypeError(say("nn.probability", kind=type(p).__name__), got=f"p={p!r}")
    if not 0 <= p <= 1:
        raise ArgumentError(
            f"dropout probability has to be between 0 and 1, but got {p}",
            advice=say("nn.percent", p=p / 100, percent=p) if 1 < p <= 100 else None,
        )
    return p


def dropout(input: Input, p: float = 0.5, training: bool = True, inplace: bool = False) -> Tensor:
    """Dropout: each element is set to 0 with probability `p`, and the others are divided by 1 − p.

    The arguments are those of `knoll.nn.Dropout`. With `training` False the input is given back.

    Raises ArgumentError, DTypeError.
    Source: https://pytorch.org/docs/stable/generated/torch.nn.functional.dropout.html

    >>> import numpy as np
    >>> from knoll.nn import functional as F
    >>> F.dropout(np.ones(3), p=0.5, training=False)
    tensor([1., 1., 1.], dtype=float64)
    """
    x = tensor(input, "dropout")
    return _dropped(x, p, training, inplace, x.shape)


def dropout1d(input: Input, p: float = 0.5, training: bool = True, inplace: bool = False) -> Tensor:
    """1-D dropout over sequences (n, c, length): whole channels are set to 0 with probability `p`.

    The arguments are those of `knoll.nn.Dropout1d`. With `training` False the input is given back.

    Shapes: (n, c, length) or (c, length). Raises ArgumentError, DTypeError, ShapeError.
    Source: https://pytorch.org/docs/stable/generated/torch.nn.functional.dropout1d.html

    >>> import knoll
    >>> from knoll.nn import functional as F
    >>> sums = F.dropout1d(knoll.ones(4, 3, 5), 0.5).sum(2)  # each channel is 0 or twice as large
    >>> bool(((sums == 0) | (sums == 10)).all())
    True
    """
    x = tensor(input, "dropout1d")
    check_probability(p)
    rank = len(x.shape)
    if rank not in (2, 3):
        raise ShapeError(
            f"dropout1d: Expected 2D or 3D input, but received a {rank}D input. Note that dropout1d exists to provide "
            "channel-wise dropout on inputs with 1 spatial dimension, a channel dimension, and an optional batch "
            "dimension (i.e. 2D or 3D inputs)."
        )
    return _dropped(x, p, training, inplace, _channels(x, batched=rank == 3))


def dropout2d(input: Input, p: float = 0.5, training: bool = True, inplace: bool = False) -> Tensor:
    """2-D dropout over images (n, c, h, w): whole channels are set to 0 with probability `p`.

    The arguments are those of `knoll.nn.Dropout2d`. With `training` False the input is given back.

    Shapes: (n, c, h, w). Three axes are taken for (n, c, length), with PyTorch's warning. Raises ArgumentError,
    DTypeError, ShapeError. Source: https://pytorch.org/docs/stable/generated/torch.nn.functional.dropout2d.html

    >>> import knoll
    >>> from knoll.nn import functional as F
    >>> sums = F.dropout2d(knoll.ones(4, 3, 2, 2), 0.5).sum((2, 3))  # each channel is 0 or twice as large
    >>> bool(((sums == 0) | (sums == 8)).all())
    True
    """
    x = tensor(input, "dropout2d")
    check_probability(p)
    _warn_of_rank(len(x.shape), 2)
    if len(x.shape) == 3:
        warn(
            "dropout2d: Received a 3D input to dropout2d and assuming that channel-wise 1D dropout behavior is "
            "desired - input is interpreted as shape (N, C, L), where C is the channel dim. This behavior will change "
            "in a future release to interpret the input as one without a batch dimension, i.e. shape (C, H, W). To "
            "maintain the 1D channel-wise dropout behavior, please switch to using dropout1d instead."
        )
    return _dropped(x, p, training, inplace, _channels(x, batched=True))


def dropout3d(input: Input, p: float = 0.5, training: bool = True, inplace: bool = False) -> Tensor:
    """3-D dropout over volumes (n, c, depth, h, w): whole channels are set to 0 with probability `p`.

    The arguments are those of `knoll.nn.Dropout3d`. With `training` False the input is given back.

    Shapes: (n, c, depth, h, w) or (c, depth, h, w). Raises ArgumentError, DTypeError.
    Source: https://pytorch.org/docs/stable/generated/torch.nn.functional.dropout3d.html

    >>> import knoll
    >>> from knoll.nn import functional as F
    >>> sums = F.dropout3d(knoll.ones(4, 3, 1, 2, 2), 0.5).sum((2, 3, 4))  # each channel is 0 or twice as large
    >>> bool(((sums == 0) | (sums == 8)).all())
    True
    """
    x = tensor(input, "dropout3d")
    check_probability(p)
    _warn_of_rank(len(x.shape), 3)
    return _dropped(x, p, training, inplace, _channels(x, batched=len(x.shape) == 5))


def alpha_dropout(input: Input, p: float = 0.5, training: bool = False, inplace: bool = False) -> Tensor:
    """Alpha dropout: elements become the limit of SELU at −∞ with probability `p`; mean 0 and variance 1 stay.

    The arguments are those of `knoll.nn.AlphaDropout`. With `training` False the input is given back.

    Raises ArgumentError, DTypeError. Source: Klambauer et al., Self-normalizing neural networks, 2017.

    >>> import knoll
    >>> from knoll.nn import functional as F
    >>> F.alpha_dropout(knoll.tensor([1.0, 2.0]), 0.5, training=False)
    tensor([1., 2.])
    """
    x = tensor(input, "alpha_dropout")
    return _saturated(x, p, training, inplace, x.shape)


def feature_alpha_dropout(input: Input, p: float = 0.5, training: bool = False, inplace: bool = False) -> Tensor:
    """Feature alpha dropout: as `alpha_dropout`, but for whole channels.

    The arguments are those of `knoll.nn.FeatureAlphaDropout`. With `training` False the input is given back.

    Shapes: (n, c, …). Raises ArgumentError, DTypeError, ShapeError.
    Source: https://pytorch.org/docs/stable/generated/torch.nn.functional.feature_alpha_dropout.html

    >>> import knoll
    >>> from knoll.nn import functional as F
    >>> y = F.feature_alpha_dropout(knoll.ones(4, 3, 5), 0.5, training=True)  # a channel is alike everywhere
    >>> bool((y == y[:, :, :1]).all())
    True
    """
    x = tensor(input, "feature_alpha_dropout")
    check_probability(p)
    return _saturated(x, p, training, inplace, _channels(x, batched=True) if training else x.shape)


def _warn_of_rank(rank: int, axes: int) -> None:
    """PyTorch's warning of images with too many or too few axes."""
    if rank not in (axes + 1, axes + 2):
        name = f"dropout{axes}d"
        warn(
            f"{name}: Received a {rank}-D input to {name}, which is deprecated and will result in an error in a future "
            f"release. To retain the behavior and silence this warning, please use dropout instead. Note that {name} "
            f"exists to provide channel-wise dropout on inputs with {axes} spatial dimensions, a channel dimension, "
            f"and an optional batch dimension (i.e. {axes + 1}D or {axes + 2}D inputs)."
        )


def _channels(x: Tensor, batched: bool) -> Shape:
    """One number for each channel, of each sample if there are any."""
    if len(x.shape) < 1 + batched:
        raise ShapeError("Feature dropout requires at least 2 dimensions in the input", got=f"{x.shape}")
    kept = 1 + batched
    return x.shape[:kept] + (1,) * (len(x.shape) - kept)


def _dropped(x: Tensor, p: float, training: bool, inplace: bool, shape: Shape) -> Tensor:
    """The product of x and a mask of `shape`, repeated so that the product has a kernel."""
    check_probability(p)
    if not truth(training, "dropout", "train", 3) or p == 0 or not x.numel():
        return x
    scale = x.dtype.type(0 if p == 1 else 1 / (1 - p))
    mask = drawn(lambda: _repeated(_keep_mask(x, p, shape) * scale, x))
    return change(x, lambda former: former * mask) if inplace else x * mask


def _saturated(x: Tensor, p: float, training: bool, inplace: bool, shape: Shape) -> Tensor:
    """The product of x and a mask, plus what stands where the mask is zero."""
    check_probability(p)
    if not truth(training, "dropout", "train", 3) or p == 0 or not x.numel():
        return x
    scale = 0.0 if p == 1 else 1 / math.sqrt((SATURATION**2 * p + 1) * (1 - p))
    one, factor, shift = (x.dtype.type(number) for number in (scale, SATURATION * scale, SATURATION * scale * (1 - p)))
    kept = drawn(lambda: Tensor._over(_keep_mask(x, p, shape)))
    if mapped_call(kept) is None:
        numbers = kept._realize()
        mask, rest = _repeated(numbers * one, x), _repeated(numbers * factor - shift, x)
    else:  # one for each example
        mask, rest = kept * float(one), kept * float(factor) - float(shift)
    return change(x, lambda former: former * mask + rest) if inplace else x * mask + rest


def _keep_mask(x: Tensor, p: float, shape: Shape) -> Array:
    """Where elements stay."""
    if not x.is_floating_point():
        raise DTypeError(
            f"result type Float can't be cast to the desired output type {scalar_name(x.dtype)}",
            advice=say("ops.same_dtype", dtype="float32"),
        )
    if not remembers():  # a few stand for all of them where only the graph is wanted
        while math.prod(shape) > _DRAWN and max(shape[:-1], default=1) > 1:
            largest = max(range(len(shape) - 1), key=shape.__getitem__)
            shape = (*shape[:largest], 1, *shape[largest + 1 :])
    return np.asarray(rand(*shape)._realize() < 1 - p)


def _repeated(mask: Array, x: Tensor) -> Tensor:
    """The mask in the shape of x."""
    repeated = np.broadcast_to(mask, x.shape)
    return Tensor._over(np.ascontiguousarray(repeated) if remembers() else repeated)
