"""Words about layers that say how near two vectors are."""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np

from knoll import nn
from knoll.explain.card import Argument, Card, Said, said
from knoll.explain.facts import Facts
from knoll.explain.words.common import reference
from knoll.graph import Array, Shape
from knoll.messages import sentence
from knoll.nn import Module
from knoll.nn.inspection import Input

PAIRS: tuple[Array, Array] = (
    np.array([[3.0, 4.0], [1.0, 0.0]], np.float32),
    np.array([[4.0, 3.0], [0.0, 2.0]], np.float32),
)


def dim(facts: Facts) -> Said:
    """Along which axis vectors lie."""
    axis = facts.arguments["dim"] % max(facts.input.rank, 1)
    count = facts.input.shape[axis] if facts.input.rank else 1
    return said(sentence("explain_vectors.cosine_dim", axis=axis, count=count))


def p(facts: Facts) -> Said:
    """Which norm is taken."""
    order = facts.arguments["p"]
    named = {1: "one", 2: "two", math.inf: "most"}
    if order in named:
        return said(sentence(f"explain_vectors.distance_p_{named[order]}"))
    if order == 0 or math.isinf(order):
        return said(sentence("explain_vectors.distance_p_other"))
    return said(sentence("explain_vectors.distance_p", p=order))


def keepdim(facts: Facts) -> Said:
    """Whether the last axis stays."""
    return said(sentence(f"explain_vectors.keepdim_{'yes' if facts.arguments['keepdim'] else 'no'}"))


def cosine_eps(facts: Facts) -> Said:
    """The least length that is divided by."""
    return said(sentence("explain_vectors.cosine_eps", eps=facts.arguments["eps"]))


def distance_eps(facts: Facts) -> Said:
    """What is added to each difference."""
    return said(sentence("explain_vectors.distance_eps", eps=facts.arguments["eps"]))


def _second(_: Module, shape: Shape) -> tuple[Input, ...]:
    """Vectors of ones to compare with."""
    return (np.ones(shape, np.float32),)


DISTANCES: Mapping[type[Module], Card] = {
    nn.CosineSimilarity: Card(
        introduction=lambda _: (sentence("explain_vectors.cosine"),),
        arguments={"dim": Argument(dim, (0, 1, -1)), "eps": Argument(cosine_eps, (1e-8, 1e-3, 0.1))},
        example={},
        inputs=lambda _: PAIRS,
        source=reference("CosineSimilarity"),
        further=_second,
        shown=lambda shape: shape,
    ),
    nn.PairwiseDistance: Card(
        introduction=lambda facts: (sentence("explain_vectors.distance", p=facts.arguments["p"]),),
        arguments={
            "p": Argument(p, (2.0, 1.0, 3.0)),
            "eps": Argument(distance_eps, (1e-6, 1e-3, 0.1)),
            "keepdim": Argument(keepdim, (False, True)),
        },
        example={},
        inputs=lambda _: PAIRS,
        source=reference("PairwiseDistance"),
        further=_second,
        shown=lambda shape: shape,
    ),
}
