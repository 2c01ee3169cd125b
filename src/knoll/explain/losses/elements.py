"""Losses of one number and its target, worked out."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import replace

from knoll import nn
from knoll.draw.numerals import numeral
from knoll.explain.calculation import difference, factor, share, shifted, subtracted, times
from knoll.explain.losses.given import Given, Told
from knoll.nn import Module

LOWEST = -100.0  # of a logarithm in BCELoss


def _told(given: Given, formula: str, worked: str, *letters: tuple[str, float | None]) -> Told:
    """A loss of x and its target, and of the further letters that have a number."""
    named = tuple((letter, numeral(number)) for letter, number in letters if number is not None)
    return Told(formula, worked, numeral(given.number("input")), numeral(given.number("target")), named)


def _apart(given: Given, formula: str, worked: str, *letters: tuple[str, float | None]) -> Told:
    """A loss of how far x and its target lie apart: both with the decimals that this needs."""
    x, t = subtracted(given.number("input"), given.number("target"))
    return replace(_told(given, formula, worked, *letters), x=x, t=t)


def _difference(given: Given) -> str:
    return difference(given.number("input"), given.number("target"))


def _absolute(given: Given) -> Told:
    return _apart(given, "|x − t|", f"|{_difference(given)}|")


def _squared(given: Given) -> Told:
    return _apart(given, "(x − t)²", f"({_difference(given)})²")


def _smooth(given: Given) -> Told:
    """A parabola up to `beta`, then a line."""
    beta, apart = given.layer.beta, _difference(given)
    if not beta:
        return _absolute(given)
    own = "" if beta == 1 else f" / {numeral(beta)}"
    if abs(given.number("input") - given.number("target")) < beta:
        return _apart(given, f"½·(x − t)²{'' if beta == 1 else ' / beta'}", f"½·({apart})²{own}")
    return _apart(given, f"|x − t| − ½{'' if beta == 1 else '·beta'}", f"|{apart}| − ½{times_behind(beta)}")


def _huber(given: Given) -> Told:
    """A parabola up to `delta`, then a line."""
    delta, apart = given.layer.delta, _difference(given)
    if abs(given.number("input") - given.number("target")) <= delta:
        return _apart(given, "½·(x − t)²", f"½·({apart})²")
    if delta == 1:
        return _apart(given, "|x − t| − ½", f"|{apart}| − ½")
    return _apart(given, "delta·(|x − t| − ½·delta)", f"{times(delta)}(|{apart}| − ½{times_behind(delta)})")


def times_behind(number: float) -> str:
    """A factor behind what it multiplies; nothing where it is 1."""
    return "" if number == 1 else f"·{factor(number)}"


def _binary(given: Given) -> Told:
    """Cross-entropy of a probability, whose logarithm is no lower than −100."""
    x, t, w = given.number("input"), given.number("target"), given.weight()
    logarithms = [(t, _logarithm(x, share(x))), (1 - t, _logarithm(1 - x, f"1 − {share(x)}"))]
    return _told(given, _two_classes(w, None, "x"), _weighed(w, logarithms), ("w", w))


def _logarithm(x: float, text: str) -> str:
    is_cut = x <= 0 or math.log(x) < LOWEST
    return f"max(ln({text}), {numeral(LOWEST)})" if is_cut else f"ln({text})"


def _binary_of_logits(given: Given) -> Told:
    """Cross-entropy of the sigmoid of a score."""
    x, t, w, p = given.number("input"), given.number("target"), given.weight(), given.weight("pos_weight")
    sigmoid = f"σ({numeral(x)})"
    logarithms = [(t if p is None else t * p, f"ln({sigmoid})"), (1 - t, f"ln(1 − {sigmoid})")]
    return _told(given, _two_classes(w, p, "σ(x)"), _weighed(w, logarithms), ("w", w), ("pos_weight", p))


def _two_classes(w: float | None, p: float | None, x: str) -> str:
    first = "t" if p is None else "pos_weight·t"
    if w is None:
        return f"−{first}·ln({x}) − (1 − t)·ln(1 − {x})"
    return f"−w·({first}·ln({x}) + (1 − t)·ln(1 − {x}))"


def _weighed(w: float | None, logarithms: list[tuple[float, str]]) -> str:
    """Logarithms that are taken off, each so many times."""
    return " ".join(f"− {times(w, count)}{text}" for count, text in logarithms if count).replace("− ", "−", 1) or "0"


def _divergence(given: Given) -> Told:
    x, t = given.number("input"), given.number("target")
    if given.layer.log_target:
        return _apart(given, "exp(t)·(t − x)", f"exp({subtracted(t, x)[0]})·({difference(t, x)})")
    if t == 0:
        return _told(given, "t·(ln(t) − x), 0 for t = 0", "")
    return _told(given, "t·(ln(t) − x)", f"{times(t)}(ln({numeral(t)}){shifted(-x)})")


def _poisson(given: Given) -> Told:
    x, t, layer = given.number("input"), given.number("target"), given.layer
    stirling = layer.full and t > 1
    formula = ("exp(x) − t·x" if layer.log_input else "x − t·ln(x + eps)") + (
        " + t·ln(t) − t + ½·ln(2π·t)" if stirling else ""
    )
    worked = f"exp({numeral(x)}) − {factor(t)}·{factor(x)}"
    if not layer.log_input:
        worked = f"{numeral(x)} − {factor(t)}·ln({numeral(x)} + {numeral(layer.eps)})"
    if stirling:
        worked += f" + {numeral(t)}·ln({numeral(t)}) − {numeral(t)} + ½·ln(6.283·{numeral(t)})"
    return _told(given, formula, worked)


def _gaussian(given: Given) -> Told:
    given_variance, layer = given.number("var"), given.layer
    v = max(given_variance, layer.eps)
    full = (" + ½·ln(2π)", f" + {numeral(0.5 * math.log(2 * math.pi))}") if layer.full else ("", "")
    formula = f"½·(ln(v) + (x − t)² / v){full[0]}"
    worked = f"½·(ln({numeral(v)}) + ({_difference(given)})² / {numeral(v)}){full[1]}"
    return _apart(given, formula, worked, ("v", v))


def _soft_margin(given: Given) -> Told:
    exponent = -given.number("target") * given.number("input")
    return _told(given, "ln(1 + exp(−t·x))", f"ln(1 + exp({numeral(exponent)}))")


def _hinge(given: Given) -> Told:
    """The number itself for a target of 1, what it lacks of the margin for −1; for any other target both."""
    x, t, margin = given.number("input"), given.number("target"), given.layer.margin
    names = [*(["x"] if t != -1 else []), *(["max(0, margin − x)"] if t != 1 else [])]
    numbers = [
        *([numeral(x)] if t != -1 else []),
        *([f"max(0, {difference(margin, x)})"] if t != 1 else []),
    ]
    return _told(given, " + ".join(names), "" if len(numbers) == 1 and t == 1 else " + ".join(numbers))


def _ranking(given: Given) -> Told:
    first, second, t = given.number("input1"), given.number("input2"), given.number("target")
    margin = given.layer.margin
    formula = f"max(0, −t·(x1 − x2){' + margin' if margin else ''})"
    worked = f"max(0, {factor(-t)}·({difference(first, second)}){shifted(margin)})"
    x1, x2 = subtracted(first, second)
    return Told(formula, worked, "", numeral(t), (("x1", x1), ("x2", x2)))


ELEMENTS: Mapping[type[Module], Callable[[Given], Told]] = {
    nn.L1Loss: _absolute,
    nn.MSELoss: _squared,
    nn.SmoothL1Loss: _smooth,
    nn.HuberLoss: _huber,
    nn.BCELoss: _binary,
    nn.BCEWithLogitsLoss: _binary_of_logits,
    nn.KLDivLoss: _divergence,
    nn.PoissonNLLLoss: _poisson,
    nn.GaussianNLLLoss: _gaussian,
    nn.SoftMarginLoss: _soft_margin,
    nn.HingeEmbeddingLoss: _hinge,
    nn.MarginRankingLoss: _ranking,
}
