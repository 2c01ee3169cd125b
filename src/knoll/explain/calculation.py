"""How the parts of a calculation are written: terms, factors, differences, shares."""

from __future__ import annotations

import math
from collections.abc import Sequence

from knoll.draw.numerals import calculated, numeral

TERMS = 6  # that are written out; of more the first ones
MOST_DECIMALS = 7  # of a share that is nearly 1


def joined(words: Sequence[str], sign: str = " + ") -> str:
    """The first of them, and dots for the others."""
    kept = [*words] if len(words) <= TERMS else [*words[: TERMS - 1], "…"]
    return sign.join(kept).replace("+ −", "− ")


def listed(values: Sequence[float]) -> str:
    """Numbers one after the other.

    >>> listed([2.0, -0.5])
    '2, −0.5'
    """
    return joined([numeral(value) for value in values], ", ")


def subtracted(*numbers: float) -> list[str]:
    """The first number and those that are taken from it, with the decimals that what is left of it needs.

    >>> subtracted(12.3456, 12.1), subtracted(2.0, -0.5)
    (['12.346', '12.1'], ['2', '−0.5'])
    """
    return calculated(*numbers, result=numbers[0] - math.fsum(numbers[1:]))[:-1]


def difference(*numbers: float) -> str:
    """The first number less the others.

    >>> difference(2.0, -0.5, 1.0)
    '2 + 0.5 − 1'
    """
    return " − ".join(subtracted(*numbers)).replace("− −", "+ ")


def factor(number: float) -> str:
    """A number behind a sign, in brackets where it has one of its own.

    >>> factor(-2.0), factor(3.0)
    ('(−2)', '3')
    """
    text = numeral(number)
    return f"({text})" if text.startswith("−") else text


def times(*numbers: float | None) -> str:
    """Factors before what they multiply; those that are None or 1 are not written.

    >>> times(2.0, None, 0.5), times(1.0)
    ('2·0.5·', '')
    """
    return "".join(f"{factor(number)}·" for number in numbers if number not in (None, 1.0) and number is not None)


def share(p: float) -> str:
    """A number from 0 to 1 with as many decimals as its distance from 1 needs.

    >>> share(0.99965), share(0.25), share(1.0)
    ('0.99965', '0.25', '1')
    """
    left = 1 - p
    if not 0 < left < 0.01:
        return numeral(p)
    decimals = min(MOST_DECIMALS, 1 - math.floor(math.log10(left)))
    return f"{p:.{decimals}f}".rstrip("0").rstrip(".")


def shifted(number: float) -> str:
    """A number that is added at the end; nothing where it is 0.

    >>> shifted(0.5), shifted(-1.0), shifted(0.0)
    (' + 0.5', ' − 1', '')
    """
    return f" + {numeral(number)}".replace("+ −", "− ") if number else ""
