"""Words about LBFGS, which guesses the curvature."""

from __future__ import annotations

from collections.abc import Iterator

from knoll.explain.card import Said, said
from knoll.explain.training.calculation import calculated, digits, factor
from knoll.explain.training.card import Setting, TrainingCard
from knoll.explain.training.common import introduced, optimizer_card, usual_traps
from knoll.explain.training.setup import Setup, Step
from knoll.explain.training.values import among, tenfold, twofold
from knoll.messages import Sentence, sentence


def lr(setup: Setup) -> Said:
    """The length of a step."""
    return said(sentence("explain_optimizers.lr_of_lbfgs", value=setup.arguments["lr"]))


def max_iter(setup: Setup) -> Said:
    """How many iterations a step has."""
    return said(sentence("explain_optimizers.max_iter", value=setup.arguments["max_iter"]))


def max_eval(setup: Setup) -> Said:
    """How often the loss is computed."""
    value = setup.arguments["max_eval"]
    if value is None:
        return said(sentence("explain_optimizers.max_eval_own", value=setup.arguments["max_iter"] * 5 // 4))
    return said(sentence("explain_optimizers.max_eval", value=value))


def tolerance_grad(setup: Setup) -> Said:
    """How flat is flat."""
    return said(sentence("explain_optimizers.tolerance_grad", value=setup.arguments["tolerance_grad"]))


def tolerance_change(setup: Setup) -> Said:
    """What counts as standing still."""
    return said(sentence("explain_optimizers.tolerance_change", value=setup.arguments["tolerance_change"]))


def history_size(setup: Setup) -> Said:
    """How many steps are remembered."""
    return said(sentence("explain_optimizers.history_size", value=setup.arguments["history_size"]))


def line_search_fn(setup: Setup) -> Said:
    """How far to go."""
    name = "line_search_none" if setup.arguments["line_search_fn"] is None else "line_search_wolfe"
    return said(sentence(f"explain_optimizers.{name}"))


def _lbfgs(setup: Setup, step: Step, before: Step | None) -> Iterator[str]:
    own, p, g = setup.arguments, step.before, step.gradient
    if own["max_iter"] != 1 or own["line_search_fn"] is not None:
        yield f"p_new = {digits(step.after)}"
        return
    yield calculated("g =", "2 · p", f"2 · {factor(p)}", g)
    if abs(g) <= own["tolerance_grad"]:
        yield f"|g| ≤ tolerance_grad: p_new = p = {digits(step.after)}"
        return
    if before is None:
        direction, length = -g, min(1.0, 1 / abs(g)) * own["lr"]
        yield f"d = −g = {digits(direction)}"
        yield calculated("t =", "min(1, 1 / |g|) · lr", f"min(1, 1 / {digits(abs(g))}) · {digits(own['lr'])}", length)
    elif before.before == p:
        inverse = step.remembered.get("H_diag", 1.0)
        yield f"H = {digits(inverse)}"
        direction, length = -inverse * g, own["lr"]
        yield calculated("d =", "−H · g", f"−{digits(inverse)} · {factor(g)}", direction)
    else:
        change, moved = g - before.gradient, p - before.before
        yield calculated("y =", "g − g_before", f"{factor(g)} − {factor(before.gradient)}", change)
        yield calculated("s =", "p − p_before", f"{factor(p)} − {factor(before.before)}", moved)
        inverse = moved / change
        yield calculated("H =", "s / y", f"{factor(moved)} / {factor(change)}", inverse)
        direction, length = -inverse * g, own["lr"]
        yield calculated("d =", "−H · g", f"−{digits(inverse)} · {factor(g)}", direction)
    if g * direction > -own["tolerance_change"]:
        yield f"g · d > −tolerance_change: p_new = p = {digits(step.after)}"
        return
    name = "t" if before is None else "lr"
    yield f"p_new = p + {name} · d"
    yield f"= {factor(p)} + {digits(length)} · {factor(direction)}"
    yield f"= {digits(step.after)}"


def closure_trap(setup: Setup) -> tuple[Sentence, ...]:
    """What goes wrong with this optimiser."""
    return (sentence("explain_optimizers.closure_trap"), *usual_traps(setup)[-1:])


LBFGS_CARD: TrainingCard = optimizer_card(
    "LBFGS",
    introduced("lbfgs"),
    _lbfgs,
    arguments={
        "lr": Setting(lr, (0.5, 0.1, 1.0), others=tenfold("lr")),
        "max_iter": Setting(max_iter, (1, 2, 20), others=twofold("max_iter")),
        "max_eval": Setting(max_eval, (None, 2, 3), {"max_iter": 4}),
        "tolerance_grad": Setting(tolerance_grad, (1e-7, 0.5, 1.5), others=tenfold("tolerance_grad")),
        "tolerance_change": Setting(tolerance_change, (1e-9, 0.1, 1.0), others=tenfold("tolerance_change")),
        "history_size": Setting(history_size, (100, 10, 1), others=twofold("history_size")),
        "line_search_fn": Setting(
            line_search_fn, (None, "strong_wolfe"), others=among("line_search_fn", "strong_wolfe"), is_all=True
        ),
    },
    example={"lr": 0.5, "max_iter": 1},
    traps=closure_trap,
)
