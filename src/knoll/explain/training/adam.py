"""Words about Adam and AdamW."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from knoll.explain.card import Said, said
from knoll.explain.parts import Option
from knoll.explain.training.calculation import calculated, digits, factor, mixed, to_gradient
from knoll.explain.training.card import Setting, TrainingCard
from knoll.explain.training.common import (
    CAPTURABLE,
    LR,
    MAXIMIZE,
    WAYS,
    WEIGHT_DECAY,
    optimizer_card,
    switch,
)
from knoll.explain.training.setup import Setup, Step
from knoll.explain.training.values import switched
from knoll.messages import Sentence, sentence


def introduction(setup: Setup) -> tuple[Sentence, ...]:
    """What it does."""
    return (sentence(f"explain_optimizers.{setup.recipe.kind.__name__.lower()}"),)


def betas(setup: Setup) -> Said:
    """How far the running means look back."""
    first, second = setup.arguments["betas"]
    values = {"first": first, "second": second, "steps": 1 / (1 - first), "long": 1 / (1 - second)}
    return said(sentence("explain_optimizers.betas", **values), sentence("explain_optimizers.betas_corrected"))


def other_betas(setup: Setup) -> tuple[Option, ...]:
    """Others of the first, then others of the second."""
    first, second = setup.arguments["betas"]
    found = ((0.0, second), (0.99, second), (first, 0.9), (first, 0.99))
    return tuple(each for each in found if each != (first, second))


def eps(setup: Setup) -> Said:
    """What keeps the division from 0."""
    return said(sentence("explain_optimizers.eps", value=setup.arguments["eps"]))


def other_eps(setup: Setup) -> tuple[Option, ...]:
    """Some that are large enough to be seen."""
    return tuple(each for each in (1e-8, 0.1, 1.0) if each != setup.arguments["eps"])


def _lines(setup: Setup, step: Step, before: Step | None) -> Iterator[str]:
    own, held, (first, second) = setup.arguments, step.remembered, setup.arguments["betas"]
    m, v = (before.remembered[name] if before else 0.0 for name in ("exp_avg", "exp_avg_sq"))
    g, p, lines = to_gradient(setup, step)
    yield from lines
    yield mixed("m ←", "β₁ · m + (1 − β₁) · g", first, m, 1 - first, factor(g), held["exp_avg"])
    yield mixed("v ←", "β₂ · v + (1 − β₂) · g²", second, v, 1 - second, f"{factor(g)}²", held["exp_avg_sq"])
    yield from _divided(own, step, p)


def _divided(own: Mapping[str, Any], step: Step, p: float) -> Iterator[str]:
    """The corrected means and the step itself."""
    (first, second), held, n = own["betas"], step.remembered, step.number
    mean, square, name = held["exp_avg"], held["exp_avg_sq"], "v"
    if own["amsgrad"]:
        square, name = held["max_exp_avg_sq"], "v_max"
        yield f"v_max ← max(v_max, v) = {digits(square)}"
    corrected, spread = mean / (1 - first**n), square / (1 - second**n)
    yield calculated("m̂ =", f"m / (1 − β₁^{n})", f"{factor(mean)} / (1 − {digits(first)}^{n})", corrected)
    yield calculated("v̂ =", f"{name} / (1 − β₂^{n})", f"{factor(square)} / (1 − {digits(second)}^{n})", spread)
    yield "p_new = p − lr · m̂ / (√v̂ + eps)"
    yield f"= {factor(p)} − {digits(own['lr'])} · {factor(corrected)} / (√{digits(spread)} + {digits(own['eps'])})"
    yield f"= {digits(step.after)}"


ARGUMENTS: Mapping[str, Setting] = {
    "lr": LR,
    "betas": Setting(betas, ((0.9, 0.999), (0.0, 0.999), (0.9, 0.9)), others=other_betas),
    "eps": Setting(eps, (1e-8, 0.1, 1.0), others=other_eps),
    "weight_decay": WEIGHT_DECAY,
    "amsgrad": Setting(switch("amsgrad"), (False, True), {"betas": (0.5, 0.5)}, others=switched("amsgrad")),
    "maximize": MAXIMIZE,
}
DECOUPLED: Setting = Setting(
    switch("decoupled_weight_decay"), (False, True), {"weight_decay": 1.0}, others=switched("decoupled_weight_decay")
)


def _card(kind: str, arguments: Mapping[str, Setting]) -> TrainingCard:
    return optimizer_card(
        kind,
        introduction,
        _lines,
        arguments={**arguments, "capturable": CAPTURABLE, **WAYS},
    )


ADAM_CARD: TrainingCard = _card("Adam", {**ARGUMENTS, "decoupled_weight_decay": DECOUPLED})
ADAMW_CARD: TrainingCard = _card("AdamW", ARGUMENTS)
