"""Words about dropout."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

import numpy as np

from knoll import nn
from knoll.explain.card import Argument, Card, Said, said
from knoll.explain.facts import Facts
from knoll.explain.numbers import results, short
from knoll.explain.parts import NumberTable
from knoll.explain.words.common import INPLACE, reference
from knoll.graph import Shape
from knoll.messages import Sentence, sentence
from knoll.nn import Module

ALPHA = (nn.AlphaDropout, nn.FeatureAlphaDropout)
NUMBERS = 6  # or channels, that a draw is shown with
IN_CHANNEL = 3  # numbers of each of them


def introduction(axes: str | None, facts: Facts) -> tuple[Sentence, ...]:
    """What is dropped; `axes` are those of inputs whose channels are dropped as a whole."""
    if isinstance(facts.layer, ALPHA):
        name = "alpha_dropout" if isinstance(facts.layer, nn.AlphaDropout) else "feature_alpha_dropout"
        return (sentence(f"explain_layers.{name}", low=lowest_of_selu()),)
    if axes is None:
        return (sentence("explain_layers.dropout"),)
    of_axes = sentence("explain_layers.dropout_of_axes", shape=axes)
    return (sentence("explain_layers.dropout_channels"), of_axes)


def lowest_of_selu() -> float:
    """What SELU gives far below 0."""
    return float(results(nn.SELU(), np.array([-1e3]))[0])


def p(facts: Facts) -> Said:
    """How much is dropped, and what becomes of the rest."""
    share = facts.arguments["p"]
    if share == 0:
        return said(sentence("explain_layers.dropout_p_zero"))
    if share == 1:
        return said(sentence("explain_layers.dropout_p_one"), trap=sentence("explain_layers.dropout_p_one_trap"))
    if isinstance(facts.layer, ALPHA):
        name = "dropout_p_alpha" if isinstance(facts.layer, nn.AlphaDropout) else "dropout_p_feature_alpha"
        return said(sentence(f"explain_layers.{name}", p=share, **affine(share)))
    name = "dropout_p" if isinstance(facts.layer, nn.Dropout) else "dropout_p_channels"
    return said(sentence(f"explain_layers.{name}", p=share, scale=1 / (1 - share)))


def affine(share: float) -> dict[str, float]:
    """By what alpha dropout multiplies numbers that stay, what it adds to all, and what becomes of a dropped one."""
    lowest = lowest_of_selu()
    scale = float(1 / np.sqrt((1 - share) * (1 + share * lowest**2)))
    shift = -scale * share * lowest
    return {"scale": scale, "shift": shift, "dropped": scale * lowest + shift}


def remarks(facts: Facts) -> tuple[Sentence, ...]:
    """What is forgotten easily."""
    return (sentence("explain_layers.dropout_eval"),) if 0 < facts.arguments["p"] < 1 else ()


def tables(axes: int, facts: Facts) -> tuple[NumberTable, ...]:
    """A few numbers in training and in evaluation; those of a channel, which stay or go together, in one row."""
    each = IN_CHANNEL if axes else 1
    batch = np.arange(1.0, NUMBERS * each + 1).reshape(1, NUMBERS, *(1,) * (axes - 1), *(each,) * (axes > 0))
    modes = [results(_inactive(facts.layer), batch, training=training) for training in (True, False)]
    columns = [array.reshape(NUMBERS, each) for array in (batch, *modes)]
    rows: list[tuple[str, ...]] = [
        tuple(", ".join(map(short, numbers)) for numbers in row) for row in zip(*columns, strict=True)
    ]
    header = [sentence(f"explain_layers.{name}") for name in ("input_value", "in_training", "in_evaluation")]
    if axes:
        header = [sentence("explain_layers.of_channel"), *header]
        rows = [(str(channel), *row) for channel, row in enumerate(rows)]
    return (NumberTable(sentence("explain_layers.table_dropout"), tuple(header), tuple(rows)),)


def _inactive(layer: Module) -> Module:
    """A layer that leaves its input as it is."""
    return type(layer)(p=layer.p)


def _card(kind: str, sizes: Shape, axes: str | None = None) -> Card:
    return Card(
        introduction=partial(introduction, axes),
        arguments={"p": Argument(p, (0.0, 0.25, 0.5, 1.0)), "inplace": INPLACE},
        example={},
        inputs=lambda _: (np.ones((1, 4, *sizes), np.float32),),
        source=reference(kind),
        remarks=remarks,
        tables=partial(tables, len(sizes)),
    )


DROPOUTS: Mapping[type[Module], Card] = {
    nn.Dropout: _card("Dropout", ()),
    nn.Dropout1d: _card("Dropout1d", (5,), "n, c, l"),
    nn.Dropout2d: _card("Dropout2d", (3, 3), "n, c, h, w"),
    nn.Dropout3d: _card("Dropout3d", (2, 3, 3), "n, c, d, h, w"),
    nn.AlphaDropout: _card("AlphaDropout", ()),
    nn.FeatureAlphaDropout: _card("FeatureAlphaDropout", (2, 3, 3)),
}
