"""What optimisers and schedules show of themselves: settings, what is remembered, and the learning rates to come."""

from __future__ import annotations

from collections.abc import Iterator
from copy import deepcopy
from typing import Any

from knoll.document import Block, Cell, Code, Document, Heading, Line, Paragraph, Picture, Table
from knoll.draw import numeral, series
from knoll.messages import sentence
from knoll.optim import Optimizer, lr_scheduler
from knoll.optim.lr_scheduler import LRScheduler
from knoll.tensor import Tensor
from knoll.views.embedded import embedded
from knoll.views.library import is_ours
from knoll.views.summary import memory_text

MOST = 6  # groups that are shown
STEPS = 200  # of a schedule that are drawn
_DEPENDENT = (lr_scheduler.ReduceLROnPlateau, lr_scheduler.LambdaLR, lr_scheduler.MultiplicativeLR)
# Entries of a group that are no settings, and how PyTorch computes, which changes nothing here.
_HIDDEN = ("params", "param_names", "initial_lr", "foreach", "fused", "capturable", "differentiable")


def optimizer_html(optimizer: Optimizer) -> str:
    """What a notebook shows of an optimiser."""
    return embedded(optimizer_display(optimizer))


def schedule_html(schedule: LRScheduler) -> str:
    """What a notebook shows of a schedule."""
    return embedded(schedule_display(schedule))


def optimizer_display(optimizer: Optimizer) -> Document:
    """The settings of each group of parameters, and how much is remembered of them."""
    return Document(Code(type(optimizer).__name__), tuple(_settings(optimizer)))


def _settings(optimizer: Optimizer) -> Iterator[Block]:
    groups = optimizer.param_groups[:MOST]
    names = dict.fromkeys(name for group in groups for name in group if name not in _HIDDEN)
    counts: tuple[tuple[Cell, ...], ...] = (
        (sentence("views.tensors"), *(len(group["params"]) for group in groups)),
        (sentence("views.column_numbers"), *(sum(each.numel() for each in group["params"]) for group in groups)),
    )
    settings = ((Code(name), *(_setting_cell(group.get(name)) for group in groups)) for name in names)
    heads: list[Line] = [sentence("views.column_value")]
    if len(groups) > 1:
        heads = [sentence("views.setting_of_group", number=number) for number in range(len(groups))]
    yield Table((sentence("views.column_setting"), *heads), (*counts, *settings))
    if len(optimizer.param_groups) > MOST:
        yield Paragraph(sentence("views.groups", drawn=MOST, total=len(optimizer.param_groups)))
    memory = memory_text(sum(map(_bytes, optimizer.state.values())))
    yield Paragraph(sentence("views.steps_made", steps=optimizer.steps, memory=memory))


def _setting_cell(value: Any) -> Cell:
    """A setting, as it is written."""
    number = value.item() if isinstance(value, Tensor) and value.numel() == 1 else value
    return repr(number) if isinstance(number, bool | int | float | str | tuple | None) else type(number).__name__


def _bytes(remembered: dict[str, Any]) -> int:
    return sum(each.nbytes for each in remembered.values() if isinstance(each, Tensor))


def schedule_display(schedule: LRScheduler) -> Document:
    """The present learning rates, and those to come where these follow from the schedule alone."""
    return Document(Code(type(schedule).__name__), tuple(_rates(schedule)))


def _rates(schedule: LRScheduler) -> Iterator[Block]:
    now = [float(group["lr"]) for group in schedule.optimizer.param_groups]
    yield Paragraph(sentence("views.rate_now", steps=_steps(schedule), rates=", ".join(map(numeral, now[:MOST]))))
    if not _follows_from_itself(schedule):
        yield Paragraph(sentence("views.no_rates_to_come"))
        return
    found = rates_to_come(schedule, STEPS)
    first = _steps(schedule)
    lines = {
        "lr" if len(now) == 1 else f"lr {number}": list(enumerate(each, first))
        for number, each in enumerate(zip(*found, strict=True))
        if number < MOST
    }
    yield Heading(sentence("views.rates_to_come"))
    scene = series(lines, names=(sentence("views.steps"), ""), stairs=True)
    yield Picture(scene, sentence("views.rates_alternative"))


def _steps(schedule: Any) -> int:
    """How often it has stepped; a chain, which does not count, as often as the first of its parts."""
    return int(schedule.last_epoch) if hasattr(schedule, "last_epoch") else _steps(schedule._schedulers[0])


def _follows_from_itself(schedule: Any) -> bool:
    """Whether the rates depend on nothing but the schedule: on no function of the user's, and on no loss."""
    parts = getattr(schedule, "_schedulers", ())
    free = is_ours(schedule) and not isinstance(schedule, _DEPENDENT)
    functions = (each for each in vars(schedule).values() if callable(each) and not isinstance(each, Optimizer))
    own = all(getattr(each, "__module__", "").startswith("knoll.") for each in functions)
    return free and own and all(map(_follows_from_itself, parts))


def rates_to_come(schedule: LRScheduler, steps: int) -> list[list[float]]:
    """The present rates and those of the next steps, as a copy of the schedule sets them; it may end before.

    >>> import knoll
    >>> optimizer = knoll.optim.SGD([knoll.zeros(1)], lr=1.0)
    >>> rates_to_come(lr_scheduler.StepLR(optimizer, 2, gamma=0.5), 3)
    [[1.0], [1.0], [0.5], [0.5]]
    """
    stand_in = _stand_in(schedule.optimizer)
    copied = deepcopy(schedule, {id(schedule.optimizer): stand_in})
    last = getattr(schedule, "total_steps", None)  # of a schedule that ends
    if isinstance(last, int):
        steps = min(steps, max(last - 1 - _steps(schedule), 0))
    found = [[float(group["lr"]) for group in stand_in.param_groups]]
    for _ in range(steps):
        copied.step()
        found.append([float(group["lr"]) for group in stand_in.param_groups])
    return found


def _stand_in(optimizer: Optimizer) -> Optimizer:
    """An optimiser with the same settings and no parameters."""
    stand_in = Optimizer([Tensor(1)], {})
    stand_in.param_groups = [
        {name: deepcopy(value) for name, value in group.items() if name != "params"} | {"params": []}
        for group in optimizer.param_groups
    ]
    stand_in.defaults, stand_in.steps = optimizer.defaults, 1  # a schedule that goes on warns where no step was made
    return stand_in
