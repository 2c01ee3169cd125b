"""Rival and Learner: what a library must be able to do to take part."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from importlib.util import find_spec
from typing import Any, Protocol

from benchmarks.layers import Array
from benchmarks.network import Network, Task

Call = Callable[[], Array]


class Learner(Protocol):
    """A model in training: cross entropy, SGD with a learning rate of 0.01."""

    def batch(self, x: Array, labels: Array) -> Any:
        """Images and labels as this library likes them best; never timed."""

    def step(self, batch: Any) -> float:
        """Forward, loss, backward, update; the loss before the update."""

    def outputs(self, x: Array) -> Array:
        """What the model says, without gradients."""


LEARNING_RATE = 0.01


@dataclass(frozen=True)
class Rival:
    """A library in one of its modes.

    `modules` are what it imports. `infer` prepares a task and gives back the call that is timed; `learn` prepares
    a model for training on a number of threads, if the library can train.
    """

    name: str
    modules: tuple[str, ...]
    infer: Callable[[Task], Call]
    learn: Callable[[Network, int], Learner] | None = None

    @property
    def missing(self) -> list[str]:
        """The modules that are not installed."""
        return [module for module in self.modules if find_spec(module.partition(".")[0]) is None]

    @property
    def is_knoll(self) -> bool:
        """Whether it is Knoll itself."""
        return self.modules[0] == "knoll"

    def train(self, task: Task) -> Call:
        """Prepare training steps on one batch; each call gives its loss."""
        import numpy as np

        assert self.learn is not None
        learner = self.learn(task.network, task.threads)
        batch = learner.batch(task.x, task.labels)
        return lambda: np.array([learner.step(batch)])
