"""Words about ASGD, which averages parameters."""

from __future__ import annotations

from collections.abc import Iterator

from knoll.explain.card import Said, said
from knoll.explain.training.calculation import calculated, digits, factor, to_gradient
from knoll.explain.training.card import Setting, TrainingCard
from knoll.explain.training.common import (
    CAPTURABLE,
    DIFFERENTIABLE,
    FOREACH,
    LR,
    MAXIMIZE,
    WEIGHT_DECAY,
    introduced,
    optimizer_card,
)
from knoll.explain.training.setup import Setup, Step
from knoll.explain.training.values import nearer, tenfold
from knoll.messages import sentence


def lambd(setup: Setup) -> Said:
    """How fast the rate falls, and how strongly parameters are pulled."""
    value, rate = setup.arguments["lambd"], setup.arguments["lr"]
    later = rate / (1 + value * rate * 1000) ** setup.arguments["alpha"]
    return said(sentence("explain_optimizers.lambd", value=value, share=value * rate, later=later))


def alpha(setup: Setup) -> Said:
    """The power of the fall."""
    value = setup.arguments["alpha"]
    if not value:
        return said(sentence("explain_optimizers.alpha_of_asgd_none"))
    return said(sentence("explain_optimizers.alpha_of_asgd", value=value))


def t0(setup: Setup) -> Said:
    """When the mean begins."""
    return said(sentence("explain_optimizers.t0", value=setup.arguments["t0"]))


def _asgd(setup: Setup, step: Step, before: Step | None) -> Iterator[str]:
    own, p = setup.arguments, step.before
    g, _, lines = to_gradient(setup, step)
    yield from lines
    lr, pull, t = own["lr"], own["lambd"], step.number - 1
    rate = before.remembered["eta"] if before else lr
    if before is None:
        yield f"η = lr = {digits(rate)}"
    else:
        numbers = f"{digits(lr)} / (1 + {digits(pull)} · {digits(lr)} · {t})^{digits(own['alpha'])}"
        yield calculated("η =", "lr / (1 + lambd · lr · t)^alpha", numbers, rate)
    yield "p_new = (1 − lambd · η) · p − η · g"
    yield f"= (1 − {digits(pull)} · {digits(rate)}) · {factor(p)} − {digits(rate)} · {factor(g)}"
    yield f"= {digits(step.after)}"


ASGD_CARD: TrainingCard = optimizer_card(
    "ASGD",
    introduced("asgd"),
    _asgd,
    arguments={
        "lr": LR,
        "lambd": Setting(lambd, (1e-4, 0.1, 1.0), others=tenfold("lambd")),
        "alpha": Setting(alpha, (0.75, 0.5, 0.0), {"lambd": 1.0}, others=nearer("alpha")),
        "t0": Setting(t0, (1e6, 2.0, 10.0), others=tenfold("t0")),
        "weight_decay": WEIGHT_DECAY,
        "foreach": FOREACH,
        "maximize": MAXIMIZE,
        "differentiable": DIFFERENTIABLE,
        "capturable": CAPTURABLE,
    },
)
