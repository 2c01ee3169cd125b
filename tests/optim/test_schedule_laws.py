"""Laws over all schedules and their options: rates as PyTorch's, however a training is begun, resumed or changed."""

from __future__ import annotations

import copy
import re
import warnings
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

import knoll
from knoll import optim
from knoll.errors import ArgumentError, ArgumentTypeError, EntryError
from knoll.optim import lr_scheduler

pytestmark = pytest.mark.filterwarnings("ignore:The epoch parameter in", "ignore:Detected call of `lr_scheduler.step")
EPOCHS = 33
Make = Callable[[Any, Any, int], Any]  # out of a module of schedules, an optimiser and last_epoch


class Falling:
    """A function with a state."""

    def __init__(self, factor: float) -> None:
        self.factor = factor

    def __call__(self, epoch: float) -> float:
        return float(self.factor**epoch)


SIMPLE: dict[str, Make] = {
    "steps": lambda s, o, e: s.StepLR(o, 3, 0.5, last_epoch=e),
    "steps up": lambda s, o, e: s.StepLR(o, step_size=1, gamma=1.1, last_epoch=e),
    "milestones": lambda s, o, e: s.MultiStepLR(o, [2, 5, 5, 9], 0.5, last_epoch=e),
    "milestones out of order": lambda s, o, e: s.MultiStepLR(o, (9, 2, 30), last_epoch=e),
    "exponential": lambda s, o, e: s.ExponentialLR(o, 0.9, last_epoch=e),
    "constant": lambda s, o, e: s.ConstantLR(o, last_epoch=e),
    "constant half": lambda s, o, e: s.ConstantLR(o, 0.5, total_iters=20, last_epoch=e),
    "linear": lambda s, o, e: s.LinearLR(o, last_epoch=e),
    "linear down": lambda s, o, e: s.LinearLR(o, 1.0, 0.1, 25, last_epoch=e),
    "polynomial": lambda s, o, e: s.PolynomialLR(o, last_epoch=e),
    "polynomial of degree 2": lambda s, o, e: s.PolynomialLR(o, 25, 2.0, last_epoch=e),
    "cosine": lambda s, o, e: s.CosineAnnealingLR(o, 7, 0.01, last_epoch=e),
    "cosine of one epoch": lambda s, o, e: s.CosineAnnealingLR(o, 1, last_epoch=e),
    "function": lambda s, o, e: s.LambdaLR(o, lambda epoch: 1 / (1 + epoch), last_epoch=e),
    "object": lambda s, o, e: s.LambdaLR(o, Falling(0.9), last_epoch=e),
    "factors": lambda s, o, e: s.MultiplicativeLR(o, lambda epoch: 0.9 + epoch / 100, last_epoch=e),
}
RESTARTS: dict[str, Make] = {
    "restarts": lambda s, o, e: s.CosineAnnealingWarmRestarts(o, 4, 2, 0.01, last_epoch=e),
    "equal restarts": lambda s, o, e: s.CosineAnnealingWarmRestarts(o, 5, last_epoch=e),
}
PER_GROUP: dict[str, Make] = {
    "functions": lambda s, o, e: s.LambdaLR(o, [lambda epoch: 0.9**epoch, lambda epoch: float(epoch)], last_epoch=e),
    "factors for each": lambda s, o, e: s.MultiplicativeLR(o, [Falling(0.99), Falling(1.01)], last_epoch=e),
    "cycle": lambda s, o, e: s.CyclicLR(o, 0.01, 0.1, 4, last_epoch=e),
    "cycle, falling": lambda s, o, e: s.CyclicLR(o, [0.01, 0.02], [0.1, 0.3], 3, 5, "triangular2", last_epoch=e),
    "cycle, exponential": lambda s, o, e: s.CyclicLR(o, 0.01, 0.1, 4, mode="exp_range", gamma=0.97, last_epoch=e),
    "cycle, own": lambda s, o, e: s.CyclicLR(
        o, 0.01, 0.1, 4, scale_fn=Falling(0.9), scale_mode="iterations", cycle_momentum=False, last_epoch=e
    ),
    "one cycle": lambda s, o, e: s.OneCycleLR(o, 0.1, 40, last_epoch=e),
    "one cycle, line": lambda s, o, e: s.OneCycleLR(
        o, [0.1, 0.2], epochs=5, steps_per_epoch=8, anneal_strategy="linear", pct_start=0.2, last_epoch=e
    ),
    "one cycle, three phases": lambda s, o, e: s.OneCycleLR(
        o, 0.1, 40, three_phase=True, base_momentum=0.8, div_factor=10, last_epoch=e
    ),
    "one cycle, no momentum": lambda s, o, e: s.OneCycleLR(o, 0.1, 40, cycle_momentum=False, last_epoch=e),
}
COMPOSED: dict[str, Make] = {
    "warm-up": lambda s, o, _: s.SequentialLR(
        o, [s.LinearLR(o, 0.1, total_iters=4), s.CosineAnnealingLR(o, 20), s.ExponentialLR(o, 0.9)], [4, 24]
    ),
    "from constant": lambda s, o, _: s.SequentialLR(o, [s.ConstantLR(o, 0.1, 3), s.StepLR(o, 4)], milestones=[6]),
    "sequence of one": lambda s, o, _: s.SequentialLR(o, [s.ExponentialLR(o, 0.9)], []),
    "sequence in a sequence": lambda s, o, _: s.SequentialLR(
        o,
        [s.SequentialLR(o, [s.ConstantLR(o, 0.5, 2), s.ExponentialLR(o, 0.9)], [3]), s.PolynomialLR(o, 20)],
        [8],
    ),
    "chain": lambda s, o, _: s.ChainedScheduler([s.ConstantLR(o, 0.1, 2), s.ExponentialLR(o, 0.9)]),
    "chain, optimiser given": lambda s, o, _: s.ChainedScheduler([s.StepLR(o, 3), s.LinearLR(o)], optimizer=o),
    "restarts after a constant": lambda s, o, _: s.SequentialLR(
        o, [s.ConstantLR(o, 0.3, 20), s.CosineAnnealingWarmRestarts(o, 4)], [5]
    ),
}
ALL = SIMPLE | RESTARTS | PER_GROUP | COMPOSED
OURS = SimpleNamespace(zeros=knoll.zeros, tensor=knoll.tensor, optim=optim, s=lr_scheduler)


@pytest.fixture(scope="module")
def theirs(torch: Any) -> Any:
    return SimpleNamespace(zeros=torch.zeros, tensor=torch.tensor, optim=torch.optim, s=torch.optim.lr_scheduler)


def optimizer_of(world: Any, kind: str = "SGD", tensors: bool = False) -> Any:
    a, b = (world.zeros(1, requires_grad=True) for _ in range(2))
    rates = [world.tensor(rate, dtype=world.zeros(1).double().dtype) if tensors else rate for rate in (0.1, 0.5)]
    more = {"momentum": 0.9} if kind == "SGD" else {}
    return getattr(world.optim, kind)([{"params": [a], "lr": rates[0]}, {"params": [b], "lr": rates[1]}], **more)


def seen(optimizer: Any) -> list[Any]:
    """The rates and the momentum of all groups."""
    return [
        number
        for group in optimizer.param_groups
        for number in (float(group["lr"]), group["momentum"] if "momentum" in group else group["betas"][0])
    ]


def walk(optimizer: Any, schedule: Any, epochs: int) -> list[list[float]]:
    numbers = [seen(optimizer)]
    for _ in range(epochs):
        optimizer.step()
        schedule.step()
        assert [float(group["lr"]) for group in optimizer.param_groups] == list(map(float, schedule.get_last_lr()))
        numbers.append(seen(optimizer))
    return numbers


def same(ours: list[list[float]], theirs: list[list[float]]) -> None:
    for mine, other in zip(ours, theirs, strict=True):
        assert mine == pytest.approx(other, rel=1e-11, abs=1e-15)


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
                return [rate * 0.97 + 0.001 for rate in super().get_lr()]  # type: ignore[misc]

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
        class Halved(getattr(world.s, base)):  # type: ignore[misc]
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


@pytest.mark.filterwarnings("default:Detected call of `lr_scheduler.step")
def test_warnings(theirs: Any) -> None:
    def told(run: Callable[[Any], object], world: Any) -> list[str]:
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            run(world)
        assert all(warning.category is UserWarning for warning in caught)
        return [" ".join(str(warning.message).split()) for warning in caught]

    def too_early(world: Any) -> None:
        schedule = world.s.StepLR(optimizer_of(world), 1)
        schedule.step()
        schedule.step()

    def in_order(world: Any) -> None:
        optimizer = optimizer_of(world)
        schedule = world.s.StepLR(optimizer, 1)
        optimizer.step()
        schedule.step()

    def with_epoch(world: Any) -> None:
        optimizer = optimizer_of(world)
        schedule = world.s.StepLR(optimizer, 1)
        optimizer.step()
        schedule.step(4)

    def asked_for_rates(world: Any) -> None:
        world.s.ExponentialLR(optimizer_of(world), 0.9).get_lr()

    def own_step(world: Any) -> None:
        class Own(world.optim.SGD):  # type: ignore[misc]
            def step(self, closure: Any = None) -> None:
                """Nothing."""

        optimizer = Own([world.zeros(1, requires_grad=True)], lr=0.1)
        schedule = world.s.StepLR(optimizer, 1)
        optimizer.step()
        schedule.step()

    def replaced_step(world: Any) -> None:
        optimizer = optimizer_of(world)
        schedule = world.s.StepLR(optimizer, 1)
        optimizer.step = lambda: None
        optimizer.step()
        schedule.step()

    def own_step_forgotten(world: Any) -> None:
        class Own(world.optim.SGD):  # type: ignore[misc]
            def step(self, closure: Any = None) -> None:
                super().step(closure)

        world.s.StepLR(Own([world.zeros(1, requires_grad=True)], lr=0.1), 1).step()

    for run in (too_early, in_order, with_epoch, asked_for_rates, own_step, replaced_step, own_step_forgotten):
        assert told(run, OURS) == told(run, theirs), run.__name__


REFUSED: dict[str, Callable[[Any, Any, Any], Any]] = {
    "no optimiser": lambda s, _, __: s.StepLR(3, 1),
    "no optimiser, cycle": lambda s, _, __: s.CyclicLR(None, 0.1, 0.2),
    "no optimiser, one cycle": lambda s, _, __: s.OneCycleLR("a", 0.1, 3),
    "no optimiser, plateau": lambda s, _, __: s.ReduceLROnPlateau([1]),
    "too many functions": lambda s, o, _: s.LambdaLR(o, [float, float, float]),
    "no function": lambda s, o, _: s.MultiplicativeLR(o, 0.1),
    "factor": lambda s, o, _: s.ConstantLR(o, 1.5),
    "start": lambda s, o, _: s.LinearLR(o, 0.0),
    "end": lambda s, o, _: s.LinearLR(o, 0.5, -1),
    "plateau factor": lambda s, o, _: s.ReduceLROnPlateau(o, factor=1.0),
    "plateau mode": lambda s, o, _: s.ReduceLROnPlateau(o, "middle"),
    "plateau threshold mode": lambda s, o, _: s.ReduceLROnPlateau(o, threshold_mode="no"),
    "plateau rates": lambda s, o, _: s.ReduceLROnPlateau(o, min_lr=[0.1]),
    "cycle mode": lambda s, o, _: s.CyclicLR(o, 0.1, 0.2, mode="square"),
    "cycle rates": lambda s, o, _: s.CyclicLR(o, [0.1], 0.2),
    "one cycle without steps": lambda s, o, _: s.OneCycleLR(o, 0.1),
    "one cycle without enough": lambda s, o, _: s.OneCycleLR(o, 0.1, epochs=3),
    "one cycle of 0": lambda s, o, _: s.OneCycleLR(o, 0.1, 0),
    "one cycle of no epochs": lambda s, o, _: s.OneCycleLR(o, 0.1, epochs=-1, steps_per_epoch=3),
    "one cycle start": lambda s, o, _: s.OneCycleLR(o, 0.1, 10, pct_start=1.5),
    "one cycle strategy": lambda s, o, _: s.OneCycleLR(o, 0.1, 10, anneal_strategy="sin"),
    "restarts T_0": lambda s, o, _: s.CosineAnnealingWarmRestarts(o, 0),
    "restarts T_0 half": lambda s, o, _: s.CosineAnnealingWarmRestarts(o, 2.5),
    "restarts T_mult": lambda s, o, _: s.CosineAnnealingWarmRestarts(o, 1, 0),
    "restarts eta_min": lambda s, o, _: s.CosineAnnealingWarmRestarts(o, 1, 1, "a"),
    "restarts epoch": lambda s, o, _: s.CosineAnnealingWarmRestarts(o, 1).step(-1),
    "no parts": lambda s, o, _: s.SequentialLR(o, [], []),
    "no parts to chain": lambda s, _, __: s.ChainedScheduler([]),
    "milestones": lambda s, o, _: s.SequentialLR(o, [s.StepLR(o, 1)], [3]),
    "plateau in a sequence": lambda s, o, _: s.SequentialLR(o, [s.ReduceLROnPlateau(o), s.StepLR(o, 1)], [1]),
    "plateau in a chain": lambda s, o, _: s.ChainedScheduler([s.StepLR(o, 1), s.ReduceLROnPlateau(o)]),
    "no schedule": lambda s, o, _: s.SequentialLR(o, [3, s.StepLR(o, 1)], [1]),
    "no momentum": lambda s, _, world: s.CyclicLR(
        world.optim.Optimizer([world.zeros(1, requires_grad=True)], {"lr": 0.1}), 0.1, 0.2
    ),
    "initial rate": lambda s, o, _: s.StepLR(o, 1, last_epoch=2),
}


@pytest.mark.parametrize("name", REFUSED)
def test_refusals(theirs: Any, name: str) -> None:
    def error(world: Any) -> BaseException:
        with pytest.raises((ValueError, TypeError, KeyError)) as caught:
            REFUSED[name](world.s, optimizer_of(world), world)
        return caught.value

    ours, expected = error(OURS), error(theirs)
    assert isinstance(ours, ArgumentError | ArgumentTypeError | EntryError)
    assert isinstance(ours, type(expected))
    assert ours.reason == str(expected.args[0]).split("\n")[0]


def test_schedules_of_two_optimisers_are_not_chained(theirs: Any) -> None:
    for world in (OURS, theirs):
        parts = [world.s.StepLR(optimizer_of(world), 1) for _ in range(2)]
        with pytest.raises(ValueError, match="expects all schedulers to belong to the same optimizer"):
            world.s.ChainedScheduler(parts)
        with pytest.raises(ValueError, match="SequentialLR expects all schedulers to belong to the same optimizer"):
            world.s.SequentialLR(parts[0].optimizer, parts, [3])


def test_one_cycle_ends(theirs: Any) -> None:
    for world in (OURS, theirs):
        schedule = world.s.OneCycleLR(optimizer_of(world), 0.1, 2)
        schedule.step()
        schedule.step()
        with pytest.raises(ValueError, match=r"Tried to step 3 times\. The specified number of total steps is 2"):
            schedule.step()
    for share in (0.0, 1.0):
        walk(optimizer := optimizer_of(OURS), lr_scheduler.OneCycleLR(optimizer, 0.1, 3, pct_start=share), 3)


@pytest.mark.parametrize(("said", "wrong"), [
    ("step_size=a", lambda o: lr_scheduler.StepLR(o, "a")),
    ("gamma is no number but str.", lambda o: lr_scheduler.StepLR(o, 1, "a")),
    ("step_size=0", lambda o: lr_scheduler.StepLR(o, 0)),
    ("milestones=1.5", lambda o: lr_scheduler.MultiStepLR(o, [1.5])),
    ("gamma is no number but NoneType.", lambda o: lr_scheduler.ExponentialLR(o, None)),
    ("T_max=0", lambda o: lr_scheduler.CosineAnnealingLR(o, 0)),
    ("total_iters=-1", lambda o: lr_scheduler.PolynomialLR(o, -1)),
    ("lr_lambda should be a function, but got int", lambda o: lr_scheduler.LambdaLR(o, 3)),
    ("last_epoch should be an int, but got str", lambda o: lr_scheduler.StepLR(o, 1, last_epoch="a")),
    ("Expected state_dict to be dict-like, got <class 'int'>.", lambda o: lr_scheduler.StepLR(o, 1).load_state_dict(3)),
    (
        "float() argument must be a string or a real number, not 'str'",
        lambda o: lr_scheduler.ReduceLROnPlateau(o).step("a"),
    ),
    (
        "Expected state_dict to be dict-like, got <class 'list'>.",
        lambda o: lr_scheduler.LambdaLR(o, float).load_state_dict([]),
    ),
    ("step_size_up=0", lambda o: lr_scheduler.CyclicLR(o, 0.1, 0.2, 0)),
    ("MultiStepLR(): argument 'milestones' must be iterable, not int", lambda o: lr_scheduler.MultiStepLR(o, 3)),
    ("ChainedScheduler(): argument 'schedulers' must be iterable, not int", lambda _: lr_scheduler.ChainedScheduler(3)),
    ("SequentialLR(): argument 'schedulers' must be iterable, not int", lambda o: lr_scheduler.SequentialLR(o, 3, [])),
    (
        "SequentialLR(): argument 'milestones' must be iterable, not int",
        lambda o: lr_scheduler.SequentialLR(o, [lr_scheduler.StepLR(o, 1)], 3),
    ),
    ("factor is no number but list.", lambda o: lr_scheduler.ConstantLR(o, [1])),
    ("start_factor is no number but str.", lambda o: lr_scheduler.LinearLR(o, "a")),
    ("end_factor is no number but list.", lambda o: lr_scheduler.LinearLR(o, 1, [])),
    ("factor is no number but str.", lambda o: lr_scheduler.ReduceLROnPlateau(o, factor="a")),
    ("patience is no number but list.", lambda o: lr_scheduler.ReduceLROnPlateau(o, patience=[])),
    ("epoch is no number but list.", lambda o: lr_scheduler.StepLR(o, 1).step([])),
    ("epoch is no number but str.", lambda o: lr_scheduler.CosineAnnealingWarmRestarts(o, 1).step("a")),
    ("base_lr is no number but dict.", lambda o: lr_scheduler.CyclicLR(o, {}, 0.1)),
    ("max_lr is no number but str.", lambda o: lr_scheduler.CyclicLR(o, 0.1, ["a", 1])),
    (
        "CyclicLR(): argument 'scale_fn' must be callable, not int",
        lambda o: lr_scheduler.CyclicLR(o, 0.1, 0.2, scale_fn=3),
    ),
    ("max_lr is no number but str.", lambda o: lr_scheduler.OneCycleLR(o, "a", 3)),
    ("div_factor is no number but str.", lambda o: lr_scheduler.OneCycleLR(o, 0.1, 3, div_factor="a")),
    ("epoch is no number but str.", lambda o: lr_scheduler.ReduceLROnPlateau(o).step(1, "a")),
    (
        "OneCycleLR(): argument 'three_phase' must be bool, not ndarray",
        lambda o: lr_scheduler.OneCycleLR(o, 0.1, 3, three_phase=np.ones(2)),
    ),
    (
        "OneCycleLR(): argument 'cycle_momentum' must be bool, not Tensor",
        lambda o: lr_scheduler.OneCycleLR(o, 0.1, 3, cycle_momentum=knoll.ones(2)),
    ),
])  # fmt: skip
def test_wrong_arguments_are_told(said: str, wrong: Callable[[Any], object]) -> None:
    with pytest.raises((ArgumentError, ArgumentTypeError), match=f"^{re.escape(said)}"):
        wrong(optimizer_of(OURS))


def test_the_state_of_an_object_among_the_functions_is_saved() -> None:
    schedule = lr_scheduler.LambdaLR(optimizer_of(OURS), [Falling(0.5), lambda epoch: epoch])
    assert schedule.state_dict()["lr_lambdas"] == [{"factor": 0.5}, None]
    other = lr_scheduler.LambdaLR(optimizer_of(OURS), [Falling(0.7), lambda epoch: epoch])
    saved = schedule.state_dict()
    other.load_state_dict(saved)
    assert other.lr_lambdas[0].factor == 0.5  # type: ignore[attr-defined]
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
