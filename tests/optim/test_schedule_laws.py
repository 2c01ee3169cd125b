"""Laws over all schedules and their options: rates as PyTorch's, however a training is begun, resumed or changed."""

from __future__ import annotations

import copy
from types import SimpleNamespace
from typing import Any

import pytest
from schedules import ALL, COMPOSED, EPOCHS, OURS, PER_GROUP, RESTARTS, SIMPLE, Falling, optimizer_of, same, seen, walk

import knoll
from knoll import optim
from knoll.errors import ArgumentError, EntryError
from knoll.optim import lr_scheduler

pytestmark = pytest.mark.filterwarnings("ignore:The epoch parameter in", "ignore:Detected call of `lr_scheduler.step")


@pytest.mark.parametrize("tensors", [False, True])
@pytest.mark.parametrize("kind", ["SGD", "Adam"])
@pytest.mark.parametrize("name", ALL)
def test_rates(theirs: Any, name: str, kind: str, tensors: bool) -> None:
    def run(world: Any) -> Any:
        optimizer = optimizer_of(world, kind, tensors)
        before = [group["lr"] for group in optimizer.param_groups]
        numbers = walk(optimizer, ALL[name](world.s, optimizer, -1), EPOCHS)
        kept = [group["lr"] is rate for group, rate in zip(optimizer.param_groups, before, strict=True)]
        return numbers, kept if tensors else None

    ours, expected = run(OURS), run(theirs)
    same(ours[0], expected[0])
    assert ours[1] == expected[1]  # a tensor keeps its identity


@pytest.mark.parametrize("done", [1, 4, 9])
@pytest.mark.parametrize("name", SIMPLE | PER_GROUP)
def test_going_on_with_last_epoch(theirs: Any, name: str, done: int) -> None:
    def run(world: Any) -> list[list[float]]:
        first = optimizer_of(world)
        walk(first, ALL[name](world.s, first, -1), done)
        second = optimizer_of(world)
        second.load_state_dict(first.state_dict())
        return walk(second, ALL[name](world.s, second, done - 1), EPOCHS - done)

    same(run(OURS), run(theirs))


@pytest.mark.parametrize("name", SIMPLE | RESTARTS)
def test_steps_to_a_chosen_epoch(theirs: Any, name: str) -> None:
    def run(world: Any) -> list[list[float]]:
        optimizer = optimizer_of(world)
        schedule = ALL[name](world.s, optimizer, -1)
        numbers = []
        for epoch in (1, 2, 7, 3, 0, 12, None, 30, None):
            optimizer.step()
            schedule.step(epoch)
            numbers.append([*seen(optimizer), schedule.last_epoch])
        return numbers

    same(run(OURS), run(theirs))


def test_restarts_at_fractions_of_an_epoch(theirs: Any) -> None:
    def run(world: Any) -> list[list[float]]:
        optimizer = optimizer_of(world)
        schedule = world.s.CosineAnnealingWarmRestarts(optimizer, 3, 2)
        numbers = []
        for batch in range(60):
            schedule.step(batch / 4)
            numbers.append([*seen(optimizer), schedule.last_epoch])
        return numbers

    same(run(OURS), run(theirs))


@pytest.mark.parametrize("done", [0, 1, 5, 8])
@pytest.mark.parametrize("name", SIMPLE | RESTARTS | COMPOSED)
def test_a_group_added_later(theirs: Any, name: str, done: int) -> None:
    def run(world: Any, late: bool) -> list[list[float]]:
        optimizer = optimizer_of(world)
        schedule = ALL[name](world.s, optimizer, -1)
        walk(optimizer, schedule, done)
        if late:
            optimizer.add_param_group({"params": [world.zeros(1, requires_grad=True)], "lr": 1.0})
        return walk(optimizer, schedule, EPOCHS - done)

    ours = run(OURS, late=True)
    same([row[:4] for row in ours], run(OURS, late=False))  # the others go on as they would have
    try:
        expected = run(theirs, late=True)
    except ValueError:  # PyTorch refuses some
        assert any(row[4] != ours[0][4] for row in ours)
    else:
        same(ours, expected)


def test_late_groups_of_schedules_that_need_to_know_them() -> None:
    for name in PER_GROUP:
        optimizer = optimizer_of(OURS)
        schedule = PER_GROUP[name](lr_scheduler, optimizer, -1)
        optimizer.add_param_group({"params": [knoll.zeros(1)]})
        with pytest.raises(
            (ArgumentError, EntryError), match=r"Expected 3 lr_lambdas|must have the same length|has no"
        ):
            schedule.step()
    optimizer = optimizer_of(OURS)
    schedule = lr_scheduler.OneCycleLR(optimizer, 0.1, 10)
    bounds = {"initial_lr": 0.2, "max_lr": 1.0, "min_lr": 0.0, "max_momentum": 0.9, "base_momentum": 0.8}
    optimizer.add_param_group({"params": [knoll.zeros(1)], **bounds})
    schedule.step()
    assert optimizer.param_groups[2]["lr"] > 0.2


@pytest.mark.parametrize("name", SIMPLE | RESTARTS | PER_GROUP)
def test_schedules_of_ones_own(theirs: Any, name: str) -> None:
    def run(world: Any) -> list[list[float]]:
        class Counted:  # before the schedule in the order of look-ups
            calls = 0

            def get_lr(self) -> list[Any]:
                type(self).calls += 1
                return [rate * 0.97 + 0.001 for rate in super().get_lr()]

        kinds = SimpleNamespace(**{
            key: type(key, (Counted, value), {})
            for key, value in vars(world.s).items()
            if isinstance(value, type) and hasattr(value, "get_lr")
        })  # fmt: skip
        optimizer = optimizer_of(world)
        schedule = ALL[name](kinds, optimizer, -1)
        numbers = walk(optimizer, schedule, EPOCHS)
        assert type(schedule).calls == EPOCHS + 1
        return numbers

    same(run(OURS), run(theirs))


def test_a_schedule_out_of_nothing(theirs: Any) -> None:
    def run(world: Any, base: str) -> list[list[float]]:
        class Halved(getattr(world.s, base)):
            def get_lr(self) -> list[float]:
                if self.last_epoch == 0:
                    return [group["lr"] for group in self.optimizer.param_groups]
                return [base / (1 + self.last_epoch) for base in self.base_lrs]

            def _get_closed_form_lr(self) -> list[float]:
                return [base * 0.5**self.last_epoch for base in self.base_lrs]

        optimizer = optimizer_of(world)
        schedule = Halved(optimizer)
        numbers = walk(optimizer, schedule, 5)
        schedule.step(3)
        return [*numbers, seen(optimizer)]

    for base in ("LRScheduler", "_LRScheduler"):
        same(run(OURS, base), run(theirs, base))
    with pytest.raises(NotImplementedError, match="LRScheduler has none"):
        lr_scheduler.LRScheduler(optimizer_of(OURS))

    class Short(lr_scheduler.LRScheduler):
        def get_lr(self) -> list[float]:
            return [0.1]

    with pytest.raises(ArgumentError, match="Short computed 1 learning rate for 2 parameter groups"):
        Short(optimizer_of(OURS))


@pytest.mark.parametrize("done", [1, 6])
@pytest.mark.parametrize("name", ALL)
def test_states(theirs: Any, name: str, done: int) -> None:
    def state(world: Any) -> Any:
        optimizer = optimizer_of(world)
        schedule = ALL[name](world.s, optimizer, -1)
        walk(optimizer, schedule, done)
        return copy.deepcopy(schedule.state_dict()), optimizer, schedule

    saved, optimizer, schedule = state(OURS)
    expected, _, _ = state(theirs)
    assert saved.keys() <= expected.keys() | {"use_beta1"}
    assert "optimizer" not in saved
    resumed = optimizer_of(OURS)
    again = ALL[name](lr_scheduler, resumed, -1)
    again.load_state_dict(saved)
    resumed.load_state_dict(optimizer.state_dict())
    rest = walk(optimizer, schedule, 20)
    same(walk(resumed, again, 20), rest)
    other = optimizer_of(OURS)  # PyTorch's own state serves as well
    from_theirs = ALL[name](lr_scheduler, other, -1)
    before = [group["lr"] for group in state(OURS)[1].param_groups]
    from_theirs.load_state_dict(expected)
    for group, rate in zip(other.param_groups, before, strict=True):
        group["lr"] = rate
    same([row[::2] for row in walk(other, from_theirs, 20)[1:]], [row[::2] for row in rest[1:]])


PLATEAUS: list[dict[str, Any]] = [
    {},
    {"patience": 2, "factor": 0.5},
    {"mode": "max", "patience": 1},
    {"threshold": 0.3, "threshold_mode": "abs", "patience": 0},
    {"patience": 1, "cooldown": 3, "min_lr": [0.01, 0.2]},
    {"patience": 0, "eps": 0.05, "min_lr": 1e-3},
    {"mode": "max", "threshold_mode": "abs", "patience": 3},
]
LOSSES = [3.0, 2.5, 2.5, 2.6, 2.4, 2.4, 2.39, float("nan"), 2.4, 2.4, 2.4, 1.0, 1.0, 1.1, 1.2, 1.2, 1.3] * 2


@pytest.mark.parametrize("settings", PLATEAUS, ids=str)
@pytest.mark.parametrize("tensors", [False, True])
def test_plateaus(theirs: Any, settings: dict[str, Any], tensors: bool) -> None:
    def run(world: Any) -> Any:
        optimizer = optimizer_of(world, tensors=tensors)
        schedule = world.s.ReduceLROnPlateau(optimizer, **settings)
        numbers = []
        for place, loss in enumerate(LOSSES):
            schedule.step(world.tensor(loss) if place % 2 else loss)
            numbers.append([*seen(optimizer), schedule.last_epoch, schedule.num_bad_epochs, schedule.cooldown_counter])
            if place == 9:
                saved = copy.deepcopy(schedule.state_dict())
                schedule = world.s.ReduceLROnPlateau(optimizer, factor=0.9, mode="min")
                schedule.load_state_dict(saved)
        state = schedule.state_dict()
        return numbers, sorted(state), schedule.get_last_lr() == [group["lr"] for group in optimizer.param_groups]

    ours, expected = run(OURS), run(theirs)
    same(ours[0], expected[0])
    assert ours[1:] == expected[1:]


def test_a_group_added_to_a_plateau(theirs: Any) -> None:
    def run(world: Any, least: Any) -> list[float]:
        optimizer = optimizer_of(world)
        schedule = world.s.ReduceLROnPlateau(optimizer, patience=0, min_lr=least)
        schedule.step(1.0)
        optimizer.add_param_group({"params": [world.zeros(1, requires_grad=True)], "lr": 1.0})
        schedule.step(1.0)
        return seen(optimizer)

    assert run(OURS, 0.2) == pytest.approx(run(theirs, 0.2))
    for world in (OURS, theirs):
        with pytest.raises(RuntimeError, match="The number of param groups in the `optimizer`"):
            run(world, [0.1, 0.1])


def test_schedules_in_turn(theirs: Any) -> None:
    def run(world: Any) -> list[list[float]]:
        optimizer = optimizer_of(world)
        schedules = [
            world.s.StepLR(optimizer, 4), world.s.CosineAnnealingLR(optimizer, 9), world.s.LinearLR(optimizer),
            world.s.ReduceLROnPlateau(optimizer, patience=3),
        ]  # fmt: skip
        numbers = []
        for _ in range(EPOCHS):
            optimizer.step()
            for schedule in schedules[:-1]:
                schedule.step()
            schedules[-1].step(1.0)
            numbers.append(seen(optimizer))
        return numbers

    same(run(OURS), run(theirs))


def test_the_state_of_an_object_among_the_functions_is_saved() -> None:
    schedule = lr_scheduler.LambdaLR(optimizer_of(OURS), [Falling(0.5), lambda epoch: epoch])
    assert schedule.state_dict()["lr_lambdas"] == [{"factor": 0.5}, None]
    other = lr_scheduler.LambdaLR(optimizer_of(OURS), [Falling(0.7), lambda epoch: epoch])
    saved = schedule.state_dict()
    other.load_state_dict(saved)
    assert other.lr_lambdas[0].factor == 0.5
    assert "lr_lambdas" in saved


def test_every_schedule_has_a_law() -> None:
    text = "".join(str(make.__code__.co_names) + str(make.__code__.co_consts) for make in ALL.values())
    missing = {name for name in lr_scheduler.__all__ if name not in text}
    assert missing == {"LRScheduler", "_LRScheduler", "ReduceLROnPlateau"}


def test_a_factor_that_is_a_whole_number_is_no_endless_power() -> None:
    schedule = lr_scheduler.ExponentialLR(optim.SGD([knoll.zeros(1)], lr=1), gamma=2)
    schedule.step(40)
    assert schedule.get_last_lr() == [2.0**40]
    with pytest.raises(OverflowError, match="out of range"):
        schedule.step(10**12)
