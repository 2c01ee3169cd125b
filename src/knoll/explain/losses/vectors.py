"""Losses of vectors, worked out from the cosines and distances between them."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping

from knoll import nn, tensor
from knoll.draw.numerals import numeral
from knoll.explain.calculation import difference, shifted
from knoll.explain.losses.given import Given, Told
from knoll.nn import Module
from knoll.nn import functional as F
from knoll.tensor.autograd.modes import no_grad


def _cosine(given: Given) -> Told:
    first, second, t = given.row("input1"), given.row("input2"), given.number("target")
    lengths = math.hypot(*first) * math.hypot(*second)
    cosine = math.fsum(a * b for a, b in zip(first, second, strict=True)) / lengths if lengths else 0.0
    margin, letters = given.layer.margin, (("cos", numeral(cosine)),)
    if t == 1:
        return Told("1 − cos", f"1{shifted(-cosine)}", "", numeral(t), letters)
    formula = f"max(0, cos{' − margin' if margin else ''})"
    return Told(formula, f"max(0, {difference(cosine, margin)})", "", numeral(t), letters)


def _triplet(given: Given) -> Told:
    """Of the distances of an anchor: to the positive, and to the negative or from there to the positive."""
    layer = given.layer
    near, far = _distance(given, "anchor", "positive"), _distance(given, "anchor", "negative")
    letters = [("d(anchor, positive)", numeral(near)), ("d(anchor, negative)", numeral(far))]
    other = "d(anchor, negative)"
    if layer.swap:
        across = _distance(given, "positive", "negative")
        letters.append(("d(positive, negative)", numeral(across)))
        far, other = min(far, across), "min(d(anchor, negative), d(positive, negative))"
    formula = f"max(0, d(anchor, positive) − {other} + margin)"
    return Told(formula, f"max(0, {difference(near, far, -layer.margin)})", letters=tuple(letters))


def _distance(given: Given, first: str, second: str) -> float:
    """The distance that the layer measures between two of its inputs."""
    layer = given.layer
    measure = getattr(layer, "distance_function", None) or (lambda a, b: F.pairwise_distance(a, b, layer.p, layer.eps))
    with no_grad():
        found = measure(tensor(given.arrays[first]), tensor(given.arrays[second])).numpy()
    return float(found[given.index])


VECTORS: Mapping[type[Module], Callable[[Given], Told]] = {
    nn.CosineEmbeddingLoss: _cosine,
    nn.TripletMarginLoss: _triplet,
    nn.TripletMarginWithDistanceLoss: _triplet,
}
