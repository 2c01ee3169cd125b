"""What a padding puts around an image, shown on a row of numbers by the padding itself."""

from __future__ import annotations

from knoll.draw.numerals import numeral
from knoll.nn import functional as F
from knoll.tensor import arange

LONGEST = 4  # numbers that are shown on each side; more are as these


def bordered(before: int, after: int, mode: str, value: float = 0.0) -> str:
    """A row of numbers with so many more on each side; a negative number crops.

    >>> bordered(2, 1, "reflect"), bordered(2, 1, "zeros"), bordered(-1, 1, "replicate"), bordered(0, 5, "zeros")
    ('3 2 | 1 2 3 4 | 3', '0 0 | 1 2 3 4 | 0', '2 3 4 | 4', '1 2 3 4 5 | 0 0 0 0 …')
    """
    first, last = min(before, LONGEST), min(after, LONGEST)
    inside = max(LONGEST, first + 1, last + 1, 1 - first - last)
    row = arange(1.0, inside + 1.0).reshape(1, 1, 1, inside)
    way = "constant" if mode == "zeros" else mode
    padded = F.pad(row, (first, last, 0, 0), way, value or None).reshape(-1).tolist()
    start, stop = max(first, 0), len(padded) - max(last, 0)
    parts = [" ".join(map(numeral, part)) for part in (padded[:start], padded[start:stop], padded[stop:])]
    if before > LONGEST:
        parts[0] = f"… {parts[0]}"
    if after > LONGEST:
        parts[2] = f"{parts[2]} …"
    return " | ".join(part for part in parts if part)
