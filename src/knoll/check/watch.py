"""What a training doctor sees of a training."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from knoll.graph import Array
from knoll.nn import Module
from knoll.optim import Optimizer


@dataclass(frozen=True, slots=True)
class StepSeen:
    """What was measured in one step: sizes (Euclidean norms) by the names of parameters.

    A gradient is None where there was none. `zeroed` says whether gradients were set to zero since the step before.
    """

    loss: float | None
    gradients: dict[str, float | None]
    weights: dict[str, float]
    changes: dict[str, float]
    zeroed: bool


@dataclass(eq=False)
class Watch:
    """All that was seen of a training: the steps, the first batch and what the network and the loss made of it."""

    net: Module
    loss: Any
    optimizer: Optimizer
    steps: list[StepSeen] = field(default_factory=list)
    inputs: tuple[Any, ...] = ()
    scores: Array | None = None
    labels: list[Array] = field(default_factory=list)  # the class numbers of each step
    unused_gradients: int = 0  # how often gradients were there and no step followed
    in_training: bool = True
    held_losses: int = 0
    first_broken: str | None = None
    input_is_broken: bool = False  # whether NaN or infinity was in what the network was given
