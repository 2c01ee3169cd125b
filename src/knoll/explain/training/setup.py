"""Setup: an optimiser, or a schedule on an optimiser, that trains one number; the facts that words are made from."""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property, partial
from itertools import count, islice
from typing import Any, Generic, TypeVar

import numpy as np

from knoll.errors import ArgumentError, UnsupportedError
from knoll.explain.parts import Option
from knoll.explain.training.recipe import Recipe
from knoll.optim import SGD, Muon, Optimizer
from knoll.optim.lr_scheduler import LRScheduler, ReduceLROnPlateau
from knoll.tensor import Tensor, tensor

ASSUMED = Recipe(SGD, {"lr": 0.1})  # where a schedule is told without an optimiser
T = TypeVar("T")
MOST = 10_000  # epochs or batches that are gone through
METRICS = (1.0, 0.8, 0.7)  # that a watched loss begins with, before it stands still


@dataclass(frozen=True, slots=True)
class Step:
    """One step of an optimiser: its number, the parameter before and after, its gradient, what is then remembered."""

    number: int
    before: float
    gradient: float
    after: float
    remembered: dict[str, float]


@dataclass(frozen=True, slots=True)
class Moment:
    """What a schedule has set for one epoch or batch; `metric` is what the epoch ends with, where that is watched."""

    rate: float
    momentum: float | None
    metric: float | None


class Begun(Generic[T]):
    """A training of which the first part is remembered.

    >>> Begun(iter("abc")).first(2)
    ['a', 'b']
    """

    def __init__(self, rest: Iterator[T]) -> None:
        self._done: list[T] = []
        self._rest = rest

    def first(self, count: int) -> list[T]:
        """So many, or all that there are."""
        self._done += islice(self._rest, max(0, count - len(self._done)))
        return self._done[:count]


@dataclass(frozen=True, eq=False)
class Setup:
    """An optimiser that is explained, or a schedule with the `optimizer` that it belongs to."""

    recipe: Recipe
    optimizer: Recipe = field(default=ASSUMED)

    @cached_property
    def arguments(self) -> dict[str, Any]:
        """All arguments."""
        return self.recipe.complete

    @property
    def is_schedule(self) -> bool:
        """Whether it is a schedule that is explained."""
        return issubclass(self.recipe.kind, LRScheduler)

    @property
    def lr(self) -> float:
        """The learning rate that the optimiser was made with."""
        rate: float = (self.optimizer if self.is_schedule else self.recipe).complete["lr"]
        return rate

    def with_value(self, name: str, value: Option) -> Setup:
        """The same with another value of one argument."""
        return Setup(self.recipe.with_value(name, value), self.optimizer)

    def series(self, count: int) -> tuple[float, ...]:
        """The parameter after each step, or the learning rate of each epoch: at most so many."""
        if self.is_schedule:
            return tuple(moment.rate for moment in self.moments(count))
        return tuple(step.after for step in self.steps(count))

    def steps(self, count: int) -> Sequence[Step]:
        """Steps that the optimiser really makes with one number that begins at 1 and the loss p²."""
        with np.errstate(all="ignore"):
            return self._steps.first(min(count, MOST))

    def moments(self, count: int) -> Sequence[Moment]:
        """What the schedule really sets for the first epochs, fewer where it refuses to go on."""
        with warnings.catch_warnings(action="ignore"), np.errstate(all="ignore"):
            return self._moments.first(min(count, MOST))

    def moment(self, epoch: int) -> Moment:
        """What the schedule really sets for one epoch, or at its end; a late one is gone to at once."""
        if epoch < MOST:
            return self.moments(epoch + 1)[-1]
        with warnings.catch_warnings(action="ignore"), np.errstate(all="ignore"):
            optimizer: Optimizer = self.optimizer.made([tensor(start(self.optimizer.kind), requires_grad=True)])
            self._begun(optimizer).step(epoch)
            return _set(optimizer, None)

    @cached_property
    def _steps(self) -> Begun[Step]:
        parameter = tensor(start(self.recipe.kind), dtype="float64", requires_grad=True)
        return Begun(_descent(self.recipe.made([parameter]), parameter))

    @cached_property
    def _moments(self) -> Begun[Moment]:
        optimizer: Optimizer = self.optimizer.made([tensor(start(self.optimizer.kind), requires_grad=True)])
        return Begun(_course(self._begun(optimizer), optimizer))

    def _begun(self, optimizer: Optimizer) -> LRScheduler:
        """The schedule; one that goes on after an epoch comes after another that has come so far."""
        last = self.recipe.arguments.get("last_epoch", -1)
        if last != -1:
            first = self.recipe.with_value("last_epoch", -1).made(optimizer)
            for _ in range(last + 1):
                first.step()
        schedule: LRScheduler = self.recipe.made(optimizer)
        return schedule


def _descent(optimizer: Optimizer, parameter: Tensor) -> Iterator[Step]:
    """One step after the other."""
    for number in count(1):
        before = parameter.item()
        closure = partial(_loss, optimizer, parameter)
        closure()
        gradient = parameter.grad
        assert gradient is not None
        slope = gradient.item()
        optimizer.step(closure)
        held = optimizer.state[parameter].items()
        remembered = {name: value.item() for name, value in held if isinstance(value, Tensor) and value.numel() == 1}
        yield Step(number, before, slope, parameter.item(), remembered)


def _loss(optimizer: Optimizer, parameter: Tensor) -> Tensor:
    """The loss p², with its gradient."""
    optimizer.zero_grad()
    loss: Tensor = (parameter * parameter).sum()
    loss.backward()
    return loss


def start(kind: Any) -> Any:
    """What the one number begins with: a matrix for an optimiser of matrices."""
    return [[1.0]] if kind is Muon else [1.0]


def _course(schedule: LRScheduler, optimizer: Optimizer) -> Iterator[Moment]:
    """What is set for one epoch after the other."""
    is_watching = isinstance(schedule, ReduceLROnPlateau)
    epoch = 0
    while True:
        metric = watched(schedule.mode, epoch) if isinstance(schedule, ReduceLROnPlateau) else None
        yield _set(optimizer, metric)
        optimizer.step(lambda: 0.0)  # some need a closure
        try:
            schedule.step(*((metric,) if is_watching else ()))
        # Those of arithmetic and of look-ups come of a function of the user's.
        except (ArgumentError, UnsupportedError, ArithmeticError, LookupError):
            return
        epoch += 1


def _set(optimizer: Optimizer, metric: float | None) -> Moment:
    """What the optimiser has now."""
    group = optimizer.param_groups[0]
    momentum = group["betas"][0] if "betas" in group else group.get("momentum")
    return Moment(float(group["lr"]), momentum, metric)


def watched(mode: str, epoch: int) -> float:
    """A loss that falls for three epochs and then by a hundred-thousandth each; with "max" an accuracy that rises so.

    >>> [watched("min", epoch) for epoch in range(4)], watched("max", 0)
    ([1.0, 0.8, 0.7, 0.69999], 0.0)
    """
    late = max(0, epoch - len(METRICS) + 1)
    loss = round(METRICS[min(epoch, len(METRICS) - 1)] - 1e-5 * late, 5)
    return loss if mode == "min" else round(1 - loss, 5)
