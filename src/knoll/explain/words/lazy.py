"""Words about lazy convolutions: they take a number from the first input, and are ordinary layers from then on."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from knoll.analysis import written
from knoll.explain.card import Argument, Card
from knoll.explain.facts import Facts
from knoll.explain.words.conv import CONV2D
from knoll.explain.words.conv_transpose import CONV_TRANSPOSE2D, spread_enough
from knoll.explain.words.windows import large_enough
from knoll.messages import Sentence, sentence
from knoll.nn import Module
from knoll.nn.inspection import Input


def lazily(card: Card, missing: str, inputs: Callable[[Module], tuple[Input, ...]], name: str) -> Card:
    """The card of the lazy layer that becomes the layer of another card; `missing` is the argument that it lacks."""

    def introduction(facts: Facts) -> tuple[Sentence, ...]:
        becomes = sentence(
            "explain.lazy", name=missing, value=getattr(facts.layer, missing), written=written(facts.layer)
        )
        return (becomes, *card.introduction(facts))

    return replace(
        card,
        introduction=introduction,
        arguments={key: _without(argument, missing) for key, argument in card.arguments.items() if key != missing},
        example={key: value for key, value in card.example.items() if key != missing},
        inputs=inputs,
        source=f"https://pytorch.org/docs/stable/generated/torch.nn.{name}.html",
    )


def _without(argument: Argument, missing: str) -> Argument:
    return replace(argument, beside={key: value for key, value in argument.beside.items() if key != missing})


LAZY_CONV2D: Card = lazily(
    CONV2D, "in_channels", lambda layer: ((layer.groups, *large_enough(7, layer)),), "LazyConv2d"
)
LAZY_CONV_TRANSPOSE2D: Card = lazily(
    CONV_TRANSPOSE2D, "in_channels", lambda layer: ((layer.groups, *spread_enough(layer)),), "LazyConvTranspose2d"
)
