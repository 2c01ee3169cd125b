"""The recipes of an optimiser and of a schedule that exist, recovered from their settings."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from knoll.errors import ArgumentError
from knoll.explain.training.all_cards import OPTIMIZERS, SCHEDULES
from knoll.explain.training.composed import leaves
from knoll.explain.training.recipe import Recipe, arguments_of, plainly
from knoll.explain.training.setup import Setup
from knoll.messages import say
from knoll.optim import SGD, Optimizer, lr_scheduler
from knoll.optim.lr_scheduler import LRScheduler

Found = dict[str, Any]
OVERWRITING = (lr_scheduler.CyclicLR, lr_scheduler.OneCycleLR)
"""Schedules that set the rate and the momentum of the optimiser to their own at once."""


def setup_of(given: Optimizer | LRScheduler) -> Setup:
    """What is explained of it: the settings of its first group of parameters, a schedule from its beginning.

    A schedule on a plateau keeps no initial rate; it is explained from the present one.
    Raises ArgumentError for classes that there are no words for.
    """
    if isinstance(given, Optimizer):
        return Setup(recipe_of_optimizer(given))
    recipe = recipe_of_schedule(given)
    is_overwritten = any(issubclass(each.kind, OVERWRITING) for each in leaves(recipe))
    return Setup(recipe, _owner(given.optimizer, is_overwritten))


def recipe_of_optimizer(optimizer: Optimizer) -> Recipe:
    """The class and the settings of an optimiser."""
    kind = type(optimizer)
    if kind not in OPTIMIZERS:
        raise ArgumentError(say("explain.unknown_optimizer", kind=kind.__name__))
    group = optimizer.param_groups[0]
    return Recipe(kind, {name: plainly(group[name]) for name in arguments_of(kind) if name in group})


def recipe_of_schedule(schedule: LRScheduler) -> Recipe:
    """The class and the arguments of a schedule, as for a training that begins."""
    kind = type(schedule)
    if kind not in SCHEDULES:
        raise ArgumentError(say("explain_training.unknown_schedule", kind=kind.__name__), advice=", ".join(_names()))
    found = _KEPT.get(kind, _by_name)(schedule)
    return Recipe(kind, {name: plainly(value) for name, value in found.items()})


def _names() -> list[str]:
    return [kind.__name__ for kind in SCHEDULES]


def _owner(optimizer: Optimizer, is_overwritten: bool) -> Recipe:
    """The optimiser of a schedule as it was before it; SGD where there are no words for it.

    Of one whose own numbers are overwritten by the schedule the arguments that it was made with are left.
    """
    group = optimizer.param_groups[0]
    own = optimizer.defaults if is_overwritten else {"lr": group.get("initial_lr", group["lr"])}
    if type(optimizer) not in OPTIMIZERS:
        return Recipe(SGD, {"lr": plainly(own["lr"])})
    recipe = recipe_of_optimizer(optimizer)
    for name in ("lr", "momentum", "betas"):
        if name in own and name in recipe.arguments:
            recipe = recipe.with_value(name, plainly(own[name]))
    return recipe


def _by_name(schedule: Any) -> Found:
    """Arguments that are attributes of the same name."""
    return {name: getattr(schedule, name) for name in arguments_of(type(schedule)) if name != "last_epoch"}


def _milestones(schedule: Any) -> Found:
    return {"milestones": tuple(sorted(schedule.milestones.elements())), "gamma": schedule.gamma}


def _function(schedule: Any) -> Found:
    return {"lr_lambda": schedule.lr_lambdas[0]}


def _cycles(schedule: Any) -> Found:
    up = round(schedule.total_size * schedule.step_ratio)
    down = round(schedule.total_size) - up
    has_scale, has_momentum = schedule._scale_fn_custom is not None, schedule.cycle_momentum
    bounds = {f"{end}_momentum": getattr(schedule, f"{end}_momentums")[0] for end in ("base", "max") if has_momentum}
    return {
        "base_lr": schedule.base_lrs[0],
        "max_lr": schedule.max_lrs[0],
        "step_size_up": up,
        **({"step_size_down": down} if down != up else {}),
        "mode": schedule.mode,
        "gamma": schedule.gamma,
        **({"scale_fn": schedule._scale_fn_custom, "scale_mode": schedule.scale_mode} if has_scale else {}),
        "cycle_momentum": has_momentum,
        **bounds,
    }


def _one_cycle(schedule: Any) -> Found:
    group, total = schedule.optimizer.param_groups[0], schedule.total_steps
    has_momentum = schedule.cycle_momentum
    bounds = {name: group[name] for name in ("base_momentum", "max_momentum")} if has_momentum else {}
    return {
        "max_lr": group["max_lr"],
        "total_steps": total,
        "pct_start": _neat((schedule._schedule_phases[0]["end_step"] + 1) / total),
        "anneal_strategy": schedule._anneal_func_type,
        "cycle_momentum": has_momentum,
        **bounds,
        "div_factor": _neat(group["max_lr"] / group["initial_lr"]),
        "final_div_factor": _neat(group["initial_lr"] / group["min_lr"]),
        "three_phase": len(schedule._schedule_phases) > 2,
    }


def _neat(value: float) -> float:
    """Without the rounding of the division that was undone."""
    return float(f"{value:.10g}")


def _plateau(schedule: Any) -> Found:
    names = [name for name in arguments_of(type(schedule)) if name != "min_lr"]
    return {**{name: getattr(schedule, name) for name in names}, "min_lr": schedule.min_lrs[0]}


def _sequence(schedule: Any) -> Found:
    return {**_chain(schedule), "milestones": tuple(schedule._milestones)}


def _chain(schedule: Any) -> Found:
    return {"schedulers": tuple(map(recipe_of_schedule, schedule._schedulers))}


_KEPT: dict[type[LRScheduler], Callable[[Any], Found]] = {
    lr_scheduler.MultiStepLR: _milestones,
    lr_scheduler.LambdaLR: _function,
    lr_scheduler.MultiplicativeLR: _function,
    lr_scheduler.CyclicLR: _cycles,
    lr_scheduler.OneCycleLR: _one_cycle,
    lr_scheduler.ReduceLROnPlateau: _plateau,
    lr_scheduler.SequentialLR: _sequence,
    lr_scheduler.ChainedScheduler: _chain,
}
