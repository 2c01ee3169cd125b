"""Words about linear layers, and the layer that does nothing."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from knoll import nn
from knoll.explain.card import Argument, Card, Said, said
from knoll.explain.facts import Facts
from knoll.explain.words.common import DEVICE, DTYPE, reference
from knoll.messages import Sentence, sentence
from knoll.nn import Module


def _sizes(facts: Facts) -> dict[str, int]:
    return {name: facts.arguments[name] for name in ("in_features", "out_features")}


def introduction(facts: Facts) -> tuple[Sentence, ...]:
    """What a linear layer does."""
    formula = "x · weight.T + bias" if facts.arguments["bias"] else "x · weight.T"
    sizes = _sizes(facts)
    if sizes["out_features"] == 1:
        return (sentence("explain_layers.linear_one_output", formula=formula, in_features=sizes["in_features"]),)
    return (sentence("explain_layers.linear", formula=formula, **sizes),)


def in_features(facts: Facts) -> Said:
    """How many numbers come in."""
    count = facts.arguments["in_features"]
    advice = sentence("explain_layers.linear_in_features_advice")
    return said(sentence("explain_layers.linear_in_features", count=count), advice)


def out_features(facts: Facts) -> Said:
    """How many numbers come out."""
    sizes = _sizes(facts)
    weights = sentence("explain_layers.linear_weights", count=sizes["in_features"] * sizes["out_features"], **sizes)
    return said(sentence("explain_layers.linear_out_features", count=sizes["out_features"]), weights)


def bias(facts: Facts) -> Said:
    """Whether a number is added."""
    if facts.arguments["bias"]:
        return said(sentence("explain_layers.linear_bias", count=facts.arguments["out_features"]))
    return said(sentence("explain_layers.linear_bias_none"))


LINEAR: Card = Card(
    introduction=introduction,
    arguments={
        "in_features": Argument(in_features, (2, 4, 8)),
        "out_features": Argument(out_features, (1, 3, 10)),
        "bias": Argument(bias, (True, False)),
        "dtype": DTYPE,
        "device": DEVICE,
    },
    example={"in_features": 4, "out_features": 3},
    inputs=lambda layer: ((layer.in_features,),),
    source=reference("Linear"),
)

IDENTITY: Card = Card(
    introduction=lambda _: (sentence("explain_layers.identity"),),
    arguments={},
    example={},
    inputs=lambda _: ((3, 4, 4),),
    source=reference("Identity"),
)


def in1_features(facts: Facts) -> Said:
    """How many numbers the first input has."""
    return said(sentence("explain_layers.bilinear_in", place=1, count=facts.arguments["in1_features"]))


def in2_features(facts: Facts) -> Said:
    """How many numbers the second input has."""
    return said(sentence("explain_layers.bilinear_in", place=2, count=facts.arguments["in2_features"]))


def bilinear_out(facts: Facts) -> Said:
    """How many numbers come out, and what that costs."""
    sizes = {name: facts.arguments[f"{name}_features"] for name in ("in1", "in2", "out")}
    words = sentence("explain_layers.bilinear_weights", count=sizes["in1"] * sizes["in2"] * sizes["out"], **sizes)
    return said(sentence("explain_layers.linear_out_features", count=sizes["out"]), words)


BILINEAR: Card = Card(
    introduction=lambda facts: (
        sentence("explain_layers.bilinear" if facts.arguments["bias"] else "explain_layers.bilinear_plain"),
    ),
    arguments={
        "in1_features": Argument(in1_features, (2, 3, 4)),
        "in2_features": Argument(in2_features, (1, 2, 4)),
        "out_features": Argument(bilinear_out, (1, 3, 10)),
        "bias": Argument(bias, (True, False)),
        "dtype": DTYPE,
        "device": DEVICE,
    },
    example={"in1_features": 3, "in2_features": 2, "out_features": 3},
    inputs=lambda layer: ((layer.in1_features,), (layer.in2_features,)),
    further=lambda layer, shape: (np.ones((*shape[:-1], layer.in2_features), np.float32),),
    source=reference("Bilinear"),
)

LINEAR_LAYERS: Mapping[type[Module], Card] = {nn.Linear: LINEAR, nn.Bilinear: BILINEAR, nn.Identity: IDENTITY}
