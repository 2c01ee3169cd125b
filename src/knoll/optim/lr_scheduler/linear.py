"""A rate that rises or falls along a line for the first epochs."""

from __future__ import annotations

from knoll.errors import ArgumentError
from knoll.optim.checks import check_factor, check_whole
from knoll.optim.lr_scheduler.base import LRScheduler, Rate
from knoll.optim.optimizer import Optimizer


class LinearLR(LRScheduler):
    """Linear schedule: the rate times a factor from `start_factor` to `end_factor` in the first `total_iters` epochs.

    Raises ArgumentError. Source: https://pytorch.org/docs/stable/generated/torch.optim.lr_scheduler.LinearLR.html

    >>> import knoll
    >>> from knoll import optim
    >>> optimizer = optim.SGD([knoll.zeros(1, requires_grad=True)], lr=1.0)
    >>> scheduler = optim.lr_scheduler.LinearLR(optimizer, start_factor=0.5, total_iters=2)
    >>> rates = []
    >>> for _ in range(4):
    ...     rates += scheduler.get_last_lr()
    ...     optimizer.step()
    ...     scheduler.step()
    >>> [round(rate, 4) for rate in rates]
    [0.5, 0.75, 1.0, 1.0]
    """

    end_factor: float
    start_factor: float
    total_iters: int

    def __init__(
        self,
        optimizer: Optimizer,
        start_factor: float = 1 / 3,
        end_factor: float = 1.0,
        total_iters: int = 5,
        last_epoch: int = -1,
    ) -> None:
        if not 0 < check_factor("start_factor", start_factor) <= 1:
            raise ArgumentError(
                "Starting multiplicative factor expected to be greater than 0 and less or equal to 1.",
                got=str(start_factor),
            )
        if not 0 <= check_factor("end_factor", end_factor) <= 1:
            raise ArgumentError("Ending multiplicative factor expected to be between 0 and 1.", got=str(end_factor))
        self.start_factor, self.end_factor = start_factor, end_factor
        self.total_iters = check_whole("total_iters", total_iters, 0)
        super().__init__(optimizer, last_epoch)

    def get_lr(self) -> list[Rate]:
        """The present rates, scaled by the ratio of the factors of this epoch and the last."""
        self._warn_outside_of_step()
        if self.last_epoch == 0:
            return [group["lr"] * self.start_factor for group in self.optimizer.param_groups]
        if self._is_initial or self.last_epoch > self.total_iters:
            return self._rates()
        rise = self.end_factor - self.start_factor
        ratio = 1.0 + rise / (self.total_iters * self.start_factor + (self.last_epoch - 1) * rise)
        return [group["lr"] * ratio for group in self.optimizer.param_groups]

    def _get_closed_form_lr(self) -> list[Rate]:
        done = min(self.total_iters, self.last_epoch) / self.total_iters if self.total_iters else 1.0
        return [base * (self.start_factor + (self.end_factor - self.start_factor) * done) for base in self.base_lrs]
