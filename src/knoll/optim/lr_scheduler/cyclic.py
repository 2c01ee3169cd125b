"""A rate that goes up and down between two bounds."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

from knoll.errors import ArgumentError
from knoll.optim.checks import check_factor, check_whole
from knoll.optim.lr_scheduler.base import LRScheduler, Rate, checked_optimizer, checked_state, for_each_group, set_entry
from knoll.optim.lr_scheduler.functions import attributes_of
from knoll.optim.lr_scheduler.momentum import begin_momentum, set_momentum, uses_beta1
from knoll.optim.optimizer import Optimizer
from knoll.tensor.arguments import called, truthy

_MODES = ("triangular", "triangular2", "exp_range")


class CyclicLR(LRScheduler):
    """Cyclical schedule: from `base_lr` up to `max_lr` in `step_size_up` batches, down in `step_size_down`, and again.

    `mode` says how the height changes: not at all ("triangular"), by half each cycle ("triangular2"), or times
    `gamma` each batch ("exp_range"); `scale_fn` gives it instead, of the number of the cycle or of the batch, as
    `scale_mode` "cycle" or "iterations" says. The momentum moves against the rate. Raises ArgumentError.
    Source: https://pytorch.org/docs/stable/generated/torch.optim.lr_scheduler.CyclicLR.html; Smith, "Cyclical learning
    rates for training neural networks", WACV 2017.

    >>> import knoll
    >>> from knoll import optim
    >>> optimizer = optim.SGD([knoll.zeros(1, requires_grad=True)], lr=1.0)
    >>> scheduler = optim.lr_scheduler.CyclicLR(optimizer, base_lr=0.5, max_lr=1.0, step_size_up=2)
    >>> rates = []
    >>> for _ in range(4):
    ...     rates += scheduler.get_last_lr()
    ...     optimizer.step()
    ...     scheduler.step()
    >>> [round(rate, 4) for rate in rates]
    [0.5, 0.75, 1.0, 0.75]
    """

    optimizer: Optimizer
    max_lrs: list[float]
    step_ratio: float
    total_size: float
    gamma: float
    mode: str
    scale_mode: str
    cycle_momentum: bool
    use_beta1: bool
    base_momentums: list[float]
    max_momentums: list[float]

    def __init__(
        self,
        optimizer: Optimizer,
        base_lr: float | Sequence[float],
        max_lr: float | Sequence[float],
        step_size_up: int = 2000,
        step_size_down: int | None = None,
        mode: str = "triangular",
        gamma: float = 1.0,
        scale_fn: Callable[[float], float] | None = None,
        scale_mode: str = "cycle",
        cycle_momentum: bool = True,
        base_momentum: float | Sequence[float] = 0.8,
        max_momentum: float | Sequence[float] = 0.9,
        last_epoch: int = -1,
    ) -> None:
        self.optimizer = checked_optimizer(optimizer)
        base_lrs = for_each_group("base_lr", optimizer, base_lr)
        if last_epoch == -1:
            for rate, group in zip(base_lrs, optimizer.param_groups, strict=True):
                set_entry(group, "lr", rate)
        self.max_lrs = for_each_group("max_lr", optimizer, max_lr)
        up = float(check_whole("step_size_up", step_size_up, 1))
        down = up if step_size_down is None else float(check_whole("step_size_down", step_size_down, 1))
        self.total_size, self.step_ratio = up + down, up / (up + down)
        if scale_fn is not None:
            called(scale_fn, "CyclicLR", "scale_fn")
        elif not isinstance(mode, str) or mode not in _MODES:
            raise ArgumentError("mode is invalid and scale_fn is None", expected=", ".join(_MODES), got=str(mode))
        self.mode, self.gamma = mode, check_factor("gamma", gamma)
        self._scale_fn_custom = scale_fn
        self.scale_mode = scale_mode if scale_fn is not None else "iterations" if mode == "exp_range" else "cycle"
        self.cycle_momentum = truthy(cycle_momentum, "CyclicLR", "cycle_momentum")
        if self.cycle_momentum:
            self.use_beta1 = uses_beta1(optimizer)
            self.base_momentums = for_each_group("base_momentum", optimizer, base_momentum)
            self.max_momentums = for_each_group("max_momentum", optimizer, max_momentum)
            if last_epoch == -1:
                begin_momentum(optimizer, self.use_beta1, self.base_momentums, self.max_momentums)
        super().__init__(optimizer, last_epoch)
        self.base_lrs = base_lrs

    def scale_fn(self, x: float) -> float:
        """The height of the cycle or batch `x`, as a share of the full one."""
        if self._scale_fn_custom is not None:
            return float(self._scale_fn_custom(x))
        if self.mode == "exp_range":
            return float(self.gamma**x)
        return 1.0 if self.mode == "triangular" else 1 / 2.0 ** (x - 1)

    def get_lr(self) -> list[Rate]:
        """The rates of the batch `last_epoch`; the momentum of each group is set on the way."""
        self._warn_outside_of_step()
        self._refuse_late_groups()
        cycle = math.floor(1 + self.last_epoch / self.total_size)
        x = 1.0 + self.last_epoch / self.total_size - cycle
        height = x / self.step_ratio if x <= self.step_ratio else (x - 1) / (self.step_ratio - 1)
        scale = self.scale_fn(cycle if self.scale_mode == "cycle" else self.last_epoch)
        if self.cycle_momentum:
            bounds = zip(self.optimizer.param_groups, self.base_momentums, self.max_momentums, strict=True)
            for group, low, high in bounds:
                set_momentum(group, self.use_beta1, high - (high - low) * height * scale)
        return [low + (high - low) * height * scale for low, high in zip(self.base_lrs, self.max_lrs, strict=True)]

    def _refuse_late_groups(self) -> None:
        for_each_group("max_lr", self.optimizer, self.max_lrs)

    def state_dict(self) -> dict[str, Any]:
        """All but the optimiser and a plain `scale_fn`; of a callable object its attributes."""
        return {**super().state_dict(), "_scale_fn_custom": attributes_of(self._scale_fn_custom)}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Go on from a state that was saved, with the `scale_fn` that this schedule was made with."""
        state = dict(checked_state(state_dict))
        attributes = state.pop("_scale_fn_custom", None)
        super().load_state_dict(state)
        if attributes is not None:
            vars(self._scale_fn_custom).update(attributes)
