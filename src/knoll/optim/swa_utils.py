"""Averages of a network's weights over its training.

Source: https://pytorch.org/docs/stable/optim.html#weight-averaging-swa-and-ema
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from copy import deepcopy
from itertools import chain
from typing import Any

from knoll.errors import ArgumentError
from knoll.nn import BatchNorm1d, BatchNorm2d, Module, SyncBatchNorm
from knoll.optim.lr_scheduler.swa import SWALR as SWALR  # under PyTorch's name of its module
from knoll.tensor import Tensor, no_grad, tensor
from knoll.tensor.device import Device

Average = Callable[[Tensor, Tensor, Tensor], Tensor]
AverageMany = Callable[[Sequence[Tensor], Sequence[Tensor], Tensor], None]


def get_swa_avg_fn() -> Average:
    """The mean of all weights so far."""
    return lambda averaged, current, count: averaged + (current - averaged) / (count + 1)


def get_ema_avg_fn(decay: float = 0.999) -> Average:
    """A running mean that keeps the share `decay`. Raises ArgumentError for a share outside [0, 1]."""
    _check_decay(decay)
    return lambda averaged, current, _: averaged * decay + current * (1 - decay)


def get_swa_multi_avg_fn() -> AverageMany:
    """The mean of all weights so far, of many tensors at once, in place."""
    return _for_each(get_swa_avg_fn())


def get_ema_multi_avg_fn(decay: float = 0.999) -> AverageMany:
    """A running mean of many tensors at once, in place. Raises ArgumentError for a share outside [0, 1]."""
    return _for_each(get_ema_avg_fn(decay))


def _check_decay(decay: float) -> None:
    if not 0.0 <= decay <= 1.0:
        raise ArgumentError(f"Invalid decay value {decay} provided. Please provide a value in [0,1] range.")


def _for_each(average: Average) -> AverageMany:
    def update(averaged: Sequence[Tensor], current: Sequence[Tensor], count: Tensor) -> None:
        with no_grad():
            for mine, other in zip(averaged, current, strict=True):
                mine.copy_(average(mine, other, count))

    return update


class AveragedModel(Module):
    """A copy of a network whose weights are the average of those that it was updated with.

    `avg_fn` or `multi_avg_fn` say how to average, by default as the mean of all; `use_buffers` averages buffers, too.
    Raises ArgumentError where both are given.

    >>> from knoll import nn
    >>> from knoll.optim.swa_utils import AveragedModel
    >>> net = nn.Linear(1, 1)
    >>> averaged = AveragedModel(net)
    >>> averaged.update_parameters(net)
    >>> averaged.n_averaged
    tensor(1)
    """

    n_averaged: Tensor
    module: Module

    def __init__(
        self,
        model: Module,
        device: Device = None,
        avg_fn: Average | None = None,
        multi_avg_fn: AverageMany | None = None,
        use_buffers: bool = False,
    ) -> None:
        super().__init__()
        if avg_fn is not None and multi_avg_fn is not None:
            raise ArgumentError("Only one of avg_fn and multi_avg_fn should be provided")
        self.module = deepcopy(model)
        if device is not None:
            self.module = self.module.to(device)
        self.register_buffer("n_averaged", tensor(0))
        self.avg_fn = avg_fn
        self.multi_avg_fn = multi_avg_fn
        self.use_buffers = use_buffers

    def forward(self, *args: Any, **kwargs: Any) -> Any:
        """What the averaged network gives."""
        return self.module(*args, **kwargs)

    def update_parameters(self, model: Module) -> None:
        """Average the weights of `model` in; the first ones are copied."""
        mine, theirs = (
            [
                each.detach()
                for each in (chain(net.parameters(), net.buffers()) if self.use_buffers else net.parameters())
            ]
            for net in (self.module, model)
        )
        with no_grad():
            if self.n_averaged.item() == 0:
                for averaged, current in zip(mine, theirs, strict=True):
                    averaged.copy_(current)
            else:
                update = self.multi_avg_fn or _for_each(self.avg_fn or get_swa_avg_fn())
                update(mine, theirs, self.n_averaged)
            if not self.use_buffers:
                for averaged, current in zip(self.module.buffers(), model.buffers(), strict=True):
                    averaged.copy_(current)
            self.n_averaged += 1


def update_bn(loader: Iterable[Any], model: Module, device: Device = None) -> None:  # noqa: ARG001 (there is one)
    """Find the statistics of batch norm layers anew, as the mean over all batches of a loader.

    A batch is a tensor, or a list or tuple whose first entry is one.
    """
    layers = [layer for layer in model.modules() if isinstance(layer, BatchNorm1d | BatchNorm2d | SyncBatchNorm)]
    if not layers:
        return
    momenta, was_training = [layer.momentum for layer in layers], model.training
    for layer in layers:
        layer.reset_running_stats()
        layer.momentum = None
    model.train()
    with no_grad():
        for batch in loader:
            model(batch[0] if isinstance(batch, list | tuple) else batch)
    for layer, momentum in zip(layers, momenta, strict=True):
        layer.momentum = momentum
    model.train(was_training)
