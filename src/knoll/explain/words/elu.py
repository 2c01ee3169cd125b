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
    value = facts.arguments["alpha"]
    if value == 0:
        return sentence("explain_layers.elu_zero")
    return sentence(f"explain_layers.{'elu' if value > 0 else 'elu_negative'}", limit=-value)


def celu(facts: Facts) -> Sentence:
    """What CELU does."""
    value = facts.arguments["alpha"]
    return sentence("explain_layers.celu", limit=-value) if value > 0 else sentence("explain_layers.celu_negative")


def selu(facts: Facts) -> Sentence:
    """What SELU does, with its two constants."""
    curve = curve_of(facts.layer)
    return sentence("explain_layers.selu", high=curve.at(1.0)[0], low=-(curve.low or 0.0))


def alpha(facts: Facts) -> Said:
    """Where the curve goes far below 0."""
    value, minus_one = facts.arguments["alpha"], value_at(facts.layer, -1.0)
    if isinstance(facts.layer, nn.CELU):
        if value < 0:
            return said(sentence("explain_layers.celu_alpha_negative", minus_one=minus_one))
        return said(sentence("explain_layers.elu_alpha", limit=-value, minus_one=minus_one))
    words = sentence("explain_layers.elu_alpha", limit=-value, minus_one=minus_one)
    return said(words, trap=sentence("explain_layers.elu_kink") if value != 1 else None)


ALPHA: Argument = Argument(alpha, (0.5, 1.0, 2.0))

EXPONENTIAL: Mapping[type[Module], Card] = {
    nn.ELU: activation("ELU", elu, {"alpha": ALPHA}),
    nn.CELU: activation("CELU", celu, {"alpha": ALPHA}),
    nn.SELU: activation("SELU", selu),
}
