"""Words about stochastic gradient descent."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from knoll.explain.card import Said, said
from knoll.explain.training.calculation import calculated, digits, factor, mixed, to_gradient
from knoll.explain.training.card import Setting, TrainingCard
from knoll.explain.training.common import (
    LR,
    MAXIMIZE,
    SHOWN,
    WAYS,
    WEIGHT_DECAY,
    optimizer_card,
    switch,
)
from knoll.explain.training.setup import Setup, Step
from knoll.explain.training.values import nearer, switched
from knoll.messages import Sentence, sentence
from knoll.optim import SGD
from knoll.tensor import tensor


def introduction(_: Setup) -> tuple[Sentence, ...]:
    """What it does."""
    return (sentence("explain_optimizers.sgd"),)


def momentum(setup: Setup) -> Said:
    """How much is remembered of former gradients."""
    value = setup.arguments["momentum"]
    if not value:
        return said(sentence("explain_optimizers.momentum_none"))
    buffers = tuple(digits(each) for each in sums(value, setup.arguments["dampening"]))
    words = sentence("explain_optimizers.momentum", value=value, sums=buffers)
    if value >= 1:
        return said(words, trap=sentence("explain_optimizers.momentum_trap", value=value))
    return said(
        words, sentence("explain_optimizers.momentum_limit", times=(1 - setup.arguments["dampening"]) / (1 - value))
    )


def sums(share: float, dampening: float) -> list[float]:
    """What is remembered after steps whose gradients are all 1: steps that are really made."""
    parameter = tensor([0.0], dtype="float64", requires_grad=True)
    optimizer = SGD([parameter], lr=1.0, momentum=share, dampening=dampening)
    found = []
    for _ in range(SHOWN):
        optimizer.zero_grad()
        parameter.sum().backward()
        optimizer.step()
        found.append(optimizer.state[parameter]["momentum_buffer"].item())
    return found


def dampening(setup: Setup) -> Said:
    """How much of a gradient is not remembered."""
    value = setup.arguments["dampening"]
    if not setup.arguments["momentum"]:
        return said(sentence("explain_optimizers.dampening_unused"))
    if not value:
        return said(sentence("explain_optimizers.dampening_none"))
    return said(sentence("explain_optimizers.dampening", value=value, rest=1 - value))


def nesterov(setup: Setup) -> Said:
    """Whether a step looks ahead."""
    if not setup.arguments["momentum"]:
        return said(sentence("explain_optimizers.nesterov_unused"))
    return switch("nesterov")(setup)


def _lines(setup: Setup, step: Step, before: Step | None) -> Iterator[str]:
    own = setup.arguments
    g, p, lines = to_gradient(setup, step)
    yield from lines
    move, name = g, "g"
    if own["momentum"]:
        move, name = step.remembered["momentum_buffer"], "b"
        yield _remembered(own, before, g, move)
    if own["nesterov"]:
        numbers, move, name = (
            f"{factor(g)} + {digits(own['momentum'])} · {factor(move)}",
            g + own["momentum"] * move,
            "d",
        )
        yield calculated("d =", "g + momentum · b", numbers, move)
    yield f"p_new = p − lr · {name}"
    yield f"= {factor(p)} − {digits(own['lr'])} · {factor(move)}"
    yield f"= {digits(step.after)}"


def _remembered(own: Mapping[str, Any], before: Step | None, g: float, b: float) -> str:
    """The line that adds a gradient to what is remembered."""
    if before is None:
        return f"b = g = {digits(b)}"
    formula, held = "momentum · b + (1 − dampening) · g", before.remembered["momentum_buffer"]
    return mixed("b ←", formula, own["momentum"], held, 1 - own["dampening"], factor(g), b)


SGD_CARD: TrainingCard = optimizer_card(
    "SGD",
    introduction,
    _lines,
    arguments={
        "lr": LR,
        "momentum": Setting(momentum, (0.0, 0.5, 0.9), others=nearer("momentum")),
        "dampening": Setting(dampening, (0.0, 0.5, 0.9), {"momentum": 0.9}, others=nearer("dampening", 0.5)),
        "weight_decay": WEIGHT_DECAY,
        "nesterov": Setting(nesterov, (False, True), {"momentum": 0.9}, others=switched("nesterov")),
        "maximize": MAXIMIZE,
        **WAYS,
    },
)
