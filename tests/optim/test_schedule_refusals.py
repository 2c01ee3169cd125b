"""What schedules warn of and refuse, in PyTorch's words where PyTorch does."""

from __future__ import annotations

import re
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from schedules import OURS, optimizer_of, walk

import knoll
from knoll.errors import ArgumentError, ArgumentTypeError, EntryError
from knoll.optim import lr_scheduler

pytestmark = pytest.mark.filterwarnings("ignore:The epoch parameter in", "ignore:Detected call of `lr_scheduler.step")


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
        class Own(world.optim.SGD):
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
        class Own(world.optim.SGD):
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
    ("gamma is not a number but str.", lambda o: lr_scheduler.StepLR(o, 1, "a")),
    ("step_size=0", lambda o: lr_scheduler.StepLR(o, 0)),
    ("milestones=1.5", lambda o: lr_scheduler.MultiStepLR(o, [1.5])),
    ("gamma is not a number but NoneType.", lambda o: lr_scheduler.ExponentialLR(o, None)),
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
    ("factor is not a number but list.", lambda o: lr_scheduler.ConstantLR(o, [1])),
    ("start_factor is not a number but str.", lambda o: lr_scheduler.LinearLR(o, "a")),
    ("end_factor is not a number but list.", lambda o: lr_scheduler.LinearLR(o, 1, [])),
    ("factor is not a number but str.", lambda o: lr_scheduler.ReduceLROnPlateau(o, factor="a")),
    ("patience is not a number but list.", lambda o: lr_scheduler.ReduceLROnPlateau(o, patience=[])),
    ("epoch is not a number but list.", lambda o: lr_scheduler.StepLR(o, 1).step([])),
    ("epoch is not a number but str.", lambda o: lr_scheduler.CosineAnnealingWarmRestarts(o, 1).step("a")),
    ("base_lr is not a number but dict.", lambda o: lr_scheduler.CyclicLR(o, {}, 0.1)),
    ("max_lr is not a number but str.", lambda o: lr_scheduler.CyclicLR(o, 0.1, ["a", 1])),
    (
        "CyclicLR(): argument 'scale_fn' must be callable, not int",
        lambda o: lr_scheduler.CyclicLR(o, 0.1, 0.2, scale_fn=3),
    ),
    ("max_lr is not a number but str.", lambda o: lr_scheduler.OneCycleLR(o, "a", 3)),
    ("div_factor is not a number but str.", lambda o: lr_scheduler.OneCycleLR(o, 0.1, 3, div_factor="a")),
    ("epoch is not a number but str.", lambda o: lr_scheduler.ReduceLROnPlateau(o).step(1, "a")),
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
