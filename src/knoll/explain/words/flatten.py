"""Words about layers that join or split axes."""

from __future__ import annotations

import math
from collections.abc import Mapping

from knoll import nn
from knoll.explain.card import Argument, Card, Said, said
from knoll.explain.facts import Facts
from knoll.explain.words.common import reference
from knoll.graph import Shape
from knoll.graph.shapes import shape_text
from knoll.messages import sentence
from knoll.nn import Module


def _joined(facts: Facts) -> tuple[int, int]:
    """The first and the last axis that become one."""
    rank = facts.input.rank
    return facts.arguments["start_dim"] % rank, facts.arguments["end_dim"] % rank


def start_dim(facts: Facts) -> Said:
    """Where the joined axes begin."""
    start, end = _joined(facts)
    sizes = facts.input.shape[start : end + 1]
    axes = ", ".join(map(str, range(start, end + 1)))
    words = sentence(
        "explain_layers.flatten_start",
        start=start, axes=axes, sizes=", ".join(map(str, sizes)), product=" · ".join(map(str, sizes)) or "1",
        count=math.prod(sizes),
    )  # fmt: skip
    if start == 0:
        return said(words, trap=sentence("explain_layers.flatten_start_zero"))
    return said(words, *((sentence("explain_layers.flatten_start_one"),) if start == 1 else ()))


def end_dim(facts: Facts) -> Said:
    """Where they end."""
    return said(sentence("explain_layers.flatten_end", axis=_joined(facts)[1]))


FLATTEN: Card = Card(
    introduction=lambda _: (sentence("explain_layers.flatten"),),
    arguments={
        "start_dim": Argument(start_dim, (0, 1, 2)),
        "end_dim": Argument(end_dim, (-1, 2, 1)),
    },
    example={},
    inputs=lambda _: ((2, 3, 3),),
    source=reference("Flatten"),
    shown=lambda shape: shape,
)


def dim(facts: Facts) -> Said:
    """Which axis is split."""
    axis = facts.arguments["dim"] % facts.input.rank
    return said(sentence("explain_layers.unflatten_dim", dim=axis, count=facts.input.shape[axis]))


def unflattened_size(facts: Facts) -> Said:
    """Into what it is split."""
    axis = facts.arguments["dim"] % facts.input.rank
    sizes = shape_text(tuple(facts.arguments["unflattened_size"]))
    return said(sentence("explain_layers.unflatten_size", sizes=sizes, count=facts.input.shape[axis]))


def _fitting(layer: Module) -> tuple[Shape, ...]:
    """A shape whose axis can be split as the layer splits it."""
    assert isinstance(layer, nn.Unflatten)
    sizes = [2 if size == -1 else size for size in layer.unflattened_size]
    before = layer.dim - 1 if layer.dim > 0 else 0
    return ((*(2,) * before, math.prod(sizes)),)


UNFLATTEN: Card = Card(
    introduction=lambda _: (sentence("explain_layers.unflatten"),),
    arguments={
        "dim": Argument(dim, (1, 2, -1)),
        "unflattened_size": Argument(unflattened_size, ((2, 3, 3), (6, -1), (9, 2))),
    },
    example={"dim": 1, "unflattened_size": (2, 3, 3)},
    inputs=_fitting,
    source=reference("Unflatten"),
    shown=lambda shape: shape,
)

RESHAPING: Mapping[type[Module], Card] = {nn.Flatten: FLATTEN, nn.Unflatten: UNFLATTEN}
