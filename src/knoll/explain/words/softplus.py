"""Words about softplus and its relatives."""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np

from knoll import nn
from knoll.explain.card import Argument, Card, Said, said
from knoll.explain.facts import Facts
from knoll.explain.numbers import value_at
from knoll.explain.words.activation import activation, plainly
from knoll.messages import Sentence, sentence
from knoll.nn import Module


def softplus(facts: Facts) -> Sentence:
    """What it does; a negative beta turns it upside down, with one of 0 nothing is left of it."""
    slope = facts.arguments["beta"]
    name = "softplus" if slope > 0 else "softplus_negative" if slope < 0 else "softplus_zero"
    return sentence(f"explain_layers.{name}")


def beta(facts: Facts) -> Said:
    """How sharp the bend is."""
    if not facts.arguments["beta"] or math.isnan(facts.arguments["beta"]):
        return said(sentence("explain_layers.softplus_no_beta"))
    zero, one = value_at(facts.layer, 0.0), value_at(facts.layer, 1.0)
    return said(sentence("explain_layers.softplus_beta", zero=zero, one=one))


def threshold(facts: Facts) -> Said:
    """From where on it is a straight line."""
    bound = facts.arguments["threshold"]
    slope = abs(facts.arguments["beta"])
    if not slope > 0:
        return said(sentence("explain_layers.softplus_no_beta"))
    jump = float(np.logaddexp(0.0, -bound)) / slope
    return said(sentence("explain_layers.softplus_threshold", threshold=bound, jump=jump))


def straight_from(layer: Module) -> tuple[float, ...]:
    """Where the straight line begins."""
    slope = float(layer.beta)
    return (float(layer.threshold) / slope,) if slope and math.isfinite(slope) else ()


SOFTPLUS: Mapping[type[Module], Card] = {
    nn.Softplus: activation(
        "Softplus",
        softplus,
        {"beta": Argument(beta, (0.5, 1.0, 5.0)), "threshold": Argument(threshold, (1.0, 5.0, 20.0))},
        is_inplace=False,
        bends=straight_from,
    ),
    nn.LogSigmoid: activation("LogSigmoid", plainly("log_sigmoid"), is_inplace=False),
    nn.Softsign: activation("Softsign", plainly("softsign"), is_inplace=False),
    nn.Tanhshrink: activation("Tanhshrink", plainly("tanhshrink"), is_inplace=False),
}
