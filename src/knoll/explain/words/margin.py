"""Words about losses with a margin: of pairs, triplets and classes."""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np

from knoll import nn
from knoll.analysis import variant
from knoll.explain.card import Argument, Card, Said, said
from knoll.explain.facts import Facts
from knoll.explain.numbers import results
from knoll.explain.words.binary_cross_entropy import SCORES as RAW
from knoll.explain.words.binary_cross_entropy import TARGETS
from knoll.explain.words.cross_entropy import LABELS, SCORES, classes_of, weight
from knoll.explain.words.distance import distance_eps, p
from knoll.explain.words.loss import loss
from knoll.graph import Array
from knoll.messages import Sentence, sentence
from knoll.nn import Module

FIRST: Array = np.array([2.0, 0.5, 1.0, 0.0], np.float32)
SECOND: Array = np.array([1.0, 1.0, 1.0, 2.0], np.float32)
SIGNS: Array = np.array([1, -1, 1, 1])
DISTANCES: Array = np.array([0.5, 0.25, 2.0, 1.5], np.float32)
VECTORS: Array = np.array([[3.0, 4.0], [1.0, 0.0], [1.0, 2.0], [0.0, 1.0]], np.float32)
OTHERS: Array = np.array([[4.0, 3.0], [0.0, 2.0], [2.0, 1.0], [1.0, 1.0]], np.float32)
NEGATIVES: Array = np.array([[3.0, 3.0], [1.0, 1.0], [-1.0, 2.0], [0.0, -1.0]], np.float32)
LISTS: Array = np.array([[0, 2, -1], [2, -1, 0], [1, -1, 0], [0, 1, -1]])


def _words(name: str, **numbers: float) -> tuple[Sentence, ...]:
    return (sentence(f"explain_margins.{name}", **numbers),)


def _single_loss(facts: Facts, *inputs: Array) -> float:
    """What one element or sample costs."""
    return float(np.sum(results(variant(facts.layer, reduction="none"), *inputs)))


def ranking_margin(facts: Facts) -> Said:
    """How much larger a score must be."""
    if facts.arguments["margin"] == 0:
        return said(*_words("ranking_margin_zero"))
    return said(*_words("ranking_margin", equal=_single_loss(facts, np.zeros(1), np.zeros(1), np.ones(1))))


def hinge_margin(facts: Facts) -> Said:
    """Up to which distance different ones are driven apart."""
    least = _single_loss(facts, np.zeros(1), -np.ones(1))
    return said(*_words("hinge_embedding_margin", margin=facts.arguments["margin"], least=least))


def hinge_targets(facts: Facts) -> tuple[Sentence, ...]:
    """What targets of 0 would do."""
    return _words("hinge_embedding_targets", other=_single_loss(facts, np.array([0.5]), np.zeros(1)))


def cosine_margin(facts: Facts) -> Said:
    """From which angle on different vectors cost nothing."""
    margin = facts.arguments["margin"]
    if abs(margin) > 1:
        beyond = "cosine_embedding_margin_high" if margin > 0 else "cosine_embedding_margin_low"
        return said(*_words(beyond, margin=margin))
    return said(*_words("cosine_embedding_margin", margin=margin, angle=math.degrees(math.acos(margin))))


def triplet_margin(facts: Facts) -> Said:
    """How much nearer the positive must be."""
    return said(*_words("triplet_margin", margin=facts.arguments["margin"]))


def swap(facts: Facts) -> Said:
    """From where the negative's distance is taken."""
    return said(*_words("triplet_swap_yes" if facts.arguments["swap"] else "triplet_swap_no"))


def distance_function(facts: Facts) -> Said:
    """Which distance is taken."""
    given = facts.arguments["distance_function"]
    is_default = isinstance(given, nn.PairwiseDistance) and repr(given) == "PairwiseDistance()" and given.norm == 2
    return said(*_words("triplet_distance_default" if is_default else "triplet_distance"))


def all_equal(facts: Facts) -> tuple[Sentence, ...]:
    """What a loss that stays says."""
    return _words("triplet_all_equal", margin=facts.arguments["margin"])


def power(facts: Facts) -> Said:
    """Whether what each class costs is squared."""
    return said(*_words("multi_margin_p_one" if facts.arguments["p"] == 1 else "multi_margin_p_two"))


def class_margin(facts: Facts) -> Said:
    """By how much the right class must lead."""
    plain = variant(facts.layer, weight=None, reduction="sum")
    equal = float(results(plain, np.zeros((1, classes_of(facts))), np.zeros(1, np.int64)))
    return said(*_words("multi_margin_margin", equal=equal))


TRIPLETS = (VECTORS, OTHERS, NEGATIVES)
OF_TRIPLETS = {"margin": Argument(triplet_margin, (1.0, 0.5, 2.0)), "swap": Argument(swap, (False, True))}

MARGINS: Mapping[type[Module], Card] = {
    nn.MarginRankingLoss: loss(
        "MarginRankingLoss",
        lambda _: _words("ranking"),
        (FIRST, SECOND, SIGNS),
        {"margin": Argument(ranking_margin, (0.0, 0.5, 2.0))},
    ),
    nn.HingeEmbeddingLoss: loss(
        "HingeEmbeddingLoss",
        lambda _: _words("hinge_embedding"),
        (DISTANCES, SIGNS),
        {"margin": Argument(hinge_margin, (1.0, 0.5, 2.0))},
        remarks=hinge_targets,
    ),
    nn.CosineEmbeddingLoss: loss(
        "CosineEmbeddingLoss",
        lambda _: _words("cosine_embedding"),
        (VECTORS, OTHERS, SIGNS),
        {"margin": Argument(cosine_margin, (0.0, 0.5, -0.5))},
        remarks=lambda _: _words("cosine_embedding_targets"),
    ),
    nn.TripletMarginLoss: loss(
        "TripletMarginLoss",
        lambda _: _words("triplet"),
        TRIPLETS,
        {**OF_TRIPLETS, "p": Argument(p, (2.0, 1.0, 3.0)), "eps": Argument(distance_eps, (1e-6, 1e-3, 0.1))},
        remarks=all_equal,
    ),
    nn.TripletMarginWithDistanceLoss: loss(
        "TripletMarginWithDistanceLoss",
        lambda _: _words("triplet"),
        TRIPLETS,
        {**OF_TRIPLETS, "distance_function": Argument(distance_function, (None,), is_all=True)},
        remarks=all_equal,
    ),
    nn.MultiMarginLoss: loss(
        "MultiMarginLoss",
        lambda _: _words("multi_margin"),
        (SCORES, LABELS),
        {
            "p": Argument(power, (1, 2), others=lambda facts: (3 - facts.arguments["p"],), is_all=True),
            "margin": Argument(class_margin, (1.0, 0.5, 2.0)),
            "weight": Argument(weight, (None, (1.0, 2.0, 0.5), (0.0, 1.0, 1.0))),
        },
        remarks=lambda facts: _words("multi_margin_labels", last=classes_of(facts) - 1),
    ),
    nn.MultiLabelMarginLoss: loss(
        "MultiLabelMarginLoss",
        lambda _: _words("multilabel_margin"),
        (SCORES, LISTS),
        remarks=lambda _: _words("multilabel_margin_list"),
    ),
    nn.MultiLabelSoftMarginLoss: loss(
        "MultiLabelSoftMarginLoss",
        lambda _: _words("multilabel_soft_margin"),
        (RAW.reshape(2, 2), TARGETS.reshape(2, 2)),
        {"weight": Argument(weight, (None, (1.0, 2.0), (0.0, 1.0)))},
        remarks=lambda _: _words("multilabel_soft_margin_bce"),
    ),
}
