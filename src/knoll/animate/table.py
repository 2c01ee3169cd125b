"""A small table: a name for each row and column, one column of which is in use."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from knoll.draw import Element, Rect, Scene, Style, Text
from knoll.draw.text import BODY, LABEL, Words, width

HEIGHT, ROOM = 28.0, 16.0


def table(header: Sequence[Words], rows: Sequence[tuple[Words, Sequence[str]]], chosen: int | None = None) -> Scene:
    """The rows below the header; the chosen column has an outline."""
    left = max(width(name, BODY) for name, _ in rows) + ROOM
    cells = [*(width(words, LABEL) for words in header), *(width(text, BODY) for _, texts in rows for text in texts)]
    wide = max(cells) + ROOM
    size = (left + wide * len(header), HEIGHT * (1 + len(rows)))
    return Scene(*size, tuple(_elements(header, rows, chosen, left, wide)))


def _elements(
    header: Sequence[Words], rows: Sequence[tuple[Words, Sequence[str]]], chosen: int | None, left: float, wide: float
) -> Iterator[Element]:
    if chosen is not None:
        box = Style("winner-tint", "winner", 2)
        yield Rect(left + wide * chosen + 1, 1, wide - 2, HEIGHT * (1 + len(rows)) - 2, box, radius=4)
    for column, words in enumerate(header):
        yield Text(left + wide * (column + 0.5), HEIGHT / 2, words, LABEL, "muted" if column != chosen else "ink")
    for row, (name, texts) in enumerate(rows, 1):
        yield Text(left - ROOM / 2, HEIGHT * (row + 0.5), name, BODY, "ink", "end")
        for column, text in enumerate(texts):
            yield Text(left + wide * (column + 0.5), HEIGHT * (row + 0.5), text, BODY)
