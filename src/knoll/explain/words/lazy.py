"""Words about lazy layers: they take a number from the first input, and are ordinary layers from then on."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

import numpy as np

from knoll import nn
from knoll.analysis import arguments_of, written
from knoll.explain.card import Argument, Card
from knoll.explain.facts import Facts
from knoll.explain.words.batch_norm import BATCH_NORM1D, BATCH_NORM2D
from knoll.explain.words.conv import CONV2D
from knoll.explain.words.conv1d import CONV1D, CONV_TRANSPOSE1D
from knoll.explain.words.conv1d import spread_enough as spread_enough_1d
from knoll.explain.words.conv_transpose import CONV_TRANSPOSE2D, spread_enough
from knoll.explain.words.linear import LINEAR
from knoll.explain.words.sample_norm import SAMPLE_NORMS
from knoll.explain.words.sequence import room
from knoll.explain.words.windows import large_enough
from knoll.graph import Array
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


def two_samples(*shape: int) -> Callable[[Module], tuple[Array, ...]]:
    """A batch of two samples of the element type of the layer."""
    return lambda layer: (np.ones((2, *shape), arguments_of(layer)["dtype"] or "float32"),)


LAZY_LINEAR: Card = lazily(LINEAR, "in_features", lambda _: ((4,),), "LazyLinear")
LAZY_BATCH_NORM1D: Card = lazily(BATCH_NORM1D, "num_features", two_samples(2), "LazyBatchNorm1d")
LAZY_BATCH_NORM2D: Card = lazily(BATCH_NORM2D, "num_features", two_samples(2, 3, 3), "LazyBatchNorm2d")

LAZY_1D: Mapping[type[Module], Card] = {
    nn.LazyConv1d: lazily(CONV1D, "in_channels", lambda layer: ((layer.groups, room(7, layer)),), "LazyConv1d"),
    nn.LazyConvTranspose1d: lazily(
        CONV_TRANSPOSE1D,
        "in_channels",
        lambda layer: ((layer.groups, spread_enough_1d(layer)),),
        "LazyConvTranspose1d",
    ),
    nn.LazyInstanceNorm1d: lazily(
        SAMPLE_NORMS[nn.InstanceNorm1d], "num_features", two_samples(3, 4), "LazyInstanceNorm1d"
    ),
    nn.LazyInstanceNorm2d: lazily(
        SAMPLE_NORMS[nn.InstanceNorm2d], "num_features", two_samples(3, 2, 2), "LazyInstanceNorm2d"
    ),
}
