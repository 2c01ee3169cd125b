"""A rate that falls and rises along a cosine."""

from __future__ import annotations

import math

from knoll.optim.checks import check_factor, check_whole
from knoll.optim.lr_scheduler.base import LRScheduler, Rate
from knoll.optim.optimizer import Optimizer


class CosineAnnealingLR(LRScheduler):
    """Cosine annealing: half a cosine from the initial rate down to `eta_min` in `T_max` epochs, then up again.

    Source: https://pytorch.org/docs/stable/generated/torch.optim.lr_scheduler.CosineAnnealingLR.html; Loshchilov and
    Hutter, "SGDR", ICLR 2017.

    >>> import knoll
    >>> from knoll import optim
    >>> optimizer = optim.SGD([knoll.zeros(1, requires_grad=True)], lr=1.0)
    >>> scheduler = optim.lr_scheduler.CosineAnnealingLR(optimizer, T_max=2)
    >>> rates = []
    >>> for _ in range(4):
    ...     rates += scheduler.get_last_lr()
    ...     optimizer.step()
    ...     scheduler.step()
    >>> [round(rate, 4) for rate in rates]
    [1.0, 0.5, 0.0, 0.5]
    """

    T_max: int
    eta_min: float

    def __init__(self, optimizer: Optimizer, T_max: int, eta_min: float = 0.0, last_epoch: int = -1) -> None:  # noqa: N803 (PyTorch's names)
        self.T_max, self.eta_min = check_whole("T_max", T_max, 1), check_factor("eta_min", eta_min)
        super().__init__(optimizer, last_epoch)

    def get_lr(self) -> list[Rate]:
        """The present rates, scaled by the ratio of the cosines of this epoch and the last."""
        self._warn_outside_of_step()
        if self._is_initial:
            return self._rates()
        epoch, half, low = self.last_epoch, self.T_max, self.eta_min
        groups = self.optimizer.param_groups
        if (epoch - 1 - half) % (2 * half) == 0:  # the last cosine was −1: nothing to scale
            rise = (1 - math.cos(math.pi / half)) / 2
            return [group["lr"] + (base - low) * rise for base, group in zip(self.base_lrs, groups, strict=True)]
        now, then = (1 + math.cos(math.pi * at / half) for at in (epoch, epoch - 1))
        return [now / then * (group["lr"] - low) + low for group in groups]

    def _get_closed_form_lr(self) -> list[Rate]:
        height = (1 + math.cos(math.pi * self.last_epoch / self.T_max)) / 2
        return [self.eta_min + (base - self.eta_min) * height for base in self.base_lrs]
