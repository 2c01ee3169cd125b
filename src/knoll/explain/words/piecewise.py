"""Words about activations of straight pieces."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from knoll import nn
from knoll.explain.card import Argument, Card, Said, said
from knoll.explain.facts import Facts
from knoll.explain.numbers import value_at
from knoll.explain.words.activation import activation, plainly
from knoll.messages import Sentence, sentence
from knoll.nn import Module


def leaky_relu(facts: Facts) -> Sentence:
    """What a leaky rectifier does."""
    slope = facts.arguments["negative_slope"]
    if slope in (0, 1):
        return sentence(f"explain_layers.leaky_relu_{'one' if slope else 'zero'}")
    return sentence("explain_layers.leaky_relu", slope=slope)


def negative_slope(facts: Facts) -> Said:
    """What becomes of numbers below zero."""
    one, ten = value_at(facts.layer, -1.0), value_at(facts.layer, -10.0)
    words = sentence("explain_layers.negative_slope", minus_one=one, minus_ten=ten)
    is_limit = facts.arguments["negative_slope"] in (0, 1)
    return said(words) if is_limit else said(words, sentence("explain_layers.negative_slope_limits"))


def hardtanh(facts: Facts) -> Sentence:
    """What clamping does."""
    low, high = facts.arguments["min_val"], facts.arguments["max_val"]
    if (low, high) == (-1, 1):
        return sentence("explain_layers.hardtanh_unit")
    return sentence("explain_layers.hardtanh", low=low, high=high)


def min_val(facts: Facts) -> Said:
    """The least result."""
    return said(sentence("explain_layers.min_val", value=facts.arguments["min_val"]))


def max_val(facts: Facts) -> Said:
    """The largest result."""
    return said(sentence("explain_layers.max_val", value=facts.arguments["max_val"]))


def hardshrink(facts: Facts) -> Sentence:
    """What hard shrinkage does."""
    return _shrinkage("hardshrink", facts)


def softshrink(facts: Facts) -> Sentence:
    """What soft shrinkage does."""
    return _shrinkage("softshrink", facts)


def _shrinkage(name: str, facts: Facts) -> Sentence:
    width = facts.arguments["lambd"]
    return sentence(f"explain_layers.{name if width > 0 else 'shrink_none'}", width=width)


def lambd(facts: Facts) -> Said:
    """How wide the stretch around zero is."""
    width = facts.arguments["lambd"]
    if width <= 0:
        return said(sentence("explain_layers.lambd_none"))
    near, far = width / 2, width * 2
    results = {"near_result": value_at(facts.layer, near), "far_result": value_at(facts.layer, far)}
    return said(sentence("explain_layers.lambd", width=width, near=near, far=far, **results))


def _threshold(facts: Facts) -> dict[str, float]:
    return {name: facts.arguments[name] for name in ("threshold", "value")}


def threshold_bound(facts: Facts) -> Said:
    """From where on numbers stay."""
    words = sentence("explain_layers.threshold_bound", threshold=facts.arguments["threshold"])
    jumps = facts.arguments["threshold"] != facts.arguments["value"]
    return said(words, trap=sentence("explain_layers.threshold_jumps", **_threshold(facts)) if jumps else None)


def threshold_value(facts: Facts) -> Said:
    """What the others become."""
    return said(sentence("explain_layers.threshold_value", **_threshold(facts)))


def named(*names: str) -> Callable[[Module], tuple[float, ...]]:
    """Bends at the values of some arguments."""
    return lambda layer: tuple(float(getattr(layer, name)) for name in names)


def shrunk(layer: Module) -> tuple[float, ...]:
    """The bends of a shrinkage, at ±lambd; without a width there is none."""
    width = float(layer.lambd)
    return (-width, width) if width > 0 else ()


def at(*places: float) -> Callable[[Module], tuple[float, ...]]:
    """Bends that are the same in every layer of a kind."""
    return lambda _: places


LAMBD: Argument = Argument(lambd, (0.25, 0.5, 1.0))

PIECEWISE: Mapping[type[Module], Card] = {
    nn.ReLU: activation("ReLU", plainly("relu"), remarks=("explain_layers.relu_dead",)),
    nn.ReLU6: activation("ReLU6", plainly("relu6"), bends=at(0.0, 6.0)),
    nn.LeakyReLU: activation("LeakyReLU", leaky_relu, {"negative_slope": Argument(negative_slope, (0.01, 0.1, 0.3))}),
    nn.Hardtanh: activation(
        "Hardtanh",
        hardtanh,
        {"min_val": Argument(min_val, (-1.0, -2.0, 0.0)), "max_val": Argument(max_val, (1.0, 2.0, 6.0))},
        bends=named("min_val", "max_val"),
    ),
    nn.Hardsigmoid: activation("Hardsigmoid", plainly("hardsigmoid"), bends=at(-3.0, 3.0)),
    nn.Hardswish: activation("Hardswish", plainly("hardswish"), bends=at(-3.0, 3.0)),
    nn.Hardshrink: activation("Hardshrink", hardshrink, {"lambd": LAMBD}, is_inplace=False, bends=shrunk),
    nn.Softshrink: activation("Softshrink", softshrink, {"lambd": LAMBD}, is_inplace=False, bends=shrunk),
    nn.Threshold: activation(
        "Threshold",
        lambda facts: sentence("explain_layers.threshold", **_threshold(facts)),
        {
            "threshold": Argument(threshold_bound, (0.0, 0.5, 1.0)),
            "value": Argument(threshold_value, (0.0, -1.0, 2.0)),
        },
        example={"threshold": 0.5, "value": 0.0},
        bends=named("threshold"),
    ),
}
