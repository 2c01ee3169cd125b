"""A rate that goes up once and down once in a whole training."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from knoll.errors import ArgumentError, EntryError
from knoll.messages import say
from knoll.optim.checks import check_factor
from knoll.optim.lr_scheduler.base import LRScheduler, Rate, checked_optimizer, for_each_group
from knoll.optim.lr_scheduler.momentum import begin_momentum, set_momentum, uses_beta1
from knoll.optim.optimizer import Group, Optimizer
from knoll.tensor.arguments import truthy


class OneCycleLR(LRScheduler):
    """One-cycle policy: up to `max_lr` in the fraction `pct_start` of all batches, then down to nearly nothing.

    "Nothing" is the first rate divided by `final_div_factor`. There are `total_steps` batches, or `epochs` times
    `steps_per_epoch`. The rate goes along half a cosine, or along a line (`anneal_strategy` "cos", "linear"); with
    `three_phase` it goes down as it came up before it vanishes. The momentum moves against the rate. Raises
    ArgumentError, also from `step` when all batches are done.
    Source: https://pytorch.org/docs/stable/generated/torch.optim.lr_scheduler.OneCycleLR.html; Smith and Topin,
    "Super-convergence", 2017, https://arxiv.org/abs/1708.07120

    >>> import knoll
    >>> from knoll import optim
    >>> optimizer = optim.SGD([knoll.zeros(1, requires_grad=True)], lr=1.0)
    >>> scheduler = optim.lr_scheduler.OneCycleLR(optimizer, max_lr=1.0, total_steps=4)
    >>> rates = []
    >>> for _ in range(4):
    ...     rates += scheduler.get_last_lr()
    ...     optimizer.step()
    ...     scheduler.step()
    >>> [round(rate, 4) for rate in rates]
    [0.04, 0.8117, 0.2831, 0.0]
    """

    optimizer: Optimizer
    total_steps: int
    use_beta1: bool
    cycle_momentum: bool

    def __init__(
        self,
        optimizer: Optimizer,
        max_lr: float | Sequence[float],
        total_steps: int | None = None,
        epochs: int | None = None,
        steps_per_epoch: int | None = None,
        pct_start: float = 0.3,
        anneal_strategy: str = "cos",
        cycle_momentum: bool = True,
        base_momentum: float | Sequence[float] = 0.85,
        max_momentum: float | Sequence[float] = 0.95,
        div_factor: float = 25.0,
        final_div_factor: float = 1e4,
        three_phase: bool = False,
        last_epoch: int = -1,
    ) -> None:
        self.optimizer = checked_optimizer(optimizer)
        self.total_steps = _total(total_steps, epochs, steps_per_epoch)
        if not isinstance(pct_start, float) or not 0 <= pct_start <= 1:
            raise ArgumentError(f"Expected float between 0 and 1 pct_start, but got {pct_start}")
        if anneal_strategy not in ("cos", "linear"):
            raise ArgumentError(f"anneal_strategy must be one of 'cos' or 'linear', instead got {anneal_strategy}")
        three = truthy(three_phase, "OneCycleLR", "three_phase")
        self._schedule_phases = _phases(self.total_steps, pct_start, three)
        self._anneal_func_type = anneal_strategy
        for name, value in (("div_factor", div_factor), ("final_div_factor", final_div_factor)):
            check_factor(name, value)
        highest = for_each_group("max_lr", optimizer, max_lr)
        if last_epoch == -1:
            for group, high in zip(optimizer.param_groups, highest, strict=True):
                group["initial_lr"] = high / div_factor
                group["max_lr"] = high
                group["min_lr"] = group["initial_lr"] / final_div_factor
        self.cycle_momentum = truthy(cycle_momentum, "OneCycleLR", "cycle_momentum")
        if self.cycle_momentum:
            self.use_beta1 = uses_beta1(optimizer)
            low = for_each_group("base_momentum", optimizer, base_momentum)
            high = for_each_group("max_momentum", optimizer, max_momentum)
            if last_epoch == -1:
                begin_momentum(optimizer, self.use_beta1, low, high)
        super().__init__(optimizer, last_epoch)

    def get_lr(self) -> list[Rate]:
        """The rates of the batch `last_epoch`; the momentum of each group is set on the way."""
        self._warn_outside_of_step()
        if self.last_epoch > self.total_steps:
            raise ArgumentError(
                f"Tried to step {self.last_epoch} times. The specified number of total steps is {self.total_steps}",
                advice=say("optim.total_steps"),
            )
        phase, share = self._where()
        if self.cycle_momentum:
            for group in self.optimizer.param_groups:
                set_momentum(group, self.use_beta1, self._between(group, phase, "momentum", share))
        return [self._between(group, phase, "lr", share) for group in self.optimizer.param_groups]

    def _where(self) -> tuple[dict[str, Any], float]:
        """The phase of this batch, and which share of it is done."""
        begin = 0.0
        for phase in self._schedule_phases:
            if self.last_epoch <= phase["end_step"] or phase is self._schedule_phases[-1]:
                break
            begin = phase["end_step"]
        length = phase["end_step"] - begin
        return phase, (self.last_epoch - begin) / length if length else 1.0

    def _between(self, group: Group, phase: dict[str, Any], kind: str, share: float) -> Any:
        """The value between both ends of a phase."""
        for end in (phase[f"start_{kind}"], phase[f"end_{kind}"]):
            if end not in group:
                raise EntryError(say("optim.no_bounds", name=end), advice=say("optim.late_group"))
        start, end = group[phase[f"start_{kind}"]], group[phase[f"end_{kind}"]]
        if self._anneal_func_type == "linear":
            return (end - start) * share + start
        return end + (start - end) / 2.0 * (math.cos(math.pi * share) + 1)


def _total(total_steps: int | None, epochs: int | None, steps_per_epoch: int | None) -> int:
    if total_steps is None and (epochs is None or steps_per_epoch is None):
        raise ArgumentError("You must define either total_steps OR (epochs AND steps_per_epoch)")
    if total_steps is not None:
        return _positive("total_steps", total_steps)
    return _positive("epochs", epochs) * _positive("steps_per_epoch", steps_per_epoch)


def _positive(name: str, value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or value <= 0:
        raise ArgumentError(f"Expected positive integer {name}, but got {value}")
    return value


def _phases(total: int, share: float, three: bool) -> list[dict[str, Any]]:
    """The last batch of each phase, and which entries of a group it goes between."""
    up = _phase(share * total - 1, ("initial_lr", "max_lr"), ("max_momentum", "base_momentum"))
    if not three:
        return [up, _phase(total - 1, ("max_lr", "min_lr"), ("base_momentum", "max_momentum"))]
    return [
        up,
        _phase(2 * share * total - 2, ("max_lr", "initial_lr"), ("base_momentum", "max_momentum")),
        _phase(total - 1, ("initial_lr", "min_lr"), ("max_momentum", "max_momentum")),
    ]


def _phase(end: float, rates: tuple[str, str], momentums: tuple[str, str]) -> dict[str, Any]:
    return {
        "end_step": end,
        "start_lr": rates[0],
        "end_lr": rates[1],
        "start_momentum": momentums[0],
        "end_momentum": momentums[1],
    }
