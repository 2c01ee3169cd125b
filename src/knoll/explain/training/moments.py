"""Words about the relatives of Adam: Adamax, NAdam and RAdam."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from knoll.explain.card import Said, said
from knoll.explain.training.adam import DECOUPLED, betas, eps, other_betas, other_eps
from knoll.explain.training.calculation import calculated, digits, factor, mixed, to_gradient
from knoll.explain.training.card import Setting, TrainingCard
from knoll.explain.training.common import (
    CAPTURABLE,
    DIFFERENTIABLE,
    FOREACH,
    LR,
    MAXIMIZE,
    WEIGHT_DECAY,
    Lines,
    introduced,
    optimizer_card,
)
from knoll.explain.training.setup import Setup, Step
from knoll.explain.training.values import tenfold
from knoll.messages import sentence


def betas_of_adamax(setup: Setup) -> Said:
    """How far the mean and the largest gradient look back."""
    first, second = setup.arguments["betas"]
    return said(sentence("explain_optimizers.betas_of_adamax", first=first, second=second, steps=1 / (1 - first)))


def eps_of_adamax(setup: Setup) -> Said:
    """What keeps the division from 0."""
    return said(sentence("explain_optimizers.eps_of_adamax", value=setup.arguments["eps"]))


def momentum_decay(setup: Setup) -> Said:
    """How fast the momentum grows to its share."""
    value, first = setup.arguments["momentum_decay"], setup.arguments["betas"][0]
    values = {"value": value, "half": first / 2, "first": first, "now": _share(first, 10, value)}
    return said(sentence("explain_optimizers.momentum_decay", **values))


def _share(first: float, step: int, decay: float) -> float:
    """μ of NAdam in one step."""
    return float(first * (1 - 0.5 * 0.96 ** (step * decay)))


def _mean(own: Mapping[str, Any], g: float, step: Step, before: Step | None) -> str:
    first = own["betas"][0]
    m = before.remembered["exp_avg"] if before else 0.0
    return mixed("m ←", "β₁ · m + (1 − β₁) · g", first, m, 1 - first, factor(g), step.remembered["exp_avg"])


def _corrected(mean: float, first: float, n: int) -> tuple[float, str]:
    """The mean without the pull of its start at zero, and the line of it."""
    corrected = mean / (1 - first**n)
    return corrected, calculated("m̂ =", f"m / (1 − β₁^{n})", f"{factor(mean)} / (1 − {digits(first)}^{n})", corrected)


def _square(own: Mapping[str, Any], g: float, step: Step, before: Step | None) -> str:
    second = own["betas"][1]
    v = before.remembered["exp_avg_sq"] if before else 0.0
    held = step.remembered["exp_avg_sq"]
    return mixed("v ←", "β₂ · v + (1 − β₂) · g²", second, v, 1 - second, f"{factor(g)}²", held)


def _adamax(setup: Setup, step: Step, before: Step | None) -> Iterator[str]:
    own, held, n = setup.arguments, step.remembered, step.number
    first, second = own["betas"]
    g, p, lines = to_gradient(setup, step)
    yield from lines
    yield _mean(own, g, step, before)
    u = before.remembered["exp_inf"] if before else 0.0
    size = factor(abs(g))
    numbers = f"max({digits(second)} · {digits(u)}, {size} + {digits(own['eps'])})"
    yield calculated("u ←", "max(β₂ · u, |g| + eps)", numbers, held["exp_inf"])
    mean = held["exp_avg"]
    corrected, line = _corrected(mean, first, n)
    yield line
    yield "p_new = p − lr · m̂ / u"
    yield f"= {factor(p)} − {digits(own['lr'])} · {factor(corrected)} / {digits(held['exp_inf'])}"
    yield f"= {digits(step.after)}"


def _nadam(setup: Setup, step: Step, before: Step | None) -> Iterator[str]:
    own, held, n = setup.arguments, step.remembered, step.number
    (first, second), decay = own["betas"], own["momentum_decay"]
    g, p, lines = to_gradient(setup, step)
    yield from lines
    yield _mean(own, g, step, before)
    yield _square(own, g, step, before)
    now, later = _share(first, n, decay), _share(first, n + 1, decay)
    for name, number, share in (("μ_t =", n, now), ("μ_t+1 =", n + 1, later)):
        power = f"0.96^({number} · {digits(decay)})"
        yield calculated(name, f"β₁ · (1 − 0.5 · {power})", f"{digits(first)} · (1 − 0.5 · {power})", share)
    so_far = before.remembered["mu_product"] if before else 1.0
    product = held["mu_product"]
    yield calculated("Π ←", "Π · μ_t", f"{digits(so_far)} · {digits(now)}", product)
    mean, square = held["exp_avg"], held["exp_avg_sq"]
    spread = square / (1 - second**n)
    yield calculated("v̂ =", f"v / (1 − β₂^{n})", f"{factor(square)} / (1 − {digits(second)}^{n})", spread)
    left, right = (1 - now) / (1 - product) * g, later / (1 - product * later) * mean
    numbers = f"(1 − {digits(now)}) / (1 − {digits(product)}) · {factor(g)}"
    yield calculated("a =", "(1 − μ_t) / (1 − Π) · g", numbers, left)
    numbers = f"{digits(later)} / (1 − {digits(product)} · {digits(later)}) · {factor(mean)}"
    yield calculated("b =", "μ_t+1 / (1 − Π · μ_t+1) · m", numbers, right)
    yield "p_new = p − lr · (a + b) / (√v̂ + eps)"
    total = f"({factor(left)} + {factor(right)})"
    yield f"= {factor(p)} − {digits(own['lr'])} · {total} / (√{digits(spread)} + {digits(own['eps'])})"
    yield f"= {digits(step.after)}"


def _radam(setup: Setup, step: Step, before: Step | None) -> Iterator[str]:
    own, held, n = setup.arguments, step.remembered, step.number
    first, second = own["betas"]
    g, p, lines = to_gradient(setup, step)
    yield from lines
    yield _mean(own, g, step, before)
    yield _square(own, g, step, before)
    mean, square = held["exp_avg"], held["exp_avg_sq"]
    corrected, line = _corrected(mean, first, n)
    yield line
    rest, most = 1 - second**n, 2 / (1 - second) - 1
    seen = most - 2 * n * second**n / rest
    if seen <= 5:
        yield f"ρ ≈ {digits(seen)} ≤ 5: p_new = p − lr · m̂"
        yield f"= {factor(p)} − {digits(own['lr'])} · {factor(corrected)}"
    else:
        share = (((seen - 4) * (seen - 2) * most) / ((most - 4) * (most - 2) * seen)) ** 0.5
        yield f"ρ ≈ {digits(seen)} > 5, r ≈ {digits(share)}"
        spread = square / rest
        yield calculated("v̂ =", f"v / (1 − β₂^{n})", f"{factor(square)} / (1 − {digits(second)}^{n})", spread)
        yield "p_new = p − lr · r · m̂ / (√v̂ + eps / √(1 − β₂ᵗ))"
        below = f"(√{digits(spread)} + {digits(own['eps'] / rest**0.5)})"
        yield f"= {factor(p)} − {digits(own['lr'])} · {digits(share)} · {factor(corrected)} / {below}"
    yield f"= {digits(step.after)}"


BETAS: Setting = Setting(betas, ((0.9, 0.999), (0.0, 0.999), (0.9, 0.9)), others=other_betas)
EPS: Setting = Setting(eps, (1e-8, 0.1, 1.0), others=other_eps)
WAYS: Mapping[str, Setting] = {
    "foreach": FOREACH,
    "maximize": MAXIMIZE,
    "capturable": CAPTURABLE,
    "differentiable": DIFFERENTIABLE,
}


def _card(kind: str, name: str, lines: Lines, own: Mapping[str, Setting]) -> TrainingCard:
    arguments = {"lr": LR, "betas": BETAS, "eps": EPS, "weight_decay": WEIGHT_DECAY, **own, **WAYS}
    return optimizer_card(kind, introduced(name), lines, arguments)


ADAMAX_CARD: TrainingCard = _card(
    "Adamax",
    "adamax",
    _adamax,
    {
        "betas": Setting(betas_of_adamax, BETAS.values, others=other_betas),
        "eps": Setting(eps_of_adamax, (1e-8, 0.1, 1.0), others=other_eps),
    },
)
NADAM_CARD: TrainingCard = _card(
    "NAdam",
    "nadam",
    _nadam,
    {
        "momentum_decay": Setting(momentum_decay, (0.004, 0.1, 1.0), others=tenfold("momentum_decay")),
        "decoupled_weight_decay": DECOUPLED,
    },
)
RADAM_CARD: TrainingCard = _card("RAdam", "radam", _radam, {"decoupled_weight_decay": DECOUPLED})
