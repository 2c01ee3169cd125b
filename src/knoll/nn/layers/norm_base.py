"""What normalisations share: learned scale and shift; running statistics, and their names in a state dict."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import DTypeLike

from knoll.graph import Shape
from knoll.graph.memory_limit import empty
from knoll.graph.spec import DType
from knoll.nn.convert import parameter_dtype
from knoll.nn.init.skip import constants_skipped
from knoll.nn.module import Module
from knoll.nn.parameter import Parameter
from knoll.nn.sizes import integer
from knoll.tensor import Tensor, no_grad
from knoll.tensor.arguments import truthy
from knoll.tensor.device import Device


class AffineNorm(Module):
    """Base class of normalisations that may learn a scale, `weight`, and a shift, `bias`."""

    weight: Parameter | None
    bias: Parameter | None

    def _register_affine(self, shape: int | Shape, scale: bool, shift: bool, element: DType) -> None:
        """Make those that are learned; None of the others."""
        for name, learned in (("weight", scale), ("bias", shift)):
            self.register_parameter(name, Parameter._empty(shape, element) if learned else None)

    def reset_parameters(self) -> None:
        """Forget what was learned: weight 1, bias 0."""
        if constants_skipped():
            return
        with no_grad():
            if self.weight is not None:
                self.weight.fill_(1)
            if self.bias is not None:
                self.bias.zero_()


class NormBase(AffineNorm):
    """Base class of normalisations that may keep running statistics and learn a scale and a shift of each channel."""

    _version = 2  # the first did not count batches

    running_mean: Tensor | None
    running_var: Tensor | None
    num_batches_tracked: Tensor | None
    num_features: int
    eps: float
    momentum: float | None
    affine: bool
    track_running_stats: bool

    def __init__(
        self,
        num_features: int,
        eps: float = 1e-5,
        momentum: float | None = 0.1,
        affine: bool = True,
        track_running_stats: bool = True,
        device: Device = None,
        dtype: DTypeLike | None = None,
        *,
        bias: bool = True,
    ) -> None:
        super().__init__()
        self.num_features = integer(num_features, "num_features", 0, type(self).__name__)
        self.eps, self.momentum = eps, momentum
        self.affine, self.track_running_stats = affine, track_running_stats
        affine, bias = (truthy(flag, type(self).__name__, "affine") for flag in (affine, bias))
        track_running_stats = truthy(track_running_stats, type(self).__name__, "track_running_stats")
        element = parameter_dtype(device, dtype)
        self._register_affine(self.num_features, affine, affine and bias, element)
        for name in ("running_mean", "running_var"):
            room = Tensor._over(empty(self.num_features, element)) if track_running_stats else None
            self.register_buffer(name, room)
        self.register_buffer("num_batches_tracked", Tensor._over(np.array(0)) if track_running_stats else None)
        self.reset_parameters()

    def reset_running_stats(self) -> None:
        """Forget what was seen, if it is tracked: mean 0, variance 1."""
        if constants_skipped() or not self.track_running_stats:
            return
        if self.running_mean is not None and self.running_var is not None and self.num_batches_tracked is not None:
            self.running_mean.zero_()
            self.running_var.fill_(1)
            self.num_batches_tracked.zero_()

    def reset_parameters(self) -> None:
        """Forget what was seen and learned: weight 1, bias 0."""
        self.reset_running_stats()
        super().reset_parameters()

    def _load_from_state_dict(
        self, state_dict: dict[str, Any], prefix: str, local_metadata: dict[str, Any], *args: Any
    ) -> None:
        """As every module; but a state dict of before version 2 may lack the number of batches, which is then kept."""
        version = local_metadata.get("version")
        if self.num_batches_tracked is not None and (version is None or version < 2):
            state_dict.setdefault(f"{prefix}num_batches_tracked", self.num_batches_tracked)
        super()._load_from_state_dict(state_dict, prefix, local_metadata, *args)

    def extra_repr(self) -> str:
        """The arguments."""
        return (
            f"{self.num_features}, eps={self.eps}, momentum={self.momentum}, affine={self.affine}, "
            f"bias={self.bias is not None}, track_running_stats={self.track_running_stats}"
        )
