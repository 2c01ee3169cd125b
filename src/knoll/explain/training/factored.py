"""Words about Adafactor, which keeps a row and a column of squares for each matrix."""

from __future__ import annotations

import sys
from collections.abc import Iterator

from knoll.explain.card import Said, said
from knoll.explain.training.calculation import calculated, decayed, digits, factor
from knoll.explain.training.card import Setting, TrainingCard
from knoll.explain.training.common import (
    FOREACH,
    LR,
    MAXIMIZE,
    WEIGHT_DECAY,
    introduced,
    optimizer_card,
)
from knoll.explain.training.setup import Setup, Step
from knoll.explain.training.values import among, tenfold
from knoll.messages import sentence


def beta2_decay(setup: Setup) -> Said:
    """How far back the mean of squares looks."""
    value = setup.arguments["beta2_decay"]
    if not value:
        return said(sentence("explain_optimizers.beta2_decay_none"))
    return said(sentence("explain_optimizers.beta2_decay", value=value, share=10**value))


def eps(setup: Setup) -> Said:
    """The smallest divisor, and the smallest size of a parameter."""
    first, second = setup.arguments["eps"]
    if first is None:
        return said(sentence("explain_optimizers.eps_of_adafactor_own", second=second))
    return said(sentence("explain_optimizers.eps_of_adafactor", first=first, second=second))


def d(setup: Setup) -> Said:
    """How long a step may become."""
    return said(sentence("explain_optimizers.d", value=setup.arguments["d"]))


def _adafactor(setup: Setup, step: Step, before: Step | None) -> Iterator[str]:
    own, p, t, held = setup.arguments, step.before, step.number, step.remembered["variance"]
    g, lr, (least, smallest) = step.gradient, own["lr"], own["eps"]
    least = sys.float_info.epsilon if least is None else least
    yield calculated("g =", "2 · p", f"2 · {factor(p)}", g)
    if own["maximize"]:
        g = -g
        yield f"g ← −g = {digits(g)}"
    numbers = f"max({digits(smallest)}, {digits(abs(p))}) · min({digits(lr)}, 1 / √{t})"
    rate = max(smallest, abs(p)) * min(lr, t**-0.5)
    yield calculated("α =", "max(eps₂, |p|) · min(lr, 1 / √t)", numbers, rate)
    if own["weight_decay"]:
        p, line = decayed(lr, own["weight_decay"], p)
        yield line
    v, decay = before.remembered["variance"] if before else 0.0, factor(own["beta2_decay"])
    numbers = f"{digits(v)} + {t}^{decay} · ({factor(g)}² − {digits(v)})"
    yield calculated("v ←", "v + t^beta2_decay · (g² − v)", numbers, held)
    u = g / max(held**0.5, least)
    yield calculated("u =", "g / max(√v, eps₁)", f"{factor(g)} / max(√{digits(held)}, {digits(least)})", u)
    shorter = max(1.0, abs(u) / own["d"])
    yield calculated("w =", "max(1, |u| / d)", f"max(1, {digits(abs(u))} / {digits(own['d'])})", shorter)
    yield "p_new = p − α / w · u"
    yield f"= {factor(p)} − {digits(rate)} / {digits(shorter)} · {factor(u)}"
    yield f"= {digits(step.after)}"


ADAFACTOR_CARD: TrainingCard = optimizer_card(
    "Adafactor",
    introduced("adafactor"),
    _adafactor,
    arguments={
        "lr": LR,
        "beta2_decay": Setting(beta2_decay, (-0.8, -0.3, 0.0), others=among("beta2_decay", -0.8, -0.5, 0.0)),
        "eps": Setting(eps, ((None, 1e-3), (None, 1.5), (3.0, 1e-3)), others=among("eps", (None, 1e-3), (None, 1.5))),
        "d": Setting(d, (1.0, 2.0, 5.0), others=tenfold("d")),
        "weight_decay": WEIGHT_DECAY,
        "foreach": FOREACH,
        "maximize": MAXIMIZE,
    },
)
