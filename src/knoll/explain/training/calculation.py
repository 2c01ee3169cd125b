"""The lines of a calculation that is told step by step, with its numbers."""

from __future__ import annotations

from knoll.explain.training.common import is_decoupled
from knoll.explain.training.setup import Setup, Step


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


def mixed(left: str, formula: str, share: float, before: float, rest: float, added: str, result: float) -> str:
    """The line in which something new is added to a share of what was remembered."""
    return calculated(left, formula, f"{digits(share)} · {factor(before)} + {digits(rest)} · {added}", result)


def to_gradient(setup: Setup, step: Step) -> tuple[float, float, tuple[str, ...]]:
    """The gradient with its sign and its weight decay, the parameter after a decoupled decay, and the lines of both."""
    own, p, g = setup.arguments, step.before, step.gradient
    decay = own.get("weight_decay", 0)
    lines = [calculated("g =", "2 · p", f"2 · {factor(p)}", g)]
    if own["maximize"]:
        g = -g
        lines.append(f"g ← −g = {digits(g)}")
    if decay and is_decoupled(setup):
        p, line = decayed(own["lr"], decay, p)
        lines.append(line)
    elif decay:
        numbers, g = f"{factor(g)} + {digits(decay)} · {factor(p)}", g + decay * p
        lines.append(calculated("g ←", "g + weight_decay · p", numbers, g))
    return g, p, tuple(lines)


def decayed(lr: float, decay: float, p: float) -> tuple[float, str]:
    """The parameter after a decoupled weight decay, and the line of it."""
    numbers, after = f"{factor(p)} − {digits(lr)} · {digits(decay)} · {factor(p)}", p * (1 - lr * decay)
    return after, calculated("p ←", "p − lr · weight_decay · p", numbers, after)
