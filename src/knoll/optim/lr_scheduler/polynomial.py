"""A rate that falls to zero along a polynomial."""

from __future__ import annotations

from knoll.optim.checks import check_factor, check_whole
from knoll.optim.lr_scheduler.base import LRScheduler, Rate
from knoll.optim.optimizer import Optimizer


class PolynomialLR(LRScheduler):
    """Polynomial decay: the rate times (1 − epoch / total_iters) ** power, zero from `total_iters` epochs on.

    Source: https://pytorch.org/docs/stable/generated/torch.optim.lr_scheduler.PolynomialLR.html

    >>> import knoll
    >>> from knoll import optim
    >>> optimizer = optim.SGD([knoll.zeros(1, requires_grad=True)], lr=1.0)
    >>> scheduler = optim.lr_scheduler.PolynomialLR(optimizer, total_iters=4)
    >>> rates = []
    >>> for _ in range(4):
    ...     rates += scheduler.get_last_lr()
    ...     optimizer.step()
    ...     scheduler.step()
    >>> [round(rate, 4) for rate in rates]
    [1.0, 0.75, 0.5, 0.25]
    """

    power: float
    total_iters: int

    def __init__(self, optimizer: Optimizer, total_iters: int = 5, power: float = 1.0, last_epoch: int = -1) -> None:
        self.total_iters, self.power = check_whole("total_iters", total_iters, 0), check_factor("power", power)
        super().__init__(optimizer, last_epoch)

    def get_lr(self) -> list[Rate]:
        """The present rates, scaled by the ratio of the factors of this epoch and the last."""
        self._warn_outside_of_step()
        if self._is_initial or self.last_epoch > self.total_iters:
            return self._rates()
        now, then = (1.0 - epoch / self.total_iters for epoch in (self.last_epoch, self.last_epoch - 1))
        factor = (now / then) ** self.power
        return [group["lr"] * factor for group in self.optimizer.param_groups]

    def _get_closed_form_lr(self) -> list[Rate]:
        left = 1.0 - (min(self.total_iters, self.last_epoch) / self.total_iters if self.total_iters else 1.0)
        return [base * left**self.power for base in self.base_lrs]
