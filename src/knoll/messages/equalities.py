"""Equalities between numbers that a sentence shows rounded: ≈ stands where what is written is not exactly equal."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from fractions import Fraction
from itertools import pairwise

_NUMBER = r"½|\d(?:\d|,(?=\d))*(?:\.\d+)?(?:e[-+−]?\d{1,3})?(?!\d)"
_FUNCTION = r"√|\b(?:exp|ln|sigmoid|σ)(?=\()|max\(0, "
_SIGN = r"[-+−·×/()²³^|]"
_TOKEN = rf"{_FUNCTION}|{_NUMBER}|{_SIGN}|\s"
_BEFORE = re.compile(rf"(?:{_TOKEN})+$")
_BEHIND = re.compile(rf"(?:{_TOKEN})+")
_TOKENS = re.compile(rf"({_FUNCTION}|{_SIGN})|({_NUMBER})")
_POWERS = {"²": 2, "³": 3}
_MOST_POWER = 64
_HALF = {0: Fraction(1, 2)}
_RATIONAL = {"exp": {0: Fraction(1)}, "ln": {1: Fraction(0)}, "sigmoid": _HALF, "σ": _HALF}
"""The only fractions of which these functions give a fraction."""
_UNIT = re.compile(r"\s?%")


class _IrrationalError(Exception):
    """A root, a logarithm or the like that no written number is equal to."""


def told_exactly(text: str) -> str:
    """The text with ≈ for each = between calculations whose numbers, as they are written, are not equal.

    What is no calculation with numbers alone stays.

    >>> told_exactly("y[0] = 0.333·3 + 1 = 2"), told_exactly("3·4 = 12"), told_exactly("stride = 2")
    ('y[0] = 0.333·3 + 1 ≈ 2', '3·4 = 12', 'stride = 2')
    >>> told_exactly("6 / √(4) = 3"), told_exactly("6 / √(5) = 2.683")
    ('6 / √(4) = 3', '6 / √(5) ≈ 2.683')
    """
    if text.count(" = ") == 0:
        return text
    sides = text.split(" = ")
    signs = [" = " if _may_be_equal(*pair) else " ≈ " for pair in pairwise(sides)]
    return "".join(part for pair in zip(sides, [*signs, ""], strict=True) for part in pair)


def _may_be_equal(before: str, behind: str) -> bool:
    """Whether the calculations on both sides are equal, or one of them is not known."""
    left, right = _BEFORE.search(before), _BEHIND.match(behind)
    if left is None or right is None or not _is_whole(before, left) or _UNIT.match(behind, right.end()):
        return True
    if not re.search(
        rf"\d\)*\s?[-+−·×/²³^]|{_FUNCTION}|\|", left[0] + " ; " + right[0]
    ):  # two numbers are two names for one thing
        return True
    try:
        return _value(left[0]) == _value(right[0])
    except _IrrationalError:
        return False
    except (ArithmeticError, ValueError, IndexError):
        return True


def _is_whole(text: str, found: re.Match[str]) -> bool:
    """Whether a calculation begins where it was found, and is no part of a longer one with names or other signs."""
    before = text[: found.start()]
    starts_apart = not before or found[0][0].isspace() or before[-1] in "：，。；、（=≈"
    return starts_apart and not re.match(r"\s*[+·×/)²³^]|\s*[-−]\s", found[0])


def _value(calculation: str) -> Fraction:
    tokens = list(_tokens(calculation))
    value = _sum(tokens)
    if tokens and tokens[0] not in ("(", "-"):
        raise ValueError(calculation)
    return value


def _tokens(calculation: str) -> Iterator[Fraction | str]:
    for sign, number in _TOKENS.findall(calculation):
        if sign:
            yield {"−": "-", "×": "·"}.get(sign, sign)
        else:
            yield Fraction(1, 2) if number == "½" else Fraction(number.replace(",", "").replace("−", "-"))


def _sum(tokens: list[Fraction | str]) -> Fraction:
    value = _product(tokens)
    while tokens and tokens[0] in ("+", "-"):
        is_sum = tokens.pop(0) == "+"
        value = value + _product(tokens) if is_sum else value - _product(tokens)
    return value


def _product(tokens: list[Fraction | str]) -> Fraction:
    value = _signed(tokens)
    while tokens and tokens[0] in ("·", "/"):
        is_product = tokens.pop(0) == "·"
        value = value * _signed(tokens) if is_product else value / _signed(tokens)
    return value


def _signed(tokens: list[Fraction | str]) -> Fraction:
    if tokens[0] == "-":
        tokens.pop(0)
        return -_signed(tokens)
    value = _atom(tokens)
    while tokens and tokens[0] in ("²", "³", "^"):
        power = Fraction(_POWERS.get(str(tokens.pop(0))) or _atom(tokens))
        if abs(power) > _MOST_POWER:
            raise ValueError(power)
        if power.denominator != 1 and value not in (0, 1):
            raise _IrrationalError
        value = Fraction(value ** int(power)) if power.denominator == 1 else value
    return value


def _atom(tokens: list[Fraction | str]) -> Fraction:
    token = tokens.pop(0)
    if token == "(":  # noqa: S105 (a bracket)
        value = _sum(tokens)
        if tokens.pop(0) != ")":
            raise ValueError(token)
        return value
    if token == "max(0, ":  # noqa: S105 (a function)
        value = _sum(tokens)
        if tokens.pop(0) != ")":
            raise ValueError(token)
        return max(Fraction(0), value)
    if token == "|":  # noqa: S105 (a size)
        value = _sum(tokens)
        if tokens.pop(0) != "|":
            raise ValueError(token)
        return abs(value)
    if token == "√":  # noqa: S105 (a root)
        return _root(_atom(tokens))
    if isinstance(token, str):
        if token not in _RATIONAL:
            raise ValueError(token)
        value = _atom(tokens)
        if value not in _RATIONAL[token]:
            raise _IrrationalError
        return _RATIONAL[token][int(value)]
    return token


def _root(value: Fraction) -> Fraction:
    root = Fraction(math.isqrt(value.numerator), math.isqrt(value.denominator))
    if root * root != value:
        raise _IrrationalError
    return root
