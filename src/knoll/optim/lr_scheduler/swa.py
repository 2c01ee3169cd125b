"""The rate of a training whose weights are averaged."""

from __future__ import annotations

import math
from collections.abc import Sequence

from knoll.errors import ArgumentError
from knoll.optim.lr_scheduler.base import LRScheduler, Rate, checked_optimizer, for_each_group
from knoll.optim.optimizer import Optimizer


class SWALR(LRScheduler):
    """Stochastic weight averaging: each rate goes to a constant `swa_lr` in `anneal_epochs`, and stays there.

    It goes along half a cosine, with `anneal_strategy` "linear" along a line, from where another schedule has left it.
    Raises ArgumentError. Source: https://pytorch.org/docs/stable/optim.html#swa-learning-rate-schedules; Izmailov et
    al., Averaging weights leads to wider optima and better generalization, 2018.

    >>> import knoll
    >>> from knoll import optim
    >>> optimizer = optim.SGD([knoll.zeros(1, requires_grad=True)], lr=1.0)
    >>> schedule = optim.swa_utils.SWALR(optimizer, swa_lr=0.5, anneal_epochs=2, anneal_strategy="linear")
    >>> rates = []
    >>> for _ in range(4):
    ...     rates += schedule.get_last_lr()
    ...     optimizer.step()
    ...     schedule.step()
    >>> rates
    [1.0, 0.75, 0.5, 0.5]
    """

    anneal_epochs: int

    def __init__(
        self,
        optimizer: Optimizer,
        swa_lr: float | Sequence[float],
        anneal_epochs: int = 10,
        anneal_strategy: str = "cos",
        last_epoch: int = -1,
    ) -> None:
        if anneal_strategy not in ("cos", "linear"):
            raise ArgumentError(f"anneal_strategy must by one of 'cos' or 'linear', instead got {anneal_strategy}")
        if isinstance(anneal_epochs, bool) or not isinstance(anneal_epochs, int) or anneal_epochs < 0:
            raise ArgumentError(f"anneal_epochs must be equal or greater than 0, got {anneal_epochs}")
        rates = for_each_group("swa_lr", checked_optimizer(optimizer), swa_lr)
        for rate, group in zip(rates, optimizer.param_groups, strict=True):
            group["swa_lr"] = rate
        self.anneal_epochs, self.anneal_strategy = anneal_epochs, anneal_strategy
        super().__init__(optimizer, last_epoch)

    def get_lr(self) -> list[Rate]:
        """The present rates, as much nearer to `swa_lr` as one epoch brings them."""
        self._warn_outside_of_step()
        step = self._step_count - 1
        if self.anneal_epochs == 0:
            step = max(1, step)
        now, before = self._share(step), self._share(step - 1)
        return [_between(group, now, before) for group in self.optimizer.param_groups]

    def _share(self, step: int) -> float:
        """How much of the way is gone after a step."""
        gone = max(0.0, min(1.0, step / max(1, self.anneal_epochs)))
        return gone if self.anneal_strategy == "linear" else (1 - math.cos(math.pi * gone)) / 2


def _between(group: dict[str, Rate], now: float, before: float) -> Rate:
    """The rate of a group between that of its begin, which is told from the present one, and the last."""
    last = group["swa_lr"]
    begin = last if before == 1 else (group["lr"] - before * last) / (1 - before)
    return last * now + begin * (1 - now)
