"""Several schedules at once."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from knoll.errors import ArgumentError, ArgumentTypeError
from knoll.optim.lr_scheduler.base import LRScheduler, checked_state, copied
from knoll.optim.lr_scheduler.plateau import ReduceLROnPlateau
from knoll.optim.optimizer import Optimizer
from knoll.tensor.arguments import items


class ChainedScheduler(LRScheduler):
    """Chained schedules: every one of them steps at each step. Raises ArgumentError if they are of several optimizers.

    Source: https://pytorch.org/docs/stable/generated/torch.optim.lr_scheduler.ChainedScheduler.html

    >>> from knoll import nn, optim
    >>> optimizer = optim.SGD(nn.Linear(2, 1).parameters(), lr=1.0)
    >>> warm_up = optim.lr_scheduler.ConstantLR(optimizer, factor=0.5, total_iters=2)
    >>> decay = optim.lr_scheduler.ExponentialLR(optimizer, gamma=0.5)
    >>> scheduler = optim.lr_scheduler.ChainedScheduler([warm_up, decay])
    >>> for epoch in range(3):
    ...     print(optimizer.param_groups[0]["lr"])
    ...     optimizer.step()
    ...     scheduler.step()
    0.5
    0.25
    0.25
    """

    def __init__(self, schedulers: Sequence[LRScheduler], optimizer: Optimizer | None = None) -> None:
        schedulers = items(schedulers, type(self).__name__, "schedulers")
        if len(schedulers) < 1:
            raise ArgumentError(
                f"{type(self).__name__} expects at least one scheduler to be chained, but got no scheduler."
            )
        owner = getattr(schedulers[0], "optimizer", None) if optimizer is None else optimizer
        check_parts(type(self).__name__, schedulers, owner)
        self._schedulers = list(schedulers)
        self.optimizer: Optimizer = schedulers[0].optimizer
        self._last_lr = [copied(group["lr"]) for group in self.optimizer.param_groups]

    def step(self) -> None:  # type: ignore[override]  # no epoch can be chosen, as in PyTorch
        """Go on to the next epoch."""
        for part in self._schedulers:
            part.step()
        self._last_lr = self._rates()

    def state_dict(self) -> dict[str, Any]:
        """All but the optimiser, with the states of the parts."""
        return states_of(self)

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Go on from a state that was saved."""
        load_states(self, state_dict)


def check_parts(name: str, schedulers: Sequence[LRScheduler], optimizer: Optimizer | None) -> None:
    """Refuse schedules that cannot be parts of another one. Raises ArgumentError and ArgumentTypeError."""
    for place, scheduler in enumerate(schedulers):
        if not hasattr(scheduler, "optimizer"):
            raise ArgumentTypeError(f"{name} at index {place} should have `optimizer` as its attribute.")
        if isinstance(scheduler, ReduceLROnPlateau):
            raise ArgumentError(
                f"{name} does not support `ReduceLROnPlateau` scheduler as it requires additional kwargs to be "
                f"specified when calling `step`, but got one at index {place} in the given schedulers sequence."
            )
        if optimizer is not scheduler.optimizer:
            raise ArgumentError(
                f"{name} expects all schedulers to belong to the same optimizer, but got scheduler "
                f"{type(scheduler).__name__} at index {place} has {scheduler.optimizer}, which is different from "
                f"{type(optimizer).__name__}."
            )


def states_of(whole: Any) -> dict[str, Any]:
    """The state of a schedule that is made of others."""
    state = {name: value for name, value in vars(whole).items() if name not in ("optimizer", "_schedulers")}
    state["_schedulers"] = [part.state_dict() for part in whole._schedulers]
    return state


def load_states(whole: Any, state_dict: dict[str, Any]) -> None:
    """Let a schedule that is made of others go on from a state. Raises ArgumentError for another number of parts."""
    state = dict(checked_state(state_dict))
    parts = state.pop("_schedulers")
    if len(parts) != len(whole._schedulers):
        raise ArgumentError(f"loaded state dict has {len(parts)} schedulers", expected=str(len(whole._schedulers)))
    vars(whole).update(state)
    for part, saved in zip(whole._schedulers, parts, strict=True):
        part.load_state_dict(saved)
