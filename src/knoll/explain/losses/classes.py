"""Losses of the scores of classes, worked out."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np

from knoll import nn
from knoll.draw.numerals import numeral
from knoll.explain.calculation import difference, factor, joined, listed, share, times
from knoll.explain.losses.given import Given, Told
from knoll.messages import sentence
from knoll.nn import Module


def _scores(given: Given) -> list[float]:
    """What the classes were given, of an image at one place of it."""
    return given.row("input", axis=1 if given.arrays["input"].ndim > 1 else 0)


def _class_weights(given: Given) -> list[float] | None:
    weight = getattr(given.layer, "weight", None)
    return None if weight is None else [float(w) for w in weight.detach().numpy()]


def _cross_entropy(given: Given) -> Told:
    scores, weights, smoothing = _scores(given), _class_weights(given), given.layer.label_smoothing
    target = given.arrays["target"]
    is_label = target.shape == given.losses.shape and target.dtype.kind == "i"
    if is_label and int(target[given.index]) == given.layer.ignore_index:
        return _ignored(given, scores)
    exponents = np.exp(np.asarray(scores, np.float64) - max(scores))
    shares = [float(p) for p in exponents / exponents.sum()]
    if is_label and not smoothing:
        t = int(target[given.index])
        w = None if weights is None else weights[t]
        letters = () if w is None else (("w[t]", numeral(w)),)
        worked = f"−{times(w)}ln({share(shares[t])})" if shares[t] > 0 else ""
        formula = f"−{'' if w is None else 'w[t]·'}ln(softmax(x)[t])"
        return Told(formula, worked, listed(scores), str(t), letters)
    return _of_shares(given, scores, shares, is_label=is_label)


def _of_shares(given: Given, scores: Sequence[float], shares: Sequence[float], *, is_label: bool) -> Told:
    """The loss where every class is wanted with a share of its own: q with label smoothing, else t."""
    weights, smoothing = _class_weights(given), given.layer.label_smoothing
    target, classes = given.arrays["target"], len(scores)
    if is_label:
        t = int(target[given.index])
        wanted = [float(c == t) for c in range(classes)]
    else:
        wanted = given.row("target", axis=1 if target.ndim > 1 else 0)
    q = [(1 - smoothing) * each + smoothing / classes for each in wanted]
    letters = [
        *([("q", listed(q))] if smoothing else []),
        *([("w", listed(weights))] if weights is not None else []),
    ]
    parts = [
        f"{times(each, None if weights is None else weights[c])}ln({share(shares[c])})"
        for c, each in enumerate(q)
        if each
    ]
    worked = f"−({joined(parts)})" if len(parts) > 1 else f"−{''.join(parts)}"
    formula = f"−Σ {'q' if smoothing else 't'}·{'' if weights is None else 'w·'}ln(softmax(x))"
    is_finite = all(shares[c] > 0 for c, each in enumerate(q) if each)
    label = str(int(target[given.index])) if is_label else listed(wanted)
    return Told(formula, worked if is_finite else "", listed(scores), label, tuple(letters))


def _ignored(given: Given, scores: Sequence[float]) -> Told:
    return Told("", "", listed(scores), str(int(given.arrays["target"][given.index])), is_ignored=True)


def _likelihood(given: Given) -> Told:
    scores, weights = _scores(given), _class_weights(given)
    t = int(given.arrays["target"][given.index])
    if t == given.layer.ignore_index:
        return _ignored(given, scores)
    w = None if weights is None else weights[t]
    letters = () if w is None else (("w[t]", numeral(w)),)
    formula = f"−{'' if w is None else 'w[t]·'}x[t]"
    return Told(formula, f"−{times(w)}{factor(scores[t])}", listed(scores), str(t), letters)


def _margins(given: Given) -> Told:
    """What every other class lacks of the margin."""
    scores, weights, p = _scores(given), _class_weights(given), given.layer.p
    t = int(given.arrays["target"][given.index])
    w = None if weights is None else weights[t]
    power = "²" if p == 2 else ""
    parts = [f"max(0, {_gap(given.layer.margin, scores[t], x)}){power}" for c, x in enumerate(scores) if c != t]
    formula = f"{'' if w is None else 'w[t]·'}Σ max(0, margin − x[t] + x[i]){power} / c"
    letters = () if w is None else (("w[t]", numeral(w)),)
    return Told(formula, f"{times(w)}({joined(parts)}) / {len(scores)}", listed(scores), str(t), letters)


def _gap(margin: float, right: float, other: float) -> str:
    return difference(margin, right, -other)


def _margins_of_labels(given: Given) -> Told:
    """What every class that is not a label lacks of the margin to every label."""
    scores, target = given.row("input"), [int(t) for t in given.row("target")]
    labels = target[: target.index(-1)] if -1 in target else target
    parts = [
        f"max(0, {_gap(1.0, scores[label], x)})" for label in labels for c, x in enumerate(scores) if c not in labels
    ]
    worked = f"({joined(parts)}) / {len(scores)}" if parts else ""
    wanted = listed(labels) if labels else sentence("animate.no_label")
    return Told("Σ max(0, 1 − x[t] + x[i]) / c", worked, listed(scores), wanted)


def _soft_margins(given: Given) -> Told:
    """Cross-entropy of two classes for every label."""
    scores, target, weights = given.row("input"), given.row("target"), _class_weights(given)
    parts = []
    for c, (x, t) in enumerate(zip(scores, target, strict=True)):
        w = None if weights is None else weights[c]
        parts += [f"−{times(w, t)}ln(σ({numeral(x)}))"] if t else []
        parts += [f"−{times(w, 1 - t)}ln(1 − σ({numeral(x)}))"] if t != 1 else []
    each = "t·ln(σ(x)) + (1 − t)·ln(1 − σ(x))"
    formula = f"−Σ ({each}) / c" if weights is None else f"−Σ w·({each}) / c"
    letters = () if weights is None else (("w", listed(weights)),)
    return Told(formula, f"({joined(parts)}) / {len(scores)}", listed(scores), listed(target), letters)


CLASSES: Mapping[type[Module], Callable[[Given], Told]] = {
    nn.CrossEntropyLoss: _cross_entropy,
    nn.NLLLoss: _likelihood,
    nn.MultiMarginLoss: _margins,
    nn.MultiLabelMarginLoss: _margins_of_labels,
    nn.MultiLabelSoftMarginLoss: _soft_margins,
}
