"""Letters that stand in for those which an encoding lacks.

A terminal that is not UTF-8 shows ⌊(7 − 3) / 2⌋ as floor((7 - 3) / 2).
"""

from __future__ import annotations

import codecs

PLAIN_ERRORS = "knoll"  # the name under which `str.encode` and streams know how to write what an encoding lacks

_PLAIN = {
    "⌊": "floor(", "⌋": ")", "⌈": "ceil(", "⌉": ")", "×": "x", "·": "*", "÷": "/", "−": "-", "±": "+/-", "²": "^2",
    "³": "^3", "√": "sqrt", "∑": "sum", "Σ": "sum", "∂": "d", "∞": "inf", "≤": "<=", "≥": ">=", "≠": "!=", "≈": "~",
    "→": "->", "←": "<-", "↦": "->", "α": "alpha", "β": "beta", "γ": "gamma", "ε": "eps", "λ": "lambda", "μ": "mu",
    "µ": "u", "σ": "sigma", "–": "-", "—": "-", "…": "...", "•": "-", "█": "#", "│": "|", "─": "-", "═": "=",
    "“": '"', "”": '"', "‘": "'", "’": "'", "\N{NO-BREAK SPACE}": " ", "，": ", ", "。": ". ", "、": ", ", "：": ": ",
    "；": "; ", "（": "(", "）": ")",
}  # fmt: skip


def writable(text: str, encoding: str) -> str:
    """The text in letters that an encoding has.

    >>> writable("⌊(32 + 2·1 − 3) / 2⌋ + 1", "ascii")
    'floor((32 + 2*1 - 3) / 2) + 1'
    """
    return text.encode(encoding, PLAIN_ERRORS).decode(encoding)


def _plain(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeEncodeError):
        raise error
    letters = error.object[error.start : error.end]
    return "".join(_PLAIN.get(letter) or ascii(letter)[1:-1] for letter in letters), error.end


codecs.register_error(PLAIN_ERRORS, _plain)
