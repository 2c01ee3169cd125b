"""Words about layers that join or split axes."""

from __future__ import annotations

import math
from collections.abc import Mapping

from knoll import nn
from knoll.explain.card import Argument, Card, Said, said
from knoll.explain.facts import Facts
from knoll.explain.words.common import reference
from knoll.graph import Shape
from knoll.messages import sentence
from knoll.nn import Module


def _joined(facts: Facts) -> tuple[int, int]:
    """The first and the last axis that become one."""
    rank = facts.input.rank
    return facts.arguments["start_dim"] % rank, facts.arguments["end_dim"] % rank


def start_dim(facts: Facts) -> Said:
    """Where the joined axes begin."""
    start, end = _joined(facts)
    if start == end:
        return said(sentence("explain_layers.flatten_start_alone", start=start))
    sizes = [str(size) for size in facts.input.shape[start : end + 1]]
    words = sentence(
        "explain_layers.flatten_start",
        start=start, axes=[str(axis) for axis in range(start, end + 1)], sizes=sizes, product=" · ".join(sizes),
        count=math.prod(facts.input.shape[start : end + 1]),
    )  # fmt: skip
    if start == 0:
        return said(words, trap=sentence("explain_layers.flatten_start_zero"))
    is_row = start == 1 and end == facts.input.rank - 1
    return said(words, *((sentence("explain_layers.flatten_start_one"),) if is_row else ()))


def end_dim(facts: Facts) -> Said:
    """Where they end."""
    name = "flatten_end_counted" if facts.arguments["end_dim"] < 0 else "flatten_end"
    return said(sentence(f"explain_layers.{name}", axis=_joined(facts)[1]))


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
    axis, wanted = facts.arguments["dim"] % facts.input.rank, facts.arguments["unflattened_size"]
    sizes = facts.output.shape[axis : axis + len(wanted)]
    words = sentence(
        "explain_layers.unflatten_size", product=" · ".join(map(str, sizes)), count=facts.input.shape[axis]
    )
    return said(words, *((sentence("explain_layers.unflatten_size_left"),) if -1 in wanted else ()))


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
        "unflattened_size": Argument(unflattened_size, ((2, 3, 3), (6, -1), (9, 2)), others=lambda _: ()),
    },
    example={"dim": 1, "unflattened_size": (2, 3, 3)},
    inputs=_fitting,
    source=reference("Unflatten"),
    shown=lambda shape: shape,
)

RESHAPING: Mapping[type[Module], Card] = {nn.Flatten: FLATTEN, nn.Unflatten: UNFLATTEN}
