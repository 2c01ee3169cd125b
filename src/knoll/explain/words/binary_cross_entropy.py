"""Words about losses of two classes."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from knoll import nn
from knoll.explain.card import Argument, Card, Said
from knoll.explain.facts import Facts
from knoll.explain.numbers import results
from knoll.explain.words.loss import is_plain, loss, plainly, weights
from knoll.graph import Array
from knoll.messages import Sentence, sentence
from knoll.nn import Module

SCORES: Array = np.array([2.0, -1.0, 0.5, -3.0], np.float32)
TARGETS: Array = np.array([1.0, 0.0, 0.0, 1.0], np.float32)
PROBABILITIES: Array = np.array([0.9, 0.25, 0.6, 0.05], np.float32)


def weight(facts: Facts) -> Said:
    """How much each element counts."""
    return weights(facts, "weight", "loss_element_weight", "loss_element_weight_none")


def pos_weight(facts: Facts) -> Said:
    """How much more a yes counts."""
    value = facts.arguments["pos_weight"]
    many = value is not None and value.numel() > 1
    return weights(facts, "pos_weight", "pos_weight_many" if many else "pos_weight", "pos_weight_none")


def bce_remarks(facts: Facts) -> tuple[Sentence, ...]:
    """What a guess costs, and the loss to prefer."""
    guess = float(results(nn.BCELoss(), np.array([0.5]), np.ones(1)))
    costs = (sentence("explain_layers.bce_guess", loss=guess), sentence("explain_layers.bce_bounded"))
    return *(costs if is_plain(facts) else ()), sentence("explain_layers.bce_prefer_logits")


def with_logits_remarks(facts: Facts) -> tuple[Sentence, ...]:
    """What a guess costs, and what is done wrong easily."""
    guess = float(results(nn.BCEWithLogitsLoss(), np.zeros(1), np.ones(1)))
    costs = (sentence("explain_layers.bce_with_logits_guess", loss=guess),) if is_plain(facts) else ()
    return *costs, sentence("explain_layers.bce_with_logits_sigmoid")


def soft_margin_remarks(_: Facts) -> tuple[Sentence, ...]:
    """What targets of 0 would do."""
    loss_of_zero = float(results(nn.SoftMarginLoss(), np.array([5.0]), np.zeros(1)))
    return (sentence("explain_layers.soft_margin_targets", loss=loss_of_zero),)


WEIGHT: Argument = Argument(weight, (None, (1.0, 2.0, 1.0, 0.0), (0.5,)))

OF_TWO_CLASSES: Mapping[type[Module], Card] = {
    nn.BCELoss: loss("BCELoss", plainly("bce"), (PROBABILITIES, TARGETS), {"weight": WEIGHT}, remarks=bce_remarks),
    nn.BCEWithLogitsLoss: loss(
        "BCEWithLogitsLoss",
        plainly("bce_with_logits"),
        (SCORES, TARGETS),
        {"weight": WEIGHT, "pos_weight": Argument(pos_weight, (None, (2.0,), (9.0,)))},
        remarks=with_logits_remarks,
    ),
    nn.SoftMarginLoss: loss(
        "SoftMarginLoss", plainly("soft_margin"), (SCORES, TARGETS * 2 - 1), remarks=soft_margin_remarks
    ),
}
