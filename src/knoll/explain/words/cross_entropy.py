"""Words about cross-entropy and the likelihood of classes."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from knoll import nn
from knoll.explain.card import Argument, Card, Said, said
from knoll.explain.facts import Facts
from knoll.explain.numbers import inputs_of, results
from knoll.explain.words.loss import loss, plainly, reduction, weights
from knoll.graph import Array
from knoll.messages import Sentence, sentence
from knoll.nn import Module

SCORES: Array = np.array([[2.0, 1.0, 0.0], [0.0, 0.5, 1.0], [1.0, 3.0, 0.0], [0.5, 0.0, 0.0]], np.float32)
LABELS: Array = np.array([0, 2, 0, 1])
LOGARITHMS: Array = (SCORES - np.log(np.exp(SCORES).sum(1, keepdims=True))).astype(np.float32)


def classes_of(facts: Facts) -> int:
    """How many classes there are."""
    shape = facts.input.shape
    return shape[1] if len(shape) > 1 else shape[0]


def remarks(facts: Facts) -> tuple[Sentence, ...]:
    """What a guess costs, and what is done wrong easily."""
    softmax = sentence("explain_layers.cross_entropy_softmax")
    return *_guess(facts), softmax, _labels(facts)


def _guess(facts: Facts) -> tuple[Sentence, ...]:
    """What a guess costs; with weights that depends on the labels."""
    if facts.arguments["weight"] is not None:
        return ()
    classes = classes_of(facts)
    loss = float(results(nn.CrossEntropyLoss(), np.zeros((1, classes)), np.zeros(1, np.int64)))
    name = "cross_entropy_guess" if facts.arguments["reduction"] == "mean" else "cross_entropy_guess_each"
    return (sentence(f"explain_layers.{name}", classes=classes, loss=loss),)


def _labels(facts: Facts) -> Sentence:
    """What labels are, and of which shape."""
    shape, last = facts.input.shape, classes_of(facts) - 1
    if len(shape) < 3:
        return sentence("explain_layers.cross_entropy_labels", last=last)
    places = str((*shape[:1], *shape[2:]))
    return sentence("explain_layers.cross_entropy_labels_places", last=last, shape=places)


def weight(facts: Facts) -> Said:
    """How much each class counts."""
    return weights(facts, "weight", "loss_class_weight", "loss_class_weight_none")


def reduced_by(facts: Facts) -> Said:
    """What becomes of the losses; with weights their mean is a weighted one."""
    found = reduction(facts)
    is_weighted = facts.arguments["weight"] is not None and facts.arguments["reduction"] == "mean"
    return said(*found.words, sentence("explain_layers.reduction_mean_weighted")) if is_weighted else found


def ignore_index(facts: Facts) -> Said:
    """Which labels are left out."""
    index, labels = facts.arguments["ignore_index"], inputs_of(facts)[1].detach().numpy()
    if np.issubdtype(labels.dtype, np.floating):
        return said(sentence("explain_layers.ignore_index_probabilities"))
    count = int((labels == index).sum())
    return said(sentence("explain_layers.ignore_index", index=index, count=count, all=labels.size))


def label_smoothing(facts: Facts) -> Said:
    """Which shares are wanted, and the least loss that is left."""
    smoothing, classes = facts.arguments["label_smoothing"], classes_of(facts)
    if smoothing == 0:
        return said(sentence("explain_layers.label_smoothing_none"))
    other = smoothing / classes
    right = 1 - smoothing + other
    if facts.arguments["weight"] is not None:
        return said(sentence("explain_layers.label_smoothing_weighted", right=right, other=other))
    wanted = np.full((1, classes), other)
    wanted[0, 0] = right
    with np.errstate(divide="ignore"):
        scores = np.maximum(np.log(wanted), -1e3)
    least = float(results(nn.CrossEntropyLoss(label_smoothing=smoothing), scores, np.zeros(1, np.int64)))
    return said(sentence("explain_layers.label_smoothing", right=right, other=other, least=least))


CLASS_ARGUMENTS: Mapping[str, Argument] = {
    "weight": Argument(weight, (None, (1.0, 2.0, 0.5), (0.0, 1.0, 1.0))),
    "ignore_index": Argument(ignore_index, (-100, 0, 2)),
}

LIKELIHOODS_OF_CLASSES: Mapping[type[Module], Card] = {
    nn.CrossEntropyLoss: loss(
        "CrossEntropyLoss",
        plainly("cross_entropy"),
        (SCORES, LABELS),
        {**CLASS_ARGUMENTS, "label_smoothing": Argument(label_smoothing, (0.0, 0.1, 1.0))},
        remarks=remarks,
        reduced_by=reduced_by,
    ),
    nn.NLLLoss: loss(
        "NLLLoss",
        plainly("nll"),
        (LOGARITHMS, LABELS),
        CLASS_ARGUMENTS,
        remarks=plainly("nll_no_logarithm"),
        reduced_by=reduced_by,
    ),
}
