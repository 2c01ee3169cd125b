"""Words about batch normalisation."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from knoll import nn
from knoll.analysis import variant
from knoll.explain.card import Argument, Card, Said, said
from knoll.explain.facts import Facts
from knoll.explain.numbers import results, short
from knoll.explain.parts import NumberTable
from knoll.explain.words.common import DEVICE, DTYPE, few_numbers, reference
from knoll.graph import Array, Shape
from knoll.messages import Sentence, sentence
from knoll.nn import Module
from knoll.nn.init.skip import skip_init
from knoll.tensor import Tensor

MEANS = (10.0, 20.0, 30.0)  # of the batches that show what momentum does


def introduction(facts: Facts) -> tuple[Sentence, ...]:
    """What batch normalisation does, in training and afterwards."""
    learned = [getattr(facts.layer, name) is not None for name in ("weight", "bias")]
    name = "batch_norm" if all(learned) else "batch_norm_scaled" if learned[0] else "batch_norm_plain"
    modes = "batch_norm_modes" if facts.arguments["track_running_stats"] else "batch_norm_always_batch"
    over = {2: "over_samples", 3: "over_positions"}.get(facts.input.rank, "over_pixels")
    return (
        sentence(f"explain_layers.{name}", c=facts.arguments["num_features"]),
        sentence(f"explain_layers.{modes}", over=sentence(f"explain_layers.{over}")),
    )


def num_features(facts: Facts) -> Said:
    """How many channels are normalised."""
    name = "num_features" if facts.input.rank == 4 else "num_features_one_d"
    return said(sentence(f"explain_layers.{name}", c=facts.arguments["num_features"]))


def eps(facts: Facts) -> Said:
    """What is added to the variance."""
    value = facts.arguments["eps"]
    return said(sentence("explain_layers.eps", eps=value, root=math.sqrt(value) if value > 0 else 0.0))


def momentum(facts: Facts) -> Said:
    """How the running averages follow the batches, found with three batches."""
    if not facts.arguments["track_running_stats"]:
        return said(sentence("explain_layers.momentum_unused"))
    share = facts.arguments["momentum"]
    first, second, third = running_means(share)
    if share is None:
        return said(sentence("explain_layers.momentum_none", first=first, second=second, third=third))
    words = sentence(
        "explain_layers.momentum", share=share, stays=1 - share, first=first, second=second, third=third
    )  # fmt: skip
    return said(words, trap=sentence("explain_layers.momentum_of_sgd"))


def running_means(share: float | None) -> list[float]:
    """What a layer remembers after each of three batches of two numbers."""
    layer = nn.BatchNorm1d(1, momentum=share, dtype="float64")
    found = []
    for mean in MEANS:
        layer(np.array([[mean - 1], [mean + 1]]))
        assert layer.running_mean is not None
        found.append(layer.running_mean.item())
    return found


def affine(facts: Facts) -> Said:
    """Whether scale and shift are learned."""
    if facts.arguments["affine"]:
        name = "affine_weight" if facts.layer.bias is None else "affine"
        return said(sentence(f"explain_layers.{name}", count=facts.parameters))
    return said(sentence("explain_layers.affine_none"))


def track_running_stats(facts: Facts) -> Said:
    """Whether there are running averages."""
    if facts.arguments["track_running_stats"]:
        return said(sentence("explain_layers.track_running_stats", count=2 * facts.arguments["num_features"]))
    return said(
        sentence("explain_layers.track_running_stats_none"), trap=sentence("explain_layers.track_running_stats_trap")
    )


def _other_statistics(facts: Facts) -> tuple[bool, ...]:
    """The other value, where such a batch has a variance: one number has none, and training refuses it either way."""
    has_variance = facts.input.size > facts.arguments["num_features"]
    return (not facts.arguments["track_running_stats"],) if has_variance else ()


def bias(facts: Facts) -> Said:
    """Whether a number is added after the scaling."""
    has_bias = facts.arguments["bias"] and facts.arguments["affine"]
    return said(sentence("explain_layers.batch_norm_bias" if has_bias else "explain_layers.batch_norm_bias_none"))


def process_group(_: Facts) -> Said:
    """Which processes share their statistics."""
    return said(sentence("explain_layers.process_group"))


def tables(facts: Facts) -> tuple[NumberTable, ...]:
    """The same numbers in training and in evaluation, by a layer that is new."""
    if facts.arguments["eps"] <= 0:  # refused in training
        return ()
    low, high = 8.0, 12.0
    with skip_init():
        fresh = variant(facts.layer, num_features=1)
    fresh.reset_parameters()  # every batch normalisation has it
    batch = np.array([low, high]).reshape((2, 1) + (1,) * (facts.input.rank - 2))
    numbers: Array = batch.astype(next((each.dtype for each in (*fresh.parameters(), *fresh.buffers())), np.float32))
    modes = [results(fresh, numbers, training=training).ravel() for training in (True, False)]
    header = tuple(map(sentence, ("explain_layers.input_value", *(f"explain_layers.{mode}" for mode in MODES))))
    rows = tuple(tuple(map(short, row)) for row in zip((low, high), *modes, strict=True))
    return (NumberTable(sentence("explain_layers.table_batch_norm", low=low, high=high), header, rows),)


MODES = ("in_training", "in_evaluation")


def remarks(facts: Facts) -> tuple[Sentence, ...]:
    """What is forgotten easily."""
    names = {
        "batch_norm_forgotten_eval": facts.arguments["track_running_stats"],
        "batch_norm_one_value": facts.input.rank == 2,
    }
    return tuple(sentence(f"explain_layers.{name}") for name, is_said in names.items() if is_said)


OPTIONS: Mapping[str, Argument] = {
    "eps": Argument(eps, (1e-5, 1e-3, 0.1)),
    "momentum": Argument(momentum, (0.1, 0.01, 1.0, None)),
    "affine": Argument(affine, (True, False)),
    "track_running_stats": Argument(track_running_stats, (True, False), others=_other_statistics),
    "bias": Argument(bias, (True, False)),
    "dtype": DTYPE,
    "device": DEVICE,
}


def _card(kind: str, sizes: Shape) -> Card:
    return Card(
        introduction=introduction,
        arguments={"num_features": Argument(num_features, (1, 2, 3)), **OPTIONS},
        example={"num_features": 2},
        inputs=lambda layer: (_two_samples(layer, sizes),),
        source=reference(kind),
        remarks=remarks,
        tables=tables,
    )


def _two_samples(layer: Module, sizes: Shape) -> Array | Tensor:
    """A layer without running averages refuses a single one."""
    assert isinstance(layer, nn.BatchNorm1d | nn.BatchNorm2d | nn.SyncBatchNorm)
    return few_numbers((2, layer.num_features, *sizes), layer)


BATCH_NORM1D: Card = _card("BatchNorm1d", ())
BATCH_NORM2D: Card = _card("BatchNorm2d", (3, 3))

SYNC_BATCH_NORM: Card = replace(
    _card("SyncBatchNorm", (3, 3)),
    arguments={**BATCH_NORM2D.arguments, "process_group": Argument(process_group, (None,), is_all=True)},
    introduction=lambda facts: (*introduction(facts), sentence("explain_layers.sync_batch_norm")),
)

NORMALISATIONS: Mapping[type[Module], Card] = {
    nn.BatchNorm1d: BATCH_NORM1D,
    nn.BatchNorm2d: BATCH_NORM2D,
    nn.SyncBatchNorm: SYNC_BATCH_NORM,
}
