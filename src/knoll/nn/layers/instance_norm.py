"""Instance normalisation layers."""

from __future__ import annotations

from typing import Any, ClassVar

from numpy.typing import DTypeLike

from knoll.errors import ArgumentError, warn
from knoll.messages import say
from knoll.nn import functional as F
from knoll.nn.layers.norm_base import NormBase
from knoll.tensor import Tensor
from knoll.tensor.arguments import tensor
from knoll.tensor.device import Device

__all__ = ["InstanceNorm1d", "InstanceNorm2d"]


class _InstanceNorm(NormBase):
    """Base class of instance normalisation of sequences and of images."""

    _axes: ClassVar[int] = 0  # of one sample, its channels among them

    def __init__(
        self,
        num_features: int,
        eps: float = 1e-5,
        momentum: float | None = 0.1,
        affine: bool = False,
        track_running_stats: bool = False,
        device: Device = None,
        dtype: DTypeLike | None = None,
        *,
        bias: bool = True,
    ) -> None:
        super().__init__(num_features, eps, momentum, affine, track_running_stats, device, dtype, bias=bias)

    def forward(self, input: Tensor) -> Tensor:
        """The normalised input; in training the running statistics, if there are any, follow it."""
        x = tensor(input, "instance_norm")
        self._check_input_dim(x)
        own = self.training or not self.track_running_stats
        learned = (self.running_mean, self.running_var, self.weight, self.bias)
        batch = x.unsqueeze(0) if x.ndim == self._axes else x
        y = F.instance_norm(batch, *learned, own, 0.0 if self.momentum is None else self.momentum, self.eps)
        return y.squeeze(0) if x.ndim == self._axes else y

    def _is_pure(self, *_: Tensor) -> bool:
        """Whether it remembers nothing of the batch."""
        return super()._is_pure() and not (self.training and self.running_mean is not None)

    def _check_input_dim(self, x: Tensor) -> None:
        if x.ndim not in (self._axes, self._axes + 1):
            raise ArgumentError(
                f"expected {self._axes}D or {self._axes + 1}D input (got {x.ndim}D input)", got=f"{tuple(x.shape)}"
            )
        axis = x.ndim - self._axes
        if x.shape[axis] == self.num_features:
            return
        if self.affine:
            raise ArgumentError(
                f"expected input's size at dim={axis} to match num_features ({self.num_features}), "
                f"but got: {x.shape[axis]}.",
                got=f"{tuple(x.shape)}",
                advice=say("nn.num_features", channels=x.shape[axis]),
            )
        warn(
            f"input's size at dim={axis} does not match num_features. You can silence this warning by not passing in "
            "num_features, which is not used because affine=False"
        )

    def _load_from_state_dict(
        self, state_dict: dict[str, Any], prefix: str, local_metadata: dict[str, Any], *args: Any
    ) -> None:
        """As every module; running statistics of before version 1 have no place in a layer that keeps none."""
        names = [name for name in ("running_mean", "running_var") if f"{prefix}{name}" in state_dict]
        if local_metadata.get("version") is None and not self.track_running_stats and names:
            kind, found = type(self).__name__, " and ".join(f'"{prefix}{name}"' for name in names)
            args[3].append(
                f"Unexpected running stats buffer(s) {found} for {kind} with track_running_stats=False. If state_dict "
                f"is a checkpoint saved before 0.4.0, this may be expected because {kind} does not track running stats "
                "by default since 0.4.0. Please remove these keys from state_dict. If the running stats are actually "
                f"needed, instead set track_running_stats=True in {kind} to enable them. See the documentation of "
                f"{kind} for details."
            )
            for name in names:
                state_dict.pop(f"{prefix}{name}")
        super()._load_from_state_dict(state_dict, prefix, local_metadata, *args)


class InstanceNorm1d(_InstanceNorm):
    """Instance normalisation over sequences (n, c, length): each channel of each sample gets mean 0 and variance 1.

    Shapes: (n, c, length) or (c, length) → the same; c is `num_features`. The formula, the parameters and the
    arguments are those of `InstanceNorm2d`.

    Raises ArgumentError; ShapeError when called.
    Source: https://pytorch.org/docs/stable/generated/torch.nn.InstanceNorm1d.html

    >>> import knoll
    >>> from knoll import nn
    >>> nn.InstanceNorm1d(2)(knoll.tensor([[[0.0, 2.0], [5.0, 9.0]]]))
    tensor([[[-1.0000,  1.0000],
             [-1.0000,  1.0000]]])
    """

    _axes = 2


class InstanceNorm2d(_InstanceNorm):
    """Instance normalisation over images (n, c, h, w): each channel of each image gets mean 0 and variance 1.

    y = (x − mean) / √(variance + eps), with a mean and a variance for each channel of each image, whatever the other
    images of the batch. Training and evaluation compute the same, unless there are running statistics. It stands in
    networks that draw images, where contrast and brightness of each image are to be forgotten.

    Shapes: (n, c, h, w) or (c, h, w) → the same; c is `num_features`. With `affine` there are `weight` (ones at
    first) and `bias` (zeros), both (c,); with `track_running_stats` the buffers `running_mean` and `running_var`.

    - `num_features`: the number of channels c.
    - `eps`: added to the variance, so that nothing is divided by zero.
    - `momentum`: how much of the running statistics each batch replaces.
    - `affine`: whether there are a weight and a bias, which are learned. `bias=False` leaves out the bias alone.
    - `track_running_stats`: whether there are running statistics, which are used in evaluation.
    - `device`, `dtype`: "cpu", and the element type of the parameters, float32 unless given.

    Raises ArgumentError; ShapeError when called.
    Source: https://pytorch.org/docs/stable/generated/torch.nn.InstanceNorm2d.html

    >>> import knoll
    >>> from knoll import nn
    >>> layer = nn.InstanceNorm2d(3)
    >>> layer
    InstanceNorm2d(3, eps=1e-05, momentum=0.1, affine=False, bias=False, track_running_stats=False)
    >>> layer(knoll.ones(2, 3, 4, 4)).shape
    (2, 3, 4, 4)
    """

    _axes = 3
