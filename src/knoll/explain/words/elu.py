"""Words about exponential linear units."""

from __future__ import annotations

from collections.abc import Mapping

from knoll import nn
from knoll.explain.card import Argument, Card, Said, said
from knoll.explain.facts import Facts
from knoll.explain.numbers import curve_of, value_at
from knoll.explain.words.activation import activation
from knoll.messages import Sentence, sentence
from knoll.nn import Module


def elu(facts: Facts) -> Sentence:
    """What ELU does."""
    return sentence("explain_layers.elu", alpha=facts.arguments["alpha"])


def celu(facts: Facts) -> Sentence:
    """What CELU does."""
    return sentence("explain_layers.celu", alpha=facts.arguments["alpha"])


def selu(facts: Facts) -> Sentence:
    """What SELU does, with its two constants."""
    curve = curve_of(facts.layer)
    return sentence("explain_layers.selu", high=curve.at(1.0)[0], low=-(curve.low or 0.0))


def alpha(facts: Facts) -> Said:
    """How low the curve goes."""
    value = facts.arguments["alpha"]
    has_kink = isinstance(facts.layer, nn.ELU) and value != 1
    words = sentence("explain_layers.elu_alpha", alpha=value, minus_one=value_at(facts.layer, -1.0))
    return said(words, trap=sentence("explain_layers.elu_kink") if has_kink else None)


ALPHA: Argument = Argument(alpha, (0.5, 1.0, 2.0))

EXPONENTIAL: Mapping[type[Module], Card] = {
    nn.ELU: activation("ELU", elu, {"alpha": ALPHA}),
    nn.CELU: activation("CELU", celu, {"alpha": ALPHA}),
    nn.SELU: activation("SELU", selu),
}
