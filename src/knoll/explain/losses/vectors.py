"""Losses of vectors, worked out from the cosines and distances between them."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping

from knoll import nn, tensor
from knoll.draw.numerals import calculated, numeral
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
    pairs = [("anchor", "positive"), ("anchor", "negative"), *([("positive", "negative")] if layer.swap else [])]
    names = [f"d({', '.join(pair)})" for pair in pairs]
    near, *others = distances = [_distance(given, *pair) for pair in pairs]
    other, far = f"min({', '.join(names[1:])})" if layer.swap else names[1], min(others)
    texts = calculated(*distances, result=near - far + layer.margin)
    formula = f"max(0, {names[0]} − {other} + margin)"
    letters = tuple(zip(names, texts, strict=False))
    return Told(formula, f"max(0, {difference(near, far, -layer.margin)})", letters=letters)


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
