"""A smaller rate for the first epochs."""

from __future__ import annotations

from knoll.errors import ArgumentError
from knoll.optim.checks import check_factor, check_whole
from knoll.optim.lr_scheduler.base import LRScheduler, Rate
from knoll.optim.optimizer import Optimizer


class ConstantLR(LRScheduler):
    """Constant schedule: the rate times `factor` for `total_iters` epochs, then in full. Raises ArgumentError.

    Source: https://pytorch.org/docs/stable/generated/torch.optim.lr_scheduler.ConstantLR.html

    >>> import knoll
    >>> from knoll import optim
    >>> optimizer = optim.SGD([knoll.zeros(1, requires_grad=True)], lr=1.0)
    >>> scheduler = optim.lr_scheduler.ConstantLR(optimizer, factor=0.5, total_iters=2)
    >>> rates = []
    >>> for _ in range(4):
    ...     rates += scheduler.get_last_lr()
    ...     optimizer.step()
    ...     scheduler.step()
    >>> [round(rate, 4) for rate in rates]
    [0.5, 0.5, 1.0, 1.0]
    """

    factor: float
    total_iters: int

    def __init__(self, optimizer: Optimizer, factor: float = 1 / 3, total_iters: int = 5, last_epoch: int = -1) -> None:
        if not 0 <= check_factor("factor", factor) <= 1:
            raise ArgumentError("Constant multiplicative factor expected to be between 0 and 1.", got=str(factor))
        self.factor, self.total_iters = factor, check_whole("total_iters", total_iters, 0)
        super().__init__(optimizer, last_epoch)

    def get_lr(self) -> list[Rate]:
        """The present rates, made smaller at the beginning and full again at the end."""
        self._warn_outside_of_step()
        if self.last_epoch == 0:
            return [group["lr"] * self.factor for group in self.optimizer.param_groups]
        if self.last_epoch != self.total_iters:
            return self._rates()
        if self.factor == 0:  # nothing is left that could be scaled
            return list(self.base_lrs)
        return [group["lr"] * (1.0 / self.factor) for group in self.optimizer.param_groups]

    def _get_closed_form_lr(self) -> list[Rate]:
        factor = self.factor + (self.last_epoch >= self.total_iters) * (1 - self.factor)
        return [base * factor for base in self.base_lrs]
