"""Words about softplus and its relatives."""

from __future__ import annotations

import math
from collections.abc import Mapping

from knoll import nn
from knoll.explain.card import Argument, Card, Said, said
from knoll.explain.facts import Facts
from knoll.explain.numbers import value_at
from knoll.explain.words.activation import activation, plainly
from knoll.messages import Sentence, sentence
from knoll.nn import Module


def softplus(facts: Facts) -> Sentence:
    """What it does; a negative beta turns it upside down."""
    return sentence(f"explain_layers.{'softplus' if facts.arguments['beta'] > 0 else 'softplus_negative'}")


def beta(facts: Facts) -> Said:
    """How sharp the bend is."""
    zero, one = value_at(facts.layer, 0.0), value_at(facts.layer, 1.0)
    return said(sentence("explain_layers.softplus_beta", zero=zero, one=one))


def threshold(facts: Facts) -> Said:
    """From where on it is a straight line."""
    bound = facts.arguments["threshold"]
    jump = math.log1p(math.exp(-bound)) / abs(facts.arguments["beta"])
    return said(sentence("explain_layers.softplus_threshold", threshold=bound, jump=jump))


SOFTPLUS: Mapping[type[Module], Card] = {
    nn.Softplus: activation(
        "Softplus",
        softplus,
        {"beta": Argument(beta, (0.5, 1.0, 5.0)), "threshold": Argument(threshold, (1.0, 5.0, 20.0))},
        is_inplace=False,
    ),
    nn.LogSigmoid: activation("LogSigmoid", plainly("log_sigmoid"), is_inplace=False),
    nn.Softsign: activation("Softsign", plainly("softsign"), is_inplace=False),
    nn.Tanhshrink: activation("Tanhshrink", plainly("tanhshrink"), is_inplace=False),
}
