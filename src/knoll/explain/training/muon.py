"""Words about Muon, which makes its steps orthogonal."""

from __future__ import annotations

from collections.abc import Iterator

from knoll.explain.card import Said, said
from knoll.explain.training.calculation import calculated, decayed, digits, factor, mixed
from knoll.explain.training.card import Setting, TrainingCard
from knoll.explain.training.common import (
    LR,
    WEIGHT_DECAY,
    introduced,
    optimizer_card,
    switch,
)
from knoll.explain.training.setup import Setup, Step
from knoll.explain.training.values import among, nearer, switched, tenfold
from knoll.messages import sentence


def momentum(setup: Setup) -> Said:
    """How much of the former momentum stays."""
    value = setup.arguments["momentum"]
    if not value:
        return said(sentence("explain_optimizers.momentum_of_muon_none"))
    return said(sentence("explain_optimizers.momentum_of_muon", value=value))


def ns_coefficients(setup: Setup) -> Said:
    """The polynomial."""
    a, b, c = setup.arguments["ns_coefficients"]
    return said(sentence("explain_optimizers.ns_coefficients", a=a, b=b, c=c, one=a + b + c))


def eps(setup: Setup) -> Said:
    """The smallest divisor."""
    return said(sentence("explain_optimizers.eps_of_muon", value=setup.arguments["eps"]))


def ns_steps(setup: Setup) -> Said:
    """How often the polynomial is applied."""
    return said(sentence("explain_optimizers.ns_steps", value=setup.arguments["ns_steps"]))


def adjust_lr_fn(setup: Setup) -> Said:
    """How a step suits the shape."""
    name = "adjust_adamw" if setup.arguments["adjust_lr_fn"] == "match_rms_adamw" else "adjust_original"
    return said(sentence(f"explain_optimizers.{name}"))


def _muon(setup: Setup, step: Step, before: Step | None) -> Iterator[str]:
    own, p, g, held = setup.arguments, step.before, step.gradient, step.remembered["momentum_buffer"]
    share, lr = own["momentum"], own["lr"]
    yield calculated("g =", "2 · p", f"2 · {factor(p)}", g)
    b = before.remembered["momentum_buffer"] if before else 0.0
    yield mixed("b ←", "momentum · b + (1 − momentum) · g", share, b, 1 - share, factor(g), held)
    u = held
    if own["nesterov"]:
        u = g + (held - g) * share
        yield mixed("u =", "momentum · b + (1 − momentum) · g", share, held, 1 - share, factor(g), u)
    name = "u" if own["nesterov"] else "b"
    x = u / max(abs(u), own["eps"])
    yield calculated(
        "X =", f"{name} / max(|{name}|, eps)", f"{factor(u)} / max({digits(abs(u))}, {digits(own['eps'])})", x
    )
    first, second, third = own["ns_coefficients"]
    for _ in range(own["ns_steps"]):
        numbers = f"{digits(first)} · {factor(x)} + {factor(second)} · {factor(x)}^3 + {factor(third)} · {factor(x)}^5"
        x = first * x + second * x**3 + third * x**5
        yield calculated("X ←", "a · X + b · X^3 + c · X^5", numbers, x)
    if own["weight_decay"]:
        p, line = decayed(lr, own["weight_decay"], p)
        yield line
    ratio = 0.2 if own["adjust_lr_fn"] == "match_rms_adamw" else 1.0
    yield "p_new = p − lr · r · X"
    yield f"= {factor(p)} − {digits(lr)} · {digits(ratio)} · {factor(x)}"
    yield f"= {digits(step.after)}"


MUON_CARD: TrainingCard = optimizer_card(
    "Muon",
    introduced("muon"),
    _muon,
    arguments={
        "lr": LR,
        "weight_decay": WEIGHT_DECAY,
        "momentum": Setting(momentum, (0.95, 0.5, 0.0), others=nearer("momentum")),
        "nesterov": Setting(switch("nesterov"), (True, False), others=switched("nesterov")),
        "ns_coefficients": Setting(
            ns_coefficients,
            ((3.4445, -4.775, 2.0315), (2.0, -1.5, 0.5), (1.5, -0.5, 0.0)),
            others=among("ns_coefficients", (2.0, -1.5, 0.5)),
        ),
        "eps": Setting(eps, (1e-7, 1e-3, 10.0), others=tenfold("eps")),
        "ns_steps": Setting(ns_steps, (5, 1, 3), others=among("ns_steps", 1, 5, 10)),
        "adjust_lr_fn": Setting(
            adjust_lr_fn,
            (None, "original", "match_rms_adamw"),
            others=among("adjust_lr_fn", "original", "match_rms_adamw"),
        ),
    },
)
