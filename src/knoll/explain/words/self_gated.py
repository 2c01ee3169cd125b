"""Words about activations that multiply x with a gate made of x."""

from __future__ import annotations

from collections.abc import Mapping

from knoll import nn
from knoll.explain.card import Argument, Card, Said, said
from knoll.explain.facts import Facts
from knoll.explain.numbers import value_at
from knoll.explain.words.activation import activation, plainly
from knoll.messages import sentence
from knoll.nn import Module


def approximate(facts: Facts) -> Said:
    """How Φ is computed."""
    one = value_at(facts.layer, 1.0)
    if facts.arguments["approximate"] == "none":
        return said(sentence("explain_layers.gelu_none", one=one))
    return said(sentence("explain_layers.gelu_tanh", one=one, exact=value_at(nn.GELU(), 1.0)))


SELF_GATED: Mapping[type[Module], Card] = {
    nn.GELU: activation(
        "GELU", plainly("gelu"), {"approximate": Argument(approximate, ("none", "tanh"), is_all=True)}, is_inplace=False
    ),
    nn.SiLU: activation("SiLU", plainly("silu")),
    nn.Mish: activation("Mish", plainly("mish")),
}
