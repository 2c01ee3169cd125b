"""The momentum of a group, which cyclic schedules move against the rate."""

from __future__ import annotations

from typing import Any

from knoll.errors import ArgumentError
from knoll.optim.optimizer import Group, Optimizer


def uses_beta1(optimizer: Optimizer) -> bool:
    """Whether the first of Adam's betas is the momentum. Raises ArgumentError for an optimiser without momentum."""
    if "momentum" not in optimizer.defaults and "betas" not in optimizer.defaults:
        raise ArgumentError("optimizer must support momentum or beta1 with `cycle_momentum` option enabled")
    return "betas" in optimizer.defaults


def set_momentum(group: Group, beta1: bool, value: Any) -> None:
    """Put the momentum into a group."""
    if beta1:
        group["betas"] = (value, *group["betas"][1:])
    else:
        group["momentum"] = value


def begin_momentum(optimizer: Optimizer, beta1: bool, lowest: list[Any], highest: list[Any]) -> None:
    """Begin with the highest momentum, and note both ends in the groups."""
    for group, low, high in zip(optimizer.param_groups, lowest, highest, strict=True):
        set_momentum(group, beta1, high)
        group["max_momentum"], group["base_momentum"] = high, low
