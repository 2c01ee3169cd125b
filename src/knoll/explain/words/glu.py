"""Words about the gated linear unit."""

from __future__ import annotations

from collections.abc import Mapping

from knoll import nn
from knoll.explain.card import Argument, Card, Said, said
from knoll.explain.facts import Facts
from knoll.explain.words.common import counted, reference
from knoll.messages import sentence
from knoll.nn import Module


def dim(facts: Facts) -> Said:
    """Which axis is halved."""
    axis = facts.arguments["dim"]
    count, half = (spec.shape[axis] for spec in (facts.input, facts.output))
    return said(sentence("explain_layers.glu_dim", dim=axis, counted=counted(axis), count=count, half=half))


GATED: Mapping[type[Module], Card] = {
    nn.GLU: Card(
        introduction=lambda _: (sentence("explain_layers.glu"),),
        arguments={"dim": Argument(dim, (-1, 1, 2))},
        example={},
        inputs=lambda _: ((2, 4, 6),),
        source=reference("GLU"),
        shown=lambda shape: shape,
    )
}
