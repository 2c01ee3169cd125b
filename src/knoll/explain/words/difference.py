"""Words about losses that measure differences."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from knoll import nn
from knoll.analysis import variant
from knoll.explain.card import Argument, Card, Said, said
from knoll.explain.facts import Facts
from knoll.explain.numbers import results
from knoll.explain.words.loss import loss, plainly
from knoll.graph import Array
from knoll.messages import Sentence, sentence
from knoll.nn import Module

PREDICTED: Array = np.array([1.0, 2.5, 3.0, 0.0], np.float32)
TARGETS: Array = np.array([1.0, 2.0, 5.0, 1.0], np.float32)


def _costs(facts: Facts) -> dict[str, float]:
    """What differences of 0.5 and of 2 cost."""
    half, two = results(variant(facts.layer, reduction="none"), np.array([0.5, 2.0]), np.zeros(2))
    return {"half": float(half), "two": float(two)}


def beta(facts: Facts) -> Said:
    """Where the parabola ends."""
    value = facts.arguments["beta"]
    if value == 0:
        return said(sentence("explain_layers.smooth_l1_beta_zero", **_costs(facts)))
    return said(sentence("explain_layers.smooth_l1_beta", beta=value, **_costs(facts)))


def smooth_l1(facts: Facts) -> tuple[Sentence, ...]:
    """What it is a mixture of; without a parabola it is another loss."""
    return (sentence(f"explain_layers.{'smooth_l1' if facts.arguments['beta'] else 'smooth_l1_zero'}"),)


def delta(facts: Facts) -> Said:
    """Where the parabola ends."""
    return said(sentence("explain_layers.huber_delta", delta=facts.arguments["delta"], **_costs(facts)))


DIFFERENCES: Mapping[type[Module], Card] = {
    nn.L1Loss: loss("L1Loss", plainly("l1"), (PREDICTED, TARGETS), remarks=plainly("regression_shapes")),
    nn.MSELoss: loss("MSELoss", plainly("mse"), (PREDICTED, TARGETS), remarks=plainly("regression_shapes")),
    nn.SmoothL1Loss: loss(
        "SmoothL1Loss",
        smooth_l1,
        (PREDICTED, TARGETS),
        {"beta": Argument(beta, (0.5, 1.0, 2.0))},
        remarks=plainly("regression_shapes"),
    ),
    nn.HuberLoss: loss(
        "HuberLoss",
        plainly("huber"),
        (PREDICTED, TARGETS),
        {"delta": Argument(delta, (0.5, 1.0, 2.0))},
        remarks=plainly("regression_shapes"),
    ),
}
