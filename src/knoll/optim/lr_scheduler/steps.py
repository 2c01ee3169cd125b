"""Rates that fall by a factor at certain epochs."""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable

from knoll.optim.checks import check_factor, check_whole
from knoll.optim.lr_scheduler.base import LRScheduler, Rate
from knoll.optim.optimizer import Optimizer
from knoll.tensor.arguments import items


class StepLR(LRScheduler):
    """Step decay: the rate times `gamma` every `step_size` epochs.

    Source: https://pytorch.org/docs/stable/generated/torch.optim.lr_scheduler.StepLR.html

    >>> from knoll.optim import SGD
    >>> from knoll.optim.lr_scheduler import StepLR
    >>> from knoll.tensor import zeros
    >>> optimizer = SGD([zeros(1)], lr=1.0)
    >>> schedule = StepLR(optimizer, step_size=2, gamma=0.5)
    >>> for _ in range(4):
    ...     optimizer.step()
    ...     schedule.step()
    >>> schedule.get_last_lr()
    [0.25]
    """

    gamma: float
    step_size: int

    def __init__(self, optimizer: Optimizer, step_size: int, gamma: float = 0.1, last_epoch: int = -1) -> None:
        self.step_size, self.gamma = check_whole("step_size", step_size, 1), check_factor("gamma", gamma)
        super().__init__(optimizer, last_epoch)

    def get_lr(self) -> list[Rate]:
        """The present rates, times `gamma` where an interval ends."""
        self._warn_outside_of_step()
        if self.last_epoch == 0 or self.last_epoch % self.step_size != 0:
            return self._rates()
        return [group["lr"] * self.gamma for group in self.optimizer.param_groups]

    def _get_closed_form_lr(self) -> list[Rate]:
        return [base * self.gamma ** (self.last_epoch // self.step_size) for base in self.base_lrs]


class MultiStepLR(LRScheduler):
    """Step decay at given epochs: the rate times `gamma` at each of the epochs `milestones`.

    Source: https://pytorch.org/docs/stable/generated/torch.optim.lr_scheduler.MultiStepLR.html

    >>> import knoll
    >>> from knoll import optim
    >>> optimizer = optim.SGD([knoll.zeros(1, requires_grad=True)], lr=1.0)
    >>> scheduler = optim.lr_scheduler.MultiStepLR(optimizer, milestones=[1, 3], gamma=0.5)
    >>> rates = []
    >>> for _ in range(4):
    ...     rates += scheduler.get_last_lr()
    ...     optimizer.step()
    ...     scheduler.step()
    >>> [round(rate, 4) for rate in rates]
    [1.0, 0.5, 0.5, 0.25]
    """

    milestones: Counter[int]
    gamma: float

    def __init__(
        self, optimizer: Optimizer, milestones: Iterable[int], gamma: float = 0.1, last_epoch: int = -1
    ) -> None:
        listed = items(milestones, "MultiStepLR", "milestones")
        self.milestones = Counter(check_whole("milestones", milestone, 0) for milestone in listed)
        self.gamma = check_factor("gamma", gamma)
        super().__init__(optimizer, last_epoch)

    def get_lr(self) -> list[Rate]:
        """The present rates, times `gamma` for each milestone reached."""
        self._warn_outside_of_step()
        if self.last_epoch not in self.milestones:
            return self._rates()
        factor = self.gamma ** self.milestones[self.last_epoch]
        return [group["lr"] * factor for group in self.optimizer.param_groups]

    def _get_closed_form_lr(self) -> list[Rate]:
        reached = bisect_right(sorted(self.milestones.elements()), self.last_epoch)
        return [base * self.gamma**reached for base in self.base_lrs]
