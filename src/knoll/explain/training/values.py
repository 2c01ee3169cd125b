"""Other values of an argument, whose effects are told."""

from __future__ import annotations

from collections.abc import Callable

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
