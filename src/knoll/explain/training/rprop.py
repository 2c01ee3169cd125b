"""Words about Rprop, which goes by signs."""

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
    introduced,
    optimizer_card,
)
from knoll.explain.training.setup import Setup, Step
from knoll.explain.training.values import among
from knoll.messages import sentence


def etas(setup: Setup) -> Said:
    """By how much steps become shorter and longer."""
    shorter, longer = setup.arguments["etas"]
    return said(sentence("explain_optimizers.etas", shorter=shorter, longer=longer))


def step_sizes(setup: Setup) -> Said:
    """Between which bounds steps stay."""
    least, most = setup.arguments["step_sizes"]
    return said(sentence("explain_optimizers.step_sizes", least=least, most=most))


def _rprop(setup: Setup, step: Step, before: Step | None) -> Iterator[str]:
    own, p, size = setup.arguments, step.before, step.remembered["step_size"]
    g, _, lines = to_gradient(setup, step)
    yield from lines
    former = before.remembered["prev"] if before else 0.0
    agrees = g * former
    held = before.remembered["step_size"] if before else own["lr"]
    eta, name = (own["etas"][1], "η⁺") if agrees > 0 else (own["etas"][0], "η⁻") if agrees < 0 else (1.0, "1")
    if before is not None and agrees:
        yield calculated("s ←", f"s · {name}", f"{digits(held)} · {digits(eta)}", held * eta)
    else:
        yield f"s = {digits(held)}"
    if held * eta != size:
        least, most = own["step_sizes"]
        numbers = f"max({digits(least)}, min({digits(held * eta)}, {digits(most)}))"
        yield calculated("s ←", "max(s_min, min(s, s_max))", numbers, size)
    if agrees < 0:
        yield f"p_new = p = {digits(step.after)}"
        return
    yield "p_new = p − s · sign(g)"
    yield f"= {factor(p)} − {digits(size)} · {factor(1.0 if g > 0 else -1.0)}"
    yield f"= {digits(step.after)}"


RPROP_CARD: TrainingCard = optimizer_card(
    "Rprop",
    introduced("rprop"),
    _rprop,
    arguments={
        "lr": LR,
        "etas": Setting(
            etas, ((0.5, 1.2), (0.3, 1.5), (0.9, 1.05)), others=among("etas", (0.5, 1.2), (0.3, 1.5), (0.5, 2.0))
        ),
        "step_sizes": Setting(
            step_sizes, ((1e-6, 50), (1e-6, 0.11), (0.2, 50)), others=among("step_sizes", (1e-6, 0.11), (0.2, 50))
        ),
        "capturable": CAPTURABLE,
        "foreach": FOREACH,
        "maximize": MAXIMIZE,
        "differentiable": DIFFERENTIABLE,
    },
)
