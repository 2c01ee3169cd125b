"""Other values of an argument whose effects are told, and numbers as they stand in a calculation."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from knoll.explain.parts import Option
from knoll.explain.training.setup import Setup

Others = Callable[[Setup], tuple[Option, ...]]


def tenfold(name: str, instead: float = 0.1) -> Others:
    """A tenth and ten times as much; of 0 one other value."""

    def others(setup: Setup) -> tuple[Option, ...]:
        value = setup.arguments[name]
        return (_neat(value / 10), _neat(value * 10)) if value else (instead,)

    return others


def twofold(name: str) -> Others:
    """Half as much and twice as much, in whole numbers."""

    def others(setup: Setup) -> tuple[Option, ...]:
        value = setup.arguments[name]
        found = (max(value // 2, 1), max(2 * value, 1)) if isinstance(value, int) else ()
        return tuple(each for each in dict.fromkeys(found) if each != value)

    return others


def nearer(name: str, instead: float = 0.9) -> Others:
    """Half as near to 0, and half as near to 1; of 0 one other value."""

    def others(setup: Setup) -> tuple[Option, ...]:
        value = setup.arguments[name]
        if not value:
            return (instead,)
        found = (_neat(value / 2), _neat((1 + value) / 2))
        return tuple(each for each in found if each != value)

    return others


def switched(name: str) -> Others:
    """The other value of a flag."""
    return lambda setup: (not setup.arguments[name],)


def among(name: str, *values: Option) -> Others:
    """Those of some values that it does not have."""
    return lambda setup: tuple(each for each in values if each != setup.arguments[name])


def _neat(value: float) -> float:
    """Without digits of rounding.

    >>> _neat(0.1 * 3)
    0.3
    """
    return float(f"{value:.12g}")


def digits(number: float) -> str:
    """A number in a calculation that is to be followed on a calculator: six digits, as p may move by 1e-5 in a step.

    >>> digits(0.99898001), digits(-0.5), digits(1e-8)
    ('0.99898', '−0.5', '1e-08')
    """
    return f"{float(number) + 0.0:.6g}".replace("-", "−", int(number < 0))


def factor(number: float) -> str:
    """A number in a calculation, in brackets where it is negative.

    >>> factor(-0.5), factor(1e-8)
    ('(−0.5)', '1e-08')
    """
    text = digits(number)
    return f"({text})" if text.startswith("−") else text


def calculated(left: str, formula: str, numbers: str, result: float) -> str:
    """A line of a calculation.

    >>> calculated("g =", "2 · p", "2 · 0.8", 1.6)
    'g = 2 · p = 2 · 0.8 = 1.6'
    """
    return f"{left} {formula} = {numbers} = {digits(result)}"


def decayed(gradient: float, decay: float, parameter: float) -> str:
    """The line in which weight decay is added to a gradient."""
    numbers = f"{factor(gradient)} + {digits(decay)} · {factor(parameter)}"
    return calculated("g ←", "g + weight_decay · p", numbers, gradient + decay * parameter)


def to_gradient(own: Mapping[str, Any], gradient: float, parameter: float) -> tuple[float, float, tuple[str, ...]]:
    """The gradient with its sign and its weight decay, the parameter after a decoupled decay, and the lines of both."""
    decay, lr = own["weight_decay"], own["lr"]
    lines = [calculated("g =", "2 · p", f"2 · {factor(parameter)}", gradient)]
    if own["maximize"]:
        gradient = -gradient
        lines.append(f"g ← −g = {digits(gradient)}")
    if decay and own.get("decoupled_weight_decay"):
        numbers = f"{factor(parameter)} − {digits(lr)} · {digits(decay)} · {factor(parameter)}"
        parameter *= 1 - lr * decay
        lines.append(calculated("p ←", "p − lr · weight_decay · p", numbers, parameter))
    elif decay:
        lines.append(decayed(gradient, decay, parameter))
        gradient += decay * parameter
    return gradient, parameter, tuple(lines)


def mixed(left: str, formula: str, share: float, before: float, rest: float, added: str, result: float) -> str:
    """The line in which something new is added to a share of what was remembered."""
    return calculated(left, formula, f"{digits(share)} · {factor(before)} + {digits(rest)} · {added}", result)
