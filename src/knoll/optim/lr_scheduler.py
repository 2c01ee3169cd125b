"""Schedules: learning rates that change from epoch to epoch.

Each schedule computes the next rate from the present one, so that several may take turns on one optimiser, as in
PyTorch.
Source: https://pytorch.org/docs/stable/optim.html#how-to-adjust-learning-rate
"""

from __future__ import annotations

import math
import warnings
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any

from knoll.errors import ArgumentError
from knoll.messages import say
from knoll.optim.optimizer import Group, Optimizer


class LRScheduler:
    """The base of every schedule: `step()` after each epoch sets the rates of the optimiser's groups."""

    def __init__(self, optimizer: Optimizer, last_epoch: int = -1) -> None:
        self.optimizer = optimizer
        for number, group in enumerate(optimizer.param_groups):
            if last_epoch == -1:
                group.setdefault("initial_lr", group["lr"])
            elif "initial_lr" not in group:
                raise ArgumentError(
                    f"param 'initial_lr' is not specified in param_groups[{number}] when resuming an optimizer",
                    advice=say("optim.initial"),
                )
        self.base_lrs: list[float] = [group["initial_lr"] for group in optimizer.param_groups]
        self.last_epoch = last_epoch
        self._begun = False
        self._advance()

    def rate(self, group: Group, base: float) -> float:
        """The rate of one group in the epoch `last_epoch`."""
        raise NotImplementedError

    def step(self) -> None:
        """Go on to the next epoch."""
        if not self._begun and not self.optimizer.steps:
            warnings.warn(
                "Detected call of `lr_scheduler.step()` before `optimizer.step()`. In PyTorch 1.1.0 and later, you "
                "should call them in the opposite order: `optimizer.step()` before `lr_scheduler.step()`.",
                stacklevel=2,
            )
        self._begun = True
        self._advance()

    def _advance(self) -> None:
        self.last_epoch += 1
        rates = [self.rate(g, base) for g, base in zip(self.optimizer.param_groups, self.base_lrs, strict=True)]
        for group, rate in zip(self.optimizer.param_groups, rates, strict=True):
            group["lr"] = rate
        self._last_lr = rates

    def get_last_lr(self) -> list[float]:
        """The rates set last, one for each group."""
        return self._last_lr

    def state_dict(self) -> dict[str, Any]:
        """All but the optimiser."""
        return {name: value for name, value in vars(self).items() if name != "optimizer"}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Go on from a state that was saved."""
        vars(self).update(state_dict)


def _positive(name: str, value: int) -> int:
    if value < 1:
        raise ArgumentError(f"{name}={value}", expected=say("optim.schedule"))
    return value


class StepLR(LRScheduler):
    """The rate times `gamma` every `step_size` epochs.

    >>> from knoll.optim import SGD
    >>> from knoll.tensor import zeros
    >>> optimizer = SGD([zeros(1)], lr=1.0)
    >>> schedule = StepLR(optimizer, step_size=2, gamma=0.5)
    >>> for _ in range(4):
    ...     optimizer.step()
    ...     schedule.step()
    >>> schedule.get_last_lr()
    [0.25]
    """

    def __init__(self, optimizer: Optimizer, step_size: int, gamma: float = 0.1, last_epoch: int = -1) -> None:
        self.step_size, self.gamma = _positive("step_size", step_size), gamma
        super().__init__(optimizer, last_epoch)

    def rate(self, group: Group, base: float) -> float:  # noqa: ARG002 (the present rate is enough)
        """The present rate, times `gamma` where an interval ends."""
        due = self.last_epoch != 0 and self.last_epoch % self.step_size == 0
        lr: float = group["lr"]
        return lr * self.gamma if due else lr


class MultiStepLR(LRScheduler):
    """The rate times `gamma` at each of the epochs `milestones`."""

    def __init__(
        self, optimizer: Optimizer, milestones: Sequence[int], gamma: float = 0.1, last_epoch: int = -1
    ) -> None:
        self.milestones, self.gamma = Counter(milestones), gamma
        super().__init__(optimizer, last_epoch)

    def rate(self, group: Group, base: float) -> float:  # noqa: ARG002 (the present rate is enough)
        """The present rate, times `gamma` for each milestone reached."""
        lr: float = group["lr"]
        return lr * self.gamma ** self.milestones.get(self.last_epoch, 0)


class ExponentialLR(LRScheduler):
    """The rate times `gamma` every epoch."""

    def __init__(self, optimizer: Optimizer, gamma: float, last_epoch: int = -1) -> None:
        self.gamma = gamma
        super().__init__(optimizer, last_epoch)

    def rate(self, group: Group, base: float) -> float:  # noqa: ARG002 (the present rate is enough)
        """The present rate times `gamma`."""
        lr: float = group["lr"]
        return lr * self.gamma if self.last_epoch else lr


class CosineAnnealingLR(LRScheduler):
    """Half a cosine from the initial rate down to `eta_min` in `T_max` epochs, then up again.

    Source: https://pytorch.org/docs/stable/generated/torch.optim.lr_scheduler.CosineAnnealingLR.html; Loshchilov and
    Hutter, "SGDR", ICLR 2017.
    """

    def __init__(self, optimizer: Optimizer, T_max: int, eta_min: float = 0.0, last_epoch: int = -1) -> None:  # noqa: N803
        self.T_max, self.eta_min = _positive("T_max", T_max), eta_min
        super().__init__(optimizer, last_epoch)

    def rate(self, group: Group, base: float) -> float:
        """The present rate, scaled by the ratio of the cosines of this epoch and the last."""
        lr: float = group["lr"]
        epoch, half, low = self.last_epoch, self.T_max, self.eta_min
        if epoch == 0:
            return lr
        if (epoch - 1 - half) % (2 * half) == 0:  # the last cosine was −1: nothing to scale
            return lr + (base - low) * (1 - math.cos(math.pi / half)) / 2
        now, then = (1 + math.cos(math.pi * at / half) for at in (epoch, epoch - 1))
        return now / then * (lr - low) + low


class LambdaLR(LRScheduler):
    """The initial rate times `lr_lambda(epoch)`; one function, or one for each group."""

    def __init__(
        self,
        optimizer: Optimizer,
        lr_lambda: Callable[[int], float] | Sequence[Callable[[int], float]],
        last_epoch: int = -1,
    ) -> None:
        count = len(optimizer.param_groups)
        self.lr_lambdas = [lr_lambda] * count if callable(lr_lambda) else list(lr_lambda)
        if len(self.lr_lambdas) != count:
            raise ArgumentError(
                f"Expected {count} lr_lambdas, but got {len(self.lr_lambdas)}", advice=say("optim.lambdas", count=count)
            )
        super().__init__(optimizer, last_epoch)

    def rate(self, group: Group, base: float) -> float:
        """The initial rate, scaled."""
        number = next(i for i, known in enumerate(self.optimizer.param_groups) if known is group)
        return base * self.lr_lambdas[number](self.last_epoch)

    def state_dict(self) -> dict[str, Any]:
        """All but the optimiser and the functions, which the one who goes on gives again."""
        return {name: value for name, value in super().state_dict().items() if name != "lr_lambdas"}
