"""Numbers as a picture writes them: short enough for a cell, with two digits at least."""

from __future__ import annotations

import math

import numpy as np

Value = bool | int | float | np.generic


def numeral(value: Value) -> str:
    """A number in at most nine characters; integers as integers, with a minus sign, not a hyphen.

    >>> from knoll.draw import numeral
    >>> [numeral(value) for value in (3, -0.5, 1 / 3, 12.345, 1023.75, 0.0092, 0.00012)]
    ['3', '−0.5', '0.333', '12.3', '1023.8', '0.0092', '1.2e−04']
    >>> numeral(12345.6), numeral(-999999.4)
    ('12346', '−999999')
    >>> [numeral(value) for value in (123456789, float("-inf"), float("nan"))]
    ['1.2e+08', '−∞', 'NaN']
    """
    if isinstance(value, (bool, np.bool_)):
        return str(int(value))
    if isinstance(value, (int, np.integer)):
        return _minus(str(int(value)) if abs(int(value)) < 1_000_000 else _scientific(int(value)))
    number = float(value)  # a complex number is refused before
    if math.isnan(number):
        return "NaN"
    if math.isinf(number):
        return "∞" if number > 0 else "−∞"
    return _minus(_decimal(number))


def numerals(*values: float) -> list[str]:
    """Numbers of one formula, with as many decimals as the finest of them needs; numbers with an exponent keep it.

    >>> numerals(2.8315, -0.004), numerals(0.25, 4.0), numerals(2.8315, 1.2e-5)
    (['2.832', '−0.004'], ['0.25', '4'], ['2.83', '1.2e−05'])
    """
    texts = [numeral(value) for value in values]
    plain = ["e" not in text and math.isfinite(value) for text, value in zip(texts, values, strict=True)]
    decimals = max((len(text.partition(".")[2]) for text, kept in zip(texts, plain, strict=True) if kept), default=0)
    return [decimal(value, decimals) if kept else text for text, value, kept in zip(texts, values, plain, strict=True)]


def calculated(*values: float, result: float) -> list[str]:
    """Numbers of one formula and its result, which keeps two digits where the others nearly cancel out.

    >>> calculated(-0.0150312, 0.0155193, result=0.0004881)
    ['−0.01503', '0.01552', '0.00049']
    >>> calculated(2.5, 4.0, result=6.5)
    ['2.5', '4', '6.5']
    """
    size = abs(result)
    if not 1e-6 <= size < 0.001 or not any(0.001 <= abs(value) < math.inf for value in values):
        return numerals(*values, result)
    decimals = 1 - math.floor(math.log10(size))
    return [
        decimal(value, decimals) if math.isfinite(value) and abs(value) < 1e6 else numeral(value)
        for value in (*values, result)
    ]


def decimal(number: float, decimals: int) -> str:
    """A number with at most so many decimals, and no exponent.

    >>> decimal(-0.0005, 4), decimal(2.5, 1), decimal(3.0, 2)
    ('−0.0005', '2.5', '3')
    """
    return _minus(_plain(f"{float(number):.{decimals}f}"))


def _decimal(number: float) -> str:
    size = abs(number)
    if size and not 0.001 <= size < 999_999.5:
        return f"{number:.1e}".replace(".0e", "e")
    decimals = 0 if size >= 9999.95 else 1 if size >= 10 else 2 if size >= 1 else 3 if size >= 0.01 else 4
    return _plain(f"{number:.{decimals}f}")


def _plain(text: str) -> str:
    """A decimal number without zeros at its end."""
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return "0" if text == "-0" else text


def _scientific(number: int) -> str:
    """As a float writes it, also where no float is large enough."""
    try:
        return f"{number:.1e}"
    except OverflowError:
        return f"{'-' if number < 0 else ''}1e+{len(str(abs(number))) - 1}"


def _minus(text: str) -> str:
    return text.replace("-", "−")
