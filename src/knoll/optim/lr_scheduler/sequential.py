"""One schedule after another."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from typing import Any

from knoll.errors import ArgumentError, UnsupportedError
from knoll.messages import say
from knoll.optim.checks import check_whole
from knoll.optim.lr_scheduler.base import LRScheduler, set_entry
from knoll.optim.lr_scheduler.chained import check_parts, load_states, states_of
from knoll.optim.optimizer import Optimizer
from knoll.tensor.arguments import items


class SequentialLR(LRScheduler):
    """Sequence of schedules: the first until the first of the epochs `milestones`, then the second, and so on.

    Every part begins with the initial rate. Raises ArgumentError.
    Source: https://pytorch.org/docs/stable/generated/torch.optim.lr_scheduler.SequentialLR.html

    >>> from knoll import nn, optim
    >>> optimizer = optim.SGD(nn.Linear(2, 1).parameters(), lr=1.0)
    >>> warm_up = optim.lr_scheduler.ConstantLR(optimizer, factor=0.5, total_iters=9)
    >>> decay = optim.lr_scheduler.ExponentialLR(optimizer, gamma=0.5)
    >>> scheduler = optim.lr_scheduler.SequentialLR(optimizer, [warm_up, decay], milestones=[2])
    >>> for epoch in range(4):
    ...     print(optimizer.param_groups[0]["lr"])
    ...     optimizer.step()
    ...     scheduler.step()
    0.5
    0.5
    1.0
    0.5
    """

    last_epoch: int

    def __init__(
        self, optimizer: Optimizer, schedulers: Sequence[LRScheduler], milestones: Sequence[int], last_epoch: int = -1
    ) -> None:
        schedulers = items(schedulers, type(self).__name__, "schedulers")
        milestones = items(milestones, type(self).__name__, "milestones")
        if len(schedulers) < 1:
            raise ArgumentError(f"{type(self).__name__} expects at least one scheduler, but got no scheduler.")
        check_parts(type(self).__name__, schedulers, optimizer)
        if len(milestones) != len(schedulers) - 1:
            raise ArgumentError(
                "Sequential Schedulers expects number of schedulers provided to be one more than the number of "
                f"milestone points, but got number of schedulers {len(schedulers)} and the number of milestones to be "
                f"equal to {len(milestones)}"
            )
        self._schedulers = list(schedulers)
        self._milestones = [check_whole("milestones", one, 0) for one in milestones]
        self.last_epoch = last_epoch + 1
        self.optimizer = optimizer
        for group in optimizer.param_groups:
            set_entry(group, "lr", group["initial_lr"])
        # Every part has set the rates of its first epoch when it was made; only the one whose turn it is may.
        self.recursive_undo()
        first = self._schedulers[bisect_right(self._milestones, 0)]
        first._initial_step()
        self._last_lr = first.get_last_lr()

    def recursive_undo(self, sched: LRScheduler | None = None) -> None:
        """Take back the epoch that this schedule, or each of its parts, has counted when it was made."""
        whole = self if sched is None else sched
        parts = getattr(whole, "_schedulers", None)
        if parts is not None:
            for part in parts:
                self.recursive_undo(part)
        elif hasattr(whole, "last_epoch"):
            whole.last_epoch -= 1

    def step(self) -> None:  # type: ignore[override]  # no epoch can be chosen, as in PyTorch
        """Go on to the next epoch."""
        self.last_epoch += 1
        place = bisect_right(self._milestones, self.last_epoch)
        part = self._schedulers[place]
        if place > 0 and self._milestones[place - 1] == self.last_epoch:
            if hasattr(part, "_schedulers"):
                raise UnsupportedError(
                    say("optim.composed_later", kind=type(part).__name__, epoch=self.last_epoch),
                    advice=say("optim.composed_first", kind=type(part).__name__),
                )
            part._update_lr(0)
        else:
            part.step()
        self._last_lr = part.get_last_lr()

    def state_dict(self) -> dict[str, Any]:
        """All but the optimiser, with the states of the parts."""
        return states_of(self)

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Go on from a state that was saved."""
        load_states(self, state_dict)
