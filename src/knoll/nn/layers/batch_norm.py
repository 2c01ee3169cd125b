"""Batch normalisation layers."""

from __future__ import annotations

import math
from typing import Any

from numpy.typing import DTypeLike

from knoll.errors import ArgumentError
from knoll.messages import say
from knoll.nn import functional as F
from knoll.nn.layers.lazy import LazyModuleMixin
from knoll.nn.layers.norm_base import NormBase
from knoll.nn.module import Module
from knoll.tensor import Tensor
from knoll.tensor.arguments import tensor
from knoll.tensor.device import Device
from knoll.tensor.mapped import mapped_call
from knoll.tensor.record import remembers
from knoll.tensor.storage.mutation import writing

__all__ = ["BatchNorm1d", "BatchNorm2d", "SyncBatchNorm"]

OF_RANK = {2: "BatchNorm1d", 4: "BatchNorm2d"}  # which layer takes so many axes


class _BatchNorm(NormBase):
    """Base class of batch normalisation of rows and of images."""

    _ranks: tuple[int, ...] = ()

    def forward(self, input: Tensor) -> Tensor:
        """The normalised input; in training the running statistics follow the batch."""
        input = tensor(input, "batch_norm")
        self._check_input_dim(input)
        own = self.training or (self.running_mean is None and self.running_var is None)
        remembered = (
            (self.running_mean, self.running_var) if not self.training or self.track_running_stats else (None,) * 2
        )
        momentum = self._count() if self.training and self.track_running_stats else self.momentum
        momentum = 0.0 if momentum is None else momentum
        return F.batch_norm(input, *remembered, self.weight, self.bias, own, momentum, self.eps)

    def _is_pure(self, *_: Tensor) -> bool:
        """Whether it remembers nothing of the batch."""
        return super()._is_pure() and not self.training

    def _count(self) -> float | None:
        """Count this batch, and give the momentum: 1 / batches so far if there is none."""
        if self.num_batches_tracked is None:
            return self.momentum
        if mapped_call(self.num_batches_tracked) is not None:
            self.num_batches_tracked.add_(1)
        elif remembers():
            with writing(self.num_batches_tracked) as count:  # at once: a count in the graph would cut the program
                count += 1
        return 1.0 / max(self.num_batches_tracked.item(), 1) if self.momentum is None else self.momentum

    def _check_input_dim(self, x: Tensor) -> None:
        if x.ndim not in self._ranks:
            ranks = " or ".join(f"{rank}D" for rank in self._ranks)
            raise ArgumentError(
                f"expected {ranks} input (got {x.ndim}D input)",
                expected=say("nn.channels_second", channels=self.num_features),
                got=f"{tuple(x.shape)}",
                advice=self._rank_advice(x),
            )

    def _rank_advice(self, x: Tensor) -> str | None:
        """A batch axis for one sample, or the layer for inputs with so many axes, where the channels then fit."""
        sizes = x.shape[1:]
        if x.ndim + 1 in self._ranks and x.shape[:1] == (self.num_features,):
            return say("nn.add_batch_axis") if not self.training or math.prod(sizes) > 1 else None
        if x.ndim in OF_RANK and sizes[:1] == (self.num_features,):
            return say("nn.batch_norm_of_rank", name=OF_RANK[x.ndim], channels=self.num_features)
        return None


class BatchNorm1d(_BatchNorm):
    """Batch normalisation over rows (n, c) or sequences (n, c, length): each feature gets mean 0 and variance 1.

    Shapes: (n, c) or (n, c, length) → the same; c is `num_features`. The formula, the parameters, the running
    statistics and the arguments are those of `BatchNorm2d`.

    Raises ArgumentError; ShapeError when called.
    Source: Ioffe and Szegedy, Batch normalization, 2015, https://arxiv.org/abs/1502.03167; https://pytorch.org/docs/stable/generated/torch.nn.BatchNorm1d.html

    >>> import knoll
    >>> from knoll import nn
    >>> nn.BatchNorm1d(2)(knoll.tensor([[0.0, 5.0], [2.0, 9.0]])).detach()
    tensor([[-1.0000, -1.0000],
            [ 1.0000,  1.0000]])
    """

    _ranks = (2, 3)


class BatchNorm2d(_BatchNorm):
    """Batch normalisation over images of shape (n, c, h, w): each channel gets mean 0 and variance 1.

    y = (x − mean) / √(variance + eps) · weight + bias, with one mean, variance, weight and bias for each channel.

    Shapes: (n, c, h, w) → the same; c is `num_features`. `weight` (ones at first) and `bias` (zeros) are (c,), and
    so are the buffers `running_mean` (zeros) and `running_var` (ones).

    In training (after `train()`) mean and variance are those of the batch, and the running ones follow them:
    running ← (1 − momentum) · running + momentum · new, with the unbiased variance, which divides by
    n·h·w − 1. After `eval()` the running ones are used, and a compiled network folds the layer into the
    convolution before it.

    - `num_features`: the number of channels c.
    - `eps`: added to the variance, so that nothing is divided by zero.
    - `momentum`: how much of the running statistics each batch replaces; None takes the mean of all batches so far.
    - `affine`: whether there are a weight and a bias, which are learned. `bias=False` leaves out the bias alone.
      A bias of the layer before is subtracted with the mean: write `bias=False` there.
    - `track_running_stats`: whether there are running statistics; without them each batch is normalised by its own.
    - `device`, `dtype`: "cpu", and the element type of the parameters, float32 unless given.

    Raises ArgumentError; ShapeError when called. Source: Ioffe and Szegedy, Batch normalization, 2015,
    https://arxiv.org/abs/1502.03167; https://pytorch.org/docs/stable/generated/torch.nn.BatchNorm2d.html

    >>> import knoll
    >>> from knoll import nn
    >>> layer = nn.BatchNorm2d(3)
    >>> layer
    BatchNorm2d(3, eps=1e-05, momentum=0.1, affine=True, bias=True, track_running_stats=True)
    >>> layer(knoll.ones(2, 3, 4, 4)).shape
    (2, 3, 4, 4)
    >>> layer.running_mean
    tensor([0.1000, 0.1000, 0.1000])
    """

    _ranks = (4,)


class SyncBatchNorm(_BatchNorm):
    """Batch normalisation for training in many processes, over inputs (n, c, …): each channel gets mean 0, variance 1.

    In PyTorch the statistics are those of the batches of all processes together. Knoll has one process, so they are
    those of its batch: the layer is `BatchNorm1d` or `BatchNorm2d`, and a program that was written for many processes
    runs in one.

    Shapes: (n, c) or (n, c, …) → the same; c is `num_features`. The formula, the parameters, the running
    statistics and the arguments are those of `BatchNorm2d`.

    - `process_group`: the processes that share their statistics; it is kept and changes nothing.

    Raises ArgumentError; ShapeError when called.
    Source: https://pytorch.org/docs/stable/generated/torch.nn.SyncBatchNorm.html

    >>> import knoll
    >>> from knoll import nn
    >>> nn.SyncBatchNorm(2)(knoll.tensor([[0.0, 5.0], [2.0, 9.0]])).detach()
    tensor([[-1.0000, -1.0000],
            [ 1.0000,  1.0000]])
    """

    def __init__(
        self,
        num_features: int,
        eps: float = 1e-5,
        momentum: float | None = 0.1,
        affine: bool = True,
        track_running_stats: bool = True,
        process_group: object = None,
        device: Device = None,
        dtype: DTypeLike | None = None,
        *,
        bias: bool = True,
    ) -> None:
        super().__init__(num_features, eps, momentum, affine, track_running_stats, device, dtype, bias=bias)
        self.process_group = process_group

    def _check_input_dim(self, x: Tensor) -> None:
        if x.ndim < 2:
            raise ArgumentError(
                f"expected at least 2D input (got {x.ndim}D input)",
                expected=say("nn.channels_second", channels=self.num_features),
                got=f"{tuple(x.shape)}",
            )
        if not x.shape[1]:
            raise ArgumentError("SyncBatchNorm number of input channels should be non-zero", got=f"{tuple(x.shape)}")

    @classmethod
    def convert_sync_batchnorm(cls, module: Module, process_group: object = None) -> Module:
        """The module with a `SyncBatchNorm` in the place of each batch normalisation, which keeps its tensors.

        A batch normalisation itself becomes a new layer; of anything else the parts are replaced in place. Lazy layers
        stay as they are.

        >>> from knoll import nn
        >>> nn.SyncBatchNorm.convert_sync_batchnorm(nn.Sequential(nn.BatchNorm1d(3)))[0]
        SyncBatchNorm(3, eps=1e-05, momentum=0.1, affine=True, bias=True, track_running_stats=True)
        """
        if isinstance(module, _BatchNorm) and not isinstance(module, LazyModuleMixin):
            return _in_place_of(module, process_group)
        for name, child in module.named_children():
            module.add_module(name, cls.convert_sync_batchnorm(child, process_group))
        return module


def _in_place_of(layer: _BatchNorm, process_group: Any) -> SyncBatchNorm:
    """A layer with the tensors of another."""
    made = SyncBatchNorm(
        layer.num_features,
        layer.eps,
        layer.momentum,
        layer.affine,
        layer.track_running_stats,
        process_group,
        bias=layer.bias is not None,
    )
    for name in ("weight", "bias", "running_mean", "running_var", "num_batches_tracked", "training"):
        setattr(made, name, getattr(layer, name))
    return made
