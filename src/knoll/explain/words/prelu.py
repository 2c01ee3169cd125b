"""Words about rectifiers whose slope below zero is learned or random."""

from __future__ import annotations

from collections.abc import Mapping

from knoll import nn
from knoll.explain.card import Argument, Card, Said, said
from knoll.explain.facts import Facts
from knoll.explain.numbers import value_at
from knoll.explain.words.activation import activation, plainly
from knoll.explain.words.common import DEVICE, DTYPE
from knoll.messages import Sentence, sentence
from knoll.nn import Module


def num_parameters(facts: Facts) -> Said:
    """How many slopes there are."""
    count = facts.arguments["num_parameters"]
    if count == 1:
        return said(sentence("explain_layers.num_parameters_one"))
    return said(sentence("explain_layers.num_parameters", count=count))


def init(facts: Facts) -> Said:
    """Where the slopes begin."""
    value = facts.arguments["init"]
    return said(sentence("explain_layers.prelu_init", init=value, minus_one=-value))


def rrelu(facts: Facts) -> Sentence:
    """What a rectifier with random slopes does."""
    return sentence("explain_layers.rrelu", slope=-value_at(facts.layer, -1.0))


def bound(facts: Facts) -> Said:
    """Between which numbers slopes lie."""
    lower, upper = facts.arguments["lower"], facts.arguments["upper"]
    return said(sentence("explain_layers.rrelu_bound", lower=lower, upper=upper, least=-upper, most=-lower))


SLOPED: Mapping[type[Module], Card] = {
    nn.PReLU: activation(
        "PReLU",
        plainly("prelu"),
        {
            "num_parameters": Argument(num_parameters, (1, 2, 3)),
            "init": Argument(init, (0.0, 0.25, 1.0)),
            "dtype": DTYPE,
            "device": DEVICE,
        },
        is_inplace=False,
        inputs=lambda layer: ((layer.num_parameters, 3, 3),),
        remarks=("explain_layers.prelu_decay",),
    ),
    nn.RReLU: activation(
        "RReLU", rrelu, {"lower": Argument(bound, (0.0, 1 / 8, 0.3)), "upper": Argument(bound, (0.2, 1 / 3, 0.5))}
    ),
}
