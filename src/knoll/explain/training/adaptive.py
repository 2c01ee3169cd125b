"""Words about optimisers that divide a gradient by the size of former ones: RMSprop, Adagrad and Adadelta."""

from __future__ import annotations

from collections.abc import Iterator

from knoll.explain.card import Said, said
from knoll.explain.training.adam import eps, other_eps
from knoll.explain.training.calculation import calculated, digits, factor, mixed, to_gradient
from knoll.explain.training.card import Setting, TrainingCard
from knoll.explain.training.common import (
    CAPTURABLE,
    DIFFERENTIABLE,
    FOREACH,
    FUSED,
    LR,
    MAXIMIZE,
    WEIGHT_DECAY,
    introduced,
    optimizer_card,
    switch,
)
from knoll.explain.training.setup import Setup, Step
from knoll.explain.training.values import nearer, switched, tenfold
from knoll.messages import sentence


def alpha(setup: Setup) -> Said:
    """How far the mean square looks back."""
    value = setup.arguments["alpha"]
    if value >= 1:
        return said(sentence("explain_optimizers.alpha_all"))
    return said(sentence("explain_optimizers.alpha", value=value, steps=1 / (1 - value)))


def momentum(setup: Setup) -> Said:
    """How much of former steps stays."""
    value = setup.arguments["momentum"]
    if not value:
        return said(sentence("explain_optimizers.momentum_none"))
    return said(sentence("explain_optimizers.momentum_of_steps", value=value))


def lr_decay(setup: Setup) -> Said:
    """How fast the rate falls by itself."""
    value = setup.arguments["lr_decay"]
    if not value:
        return said(sentence("explain_optimizers.lr_decay_none"))
    return said(sentence("explain_optimizers.lr_decay", value=value, rate=setup.arguments["lr"] / (1 + 10 * value)))


def initial(setup: Setup) -> Said:
    """What the sum of squares begins with."""
    value = setup.arguments["initial_accumulator_value"]
    if not value:
        return said(sentence("explain_optimizers.initial_accumulator_value_none"))
    return said(sentence("explain_optimizers.initial_accumulator_value", value=value))


def rho(setup: Setup) -> Said:
    """How far both mean squares look back."""
    value = setup.arguments["rho"]
    if value >= 1:
        return said(sentence("explain_optimizers.rho_all"))
    return said(sentence("explain_optimizers.rho", value=value, steps=1 / (1 - value)))


def eps_of_adadelta(setup: Setup) -> Said:
    """What begins the first steps."""
    return said(sentence("explain_optimizers.eps_of_adadelta", value=setup.arguments["eps"]))


def _rmsprop(setup: Setup, step: Step, before: Step | None) -> Iterator[str]:
    own, p, held = setup.arguments, step.before, step.remembered
    share = own["alpha"]
    g, p, lines = to_gradient(setup, step)
    yield from lines
    v = before.remembered["square_avg"] if before else 0.0
    yield mixed("v ←", "alpha · v + (1 − alpha) · g²", share, v, 1 - share, f"{factor(g)}²", held["square_avg"])
    spread, name = held["square_avg"], "v"
    if own["centered"]:
        mean = before.remembered["grad_avg"] if before else 0.0
        ours = held["grad_avg"]
        yield mixed("ḡ ←", "alpha · ḡ + (1 − alpha) · g", share, mean, 1 - share, factor(g), ours)
        spread, name = spread - ours * ours, "(v − ḡ²)"
    root = spread**0.5 + own["eps"]
    yield calculated("d =", f"√{name} + eps", f"√{digits(spread)} + {digits(own['eps'])}", root)
    moved, letter = g / root, "g / d"
    numbers = f"{factor(g)} / {digits(root)}"
    if own["momentum"]:
        b = before.remembered["momentum_buffer"] if before else 0.0
        moved = held["momentum_buffer"]
        yield calculated("b ←", "momentum · b + g / d", f"{digits(own['momentum'])} · {factor(b)} + {numbers}", moved)
        letter, numbers = "b", factor(moved)
    yield f"p_new = p − lr · {letter}"
    yield f"= {factor(p)} − {digits(own['lr'])} · {numbers}"
    yield f"= {digits(step.after)}"


def _adagrad(setup: Setup, step: Step, before: Step | None) -> Iterator[str]:
    own, p, held = setup.arguments, step.before, step.remembered["sum"]
    g, p, lines = to_gradient(setup, step)
    yield from lines
    s = before.remembered["sum"] if before else own["initial_accumulator_value"]
    yield calculated("s ←", "s + g²", f"{factor(s)} + {factor(g)}²", held)
    lr, decay, n = own["lr"], own["lr_decay"], step.number
    rate = lr / (1 + (n - 1) * decay)
    if decay:
        numbers = f"{digits(lr)} / (1 + {n - 1} · {digits(decay)})"
        yield calculated("lr_t =", "lr / (1 + (t − 1) · lr_decay)", numbers, rate)
    yield f"p_new = p − {'lr_t' if decay else 'lr'} · g / (√s + eps)"
    yield f"= {factor(p)} − {digits(rate)} · {factor(g)} / (√{digits(held)} + {digits(own['eps'])})"
    yield f"= {digits(step.after)}"


def _adadelta(setup: Setup, step: Step, before: Step | None) -> Iterator[str]:
    own, p, held = setup.arguments, step.before, step.remembered
    share, tiny = own["rho"], own["eps"]
    g, p, lines = to_gradient(setup, step)
    yield from lines
    v, u = (before.remembered[name] if before else 0.0 for name in ("square_avg", "acc_delta"))
    yield mixed("v ←", "rho · v + (1 − rho) · g²", share, v, 1 - share, f"{factor(g)}²", held["square_avg"])
    new = held["square_avg"]
    above, below = (u + tiny) ** 0.5, (new + tiny) ** 0.5
    yield f"√(u + eps) = √{digits(u + tiny)} = {digits(above)}"
    yield f"√(v + eps) = √{digits(new + tiny)} = {digits(below)}"
    d = above / below * g
    yield calculated("d =", "√(u + eps) / √(v + eps) · g", f"{digits(above)} / {digits(below)} · {factor(g)}", d)
    yield mixed("u ←", "rho · u + (1 − rho) · d²", share, u, 1 - share, f"{factor(d)}²", held["acc_delta"])
    yield "p_new = p − lr · d"
    yield f"= {factor(p)} − {digits(own['lr'])} · {factor(d)}"
    yield f"= {digits(step.after)}"


RMSPROP_CARD: TrainingCard = optimizer_card(
    "RMSprop",
    introduced("rmsprop"),
    _rmsprop,
    arguments={
        "lr": LR,
        "alpha": Setting(alpha, (0.99, 0.9, 0.5), others=nearer("alpha")),
        "eps": Setting(eps, (1e-8, 0.1, 1.0), others=other_eps),
        "weight_decay": WEIGHT_DECAY,
        "momentum": Setting(momentum, (0.0, 0.5, 0.9), others=nearer("momentum")),
        "centered": Setting(switch("centered"), (False, True), others=switched("centered")),
        "capturable": CAPTURABLE,
        "foreach": FOREACH,
        "maximize": MAXIMIZE,
        "differentiable": DIFFERENTIABLE,
    },
    example={"lr": 0.01},
)
ADAGRAD_CARD: TrainingCard = optimizer_card(
    "Adagrad",
    introduced("adagrad"),
    _adagrad,
    arguments={
        "lr": LR,
        "lr_decay": Setting(lr_decay, (0.0, 0.1, 1.0), others=tenfold("lr_decay")),
        "weight_decay": WEIGHT_DECAY,
        "initial_accumulator_value": Setting(initial, (0.0, 0.1, 1.0), others=tenfold("initial_accumulator_value")),
        "eps": Setting(eps, (1e-10, 0.1, 1.0), others=other_eps),
        "foreach": FOREACH,
        "maximize": MAXIMIZE,
        "differentiable": DIFFERENTIABLE,
        "fused": FUSED,
    },
)
ADADELTA_CARD: TrainingCard = optimizer_card(
    "Adadelta",
    introduced("adadelta"),
    _adadelta,
    arguments={
        "lr": Setting(LR.words, (1.0, 0.1, 0.5), others=tenfold("lr")),
        "rho": Setting(rho, (0.9, 0.5, 0.99), others=nearer("rho")),
        "eps": Setting(eps_of_adadelta, (1e-6, 1e-3, 0.1), others=tenfold("eps")),
        "weight_decay": WEIGHT_DECAY,
        "foreach": FOREACH,
        "capturable": CAPTURABLE,
        "maximize": MAXIMIZE,
        "differentiable": DIFFERENTIABLE,
    },
    example={"eps": 1e-3},
)
