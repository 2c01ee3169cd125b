"""The base of every schedule: it counts epochs and sets the rates that `get_lr` computes."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

from knoll.deferred import html_of, loaded
from knoll.errors import ArgumentError, ArgumentTypeError, EntryError, UnsupportedError, warn
from knoll.messages import say
from knoll.optim.checks import check_factor
from knoll.optim.optimizer import Group, Optimizer
from knoll.tensor import Tensor

if TYPE_CHECKING:
    from knoll.explain.training.explanation import TrainingExplanation

# A learning rate is a number, or a tensor of one element that keeps its identity.
Rate = Any

_HOW_TO = "https://pytorch.org/docs/stable/optim.html#how-to-adjust-learning-rate"
EPOCH_DEPRECATION_WARNING = (
    "The epoch parameter in `scheduler.step()` was not necessary and is being deprecated where possible. Please use "
    "`scheduler.step()` to step the scheduler. During the deprecation, if epoch is different from None, the closed "
    "form is used instead of the new chainable form, where available. Please open an issue if you are unable to "
    "replicate your use case: https://github.com/pytorch/pytorch/issues/new/choose."
)
_OVERRIDDEN = (
    "Seems like `optimizer.step()` has been overridden after learning rate scheduler initialization. Please, make sure "
    f"to call `optimizer.step()` before `lr_scheduler.step()`. See more details at {_HOW_TO}"
)
_TOO_EARLY = (
    "Detected call of `lr_scheduler.step()` before `optimizer.step()`. In PyTorch 1.1.0 and later, you should call "
    "them in the opposite order: `optimizer.step()` before `lr_scheduler.step()`.  Failure to do this will result in "
    f"PyTorch skipping the first value of the learning rate schedule. See more details at {_HOW_TO}"
)


class LRScheduler:
    """Base class of every schedule: `step()` after each epoch sets the rates of the optimiser's groups.

    A schedule of one's own overrides `get_lr`, which computes the rates of the epoch `last_epoch` from those in
    `self.optimizer.param_groups` or from `self.base_lrs`, the initial ones; where it also has `_get_closed_form_lr`,
    `step(epoch)` uses that. A group that is added to the optimiser later has the rate it came with as its initial one.
    To go on with a training, load the optimiser's state and give `last_epoch`, or load the schedule's state too.
    Raises ArgumentTypeError where `optimizer` is none, EntryError where `last_epoch` is given and the optimiser does
    not know its initial rates.
    Source: https://pytorch.org/docs/stable/generated/torch.optim.lr_scheduler.LRScheduler.html

    >>> from knoll.optim import SGD
    >>> from knoll.optim.lr_scheduler import LRScheduler
    >>> from knoll.tensor import zeros
    >>> class Halved(LRScheduler):
    ...     def get_lr(self):
    ...         return [base * 0.5**self.last_epoch for base in self.base_lrs]
    >>> optimizer = SGD([zeros(1)], lr=1.0)
    >>> schedule = Halved(optimizer)
    >>> for _ in range(3):
    ...     optimizer.step()
    ...     schedule.step()
    >>> schedule.get_last_lr()
    [0.125]
    """

    _get_lr_called_within_step = False
    _is_initial = False
    optimizer: Optimizer
    last_epoch: int

    def __init__(self, optimizer: Optimizer, last_epoch: int = -1) -> None:
        self.optimizer = checked_optimizer(optimizer)
        if isinstance(last_epoch, bool) or not isinstance(last_epoch, int):
            raise ArgumentTypeError(
                f"last_epoch should be an int, but got {type(last_epoch).__name__}", expected=say("optim.last_epoch")
            )
        for number, group in enumerate(optimizer.param_groups):
            if last_epoch == -1:
                group.setdefault("initial_lr", copied(group["lr"]))
            elif "initial_lr" not in group:
                raise EntryError(
                    f"param 'initial_lr' is not specified in param_groups[{number}] when resuming scheduler with "
                    "last_epoch >= 0.",
                    advice=say("optim.initial"),
                )
        self.base_lrs: list[Rate] = [copied(group["initial_lr"]) for group in optimizer.param_groups]
        self.last_epoch = last_epoch
        optimizer.scheduled_step = vars(optimizer).get("step")
        self._initial_step()

    def _initial_step(self) -> None:
        """Set the rates of the first epoch."""
        self._step_count = 0
        self._is_initial = True
        try:
            self.step()
        finally:
            self._is_initial = False

    def get_lr(self) -> list[Rate]:
        """The rates of the epoch `last_epoch`, one for each group."""
        raise UnsupportedError(say("optim.own_schedule", name=type(self).__name__))

    def get_last_lr(self) -> list[Rate]:
        """The rates set last, one for each group."""
        return self._last_lr

    def step(self, epoch: int | None = None) -> None:
        """Go on to the next epoch, or to the epoch of this number."""
        if self._step_count == 1:
            _warn_of_the_order(self.optimizer)
        self._step_count += 1
        if epoch is not None:
            check_factor("epoch", epoch)
            warn(EPOCH_DEPRECATION_WARNING)
        self._update_lr(epoch)

    def _update_lr(self, epoch: int | None = None) -> None:
        self._take_in_late_groups()
        closed: Callable[[], list[Rate]] | None = getattr(self, "_get_closed_form_lr", None)
        with self._within_step():
            if epoch is None:
                self.last_epoch += 1
                rates = self.get_lr()
            else:
                self.last_epoch = epoch
                rates = self.get_lr() if closed is None else closed()
        self._set_rates(rates)

    def _set_rates(self, rates: list[Rate]) -> None:
        groups = self.optimizer.param_groups
        if len(rates) != len(groups):
            raise ArgumentError(
                say("optim.rates", name=type(self).__name__, rates=len(rates), groups=len(groups)),
                advice=say("optim.late_group"),
            )
        for group, rate in zip(groups, rates, strict=True):
            set_entry(group, "lr", rate)
        self._last_lr: list[Rate] = [copied(group["lr"]) for group in groups]

    def _take_in_late_groups(self) -> None:
        """Begin with the rates that groups added since then came with."""
        for group in self.optimizer.param_groups[len(self.base_lrs) :]:
            self.base_lrs.append(copied(group.setdefault("initial_lr", copied(group["lr"]))))

    def _rates(self) -> list[Rate]:
        """The present rates."""
        return [copied(group["lr"]) for group in self.optimizer.param_groups]

    def _warn_outside_of_step(self) -> None:
        if not self._get_lr_called_within_step:
            warn("To get the last learning rate computed by the scheduler, please use `get_last_lr()`.")

    @contextlib.contextmanager
    def _within_step(self) -> Iterator[None]:
        self._get_lr_called_within_step = True
        try:
            yield
        finally:
            self._get_lr_called_within_step = False

    def _repr_html_(self) -> str | None:
        return html_of("views.optim_display", "schedule_html", self)

    def explain(self) -> TrainingExplanation:
        """What every argument of the schedule means, and the learning rates that it sets from its beginning.

        The schedule and its optimiser stay as they are. Raises ArgumentError for a schedule that there are no words
        for.

        >>> import knoll
        >>> from knoll.optim.lr_scheduler import StepLR
        >>> StepLR(knoll.optim.SGD([knoll.zeros(1)], lr=0.1), step_size=30).explain().written
        'StepLR(step_size=30)'
        """
        explanation: TrainingExplanation = loaded("explain", "explain_schedule")(self)
        return explanation

    def state_dict(self) -> dict[str, Any]:
        """All but the optimiser."""
        return {name: value for name, value in vars(self).items() if name != "optimizer"}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Go on from a state that was saved."""
        vars(self).update(checked_state(state_dict))


class _LRScheduler(LRScheduler):
    """The older name of `LRScheduler`."""


def _warn_of_the_order(optimizer: Optimizer) -> None:
    """Warn where the schedule goes on and the optimiser has not made a step yet."""
    if vars(optimizer).get("step") is not optimizer.scheduled_step:
        warn(_OVERRIDDEN)
    elif not optimizer.steps and optimizer.scheduled_step is None:
        warn(_TOO_EARLY)


def checked_optimizer(optimizer: object) -> Optimizer:
    """The optimiser. Raises ArgumentTypeError where it is none."""
    if not isinstance(optimizer, Optimizer):
        raise ArgumentTypeError(f"{type(optimizer).__name__} is not an Optimizer", advice=say("optim.give_optimizer"))
    return optimizer


def checked_state(state_dict: object) -> dict[str, Any]:
    """The state. Raises ArgumentTypeError where it is no dictionary."""
    if not isinstance(state_dict, dict):
        raise ArgumentTypeError(f"Expected state_dict to be dict-like, got {type(state_dict)}.")
    return state_dict


def copied(rate: Rate) -> Rate:
    """A rate that does not change with the one in the group."""
    return rate.detach().clone() if isinstance(rate, Tensor) else rate


def set_entry(group: Group, name: str, value: Rate) -> None:
    """Put a value into a group; a tensor there keeps its identity."""
    if isinstance(group[name], Tensor):
        group[name].fill_(float(value))
    else:
        group[name] = value


def for_each_group(name: str, optimizer: Optimizer, value: Any) -> list[Any]:
    """One value for each group, out of one for all or a list of them. Raises ArgumentError for another number."""
    count = len(optimizer.param_groups)
    values = list(value) if isinstance(value, list | tuple) else [value] * count
    if len(values) != count:
        raise ArgumentError(
            f"{name} must have the same length as optimizer.param_groups. {name} has {len(values)} values, "
            f"param_groups has {count}."
        )
    return [copied(check_factor(name, one)) for one in values]
