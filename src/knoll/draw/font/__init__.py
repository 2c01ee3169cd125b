"""The fonts that Knoll brings along for pixels, cut down to the characters that drawings need.

`knoll-sans.otf` is Noto Sans CJK SC, under the SIL Open Font License (`OFL.txt`); `knoll-signs.ttf` has the signs that
it lacks and nothing else, from DejaVu Sans, under its own licence (`DejaVu.txt`): from a font that has all characters
of a line resvg would take them all, as soon as the first one lacks one. `tools/font.py` makes both.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

SANS, SIGNS = (Path(__file__).with_name(name) for name in ("knoll-sans.otf", "knoll-signs.ttf"))
FAMILY, FAMILY_OF_SIGNS = "Knoll Sans", "Knoll Signs"

_SIGNS = (
    "–—‘’“”…·•×÷±−≤≥≠≈≪≫∞∑∏√∂∇∈∅∩∪⊙⊕⊗∘→←↑↓↔⇒⌈⌉⌊⌋⋯⋮⋱⁰⁴⁵⁶⁷⁸⁹⁻⁺ⁿᵀᵗ₀₁₂₃₄₅₆₇₈₉₊₋ᵢⱼₖₘₙ■□▲△▼▽▶◀◆○●✓✗ℝ′″"
    "αβγδεζηθικλμνξοπρστυφχψωΓΔΘΛΞΠΣΦΨΩ"
)
_RARER = "熵阈"  # Chinese characters beyond the most common ones that the field uses


@cache
def characters() -> frozenset[str]:
    """The characters that are drawn the same on every machine.

    They are Latin and Greek letters, signs of mathematics, and the 3755 characters of GB 2312's first level, which are
    those of everyday Chinese.

    >>> "卷" in characters(), "∞" in characters(), "😀" in characters()
    (True, True, False)
    """
    return frozenset({*signs(), *_RARER, *_rows(0xA1, 0xA2), *_rows(0xA3, 0xA4), *_rows(0xB0, 0xD8)})


def signs() -> frozenset[str]:
    """Latin and Greek letters and signs of mathematics."""
    latin = {*map(chr, range(0x20, 0x7F)), *map(chr, range(0xA0, 0x180))}
    return frozenset({*latin - {"\xad"}, *_SIGNS})


def _rows(first: int, after: int) -> list[str]:
    """The characters of these rows of GB 2312."""
    codes = [bytes((row, column)) for row in range(first, after) for column in range(0xA1, 0xFF)]
    return [text for code in codes if (text := code.decode("gb2312", errors="ignore"))]
