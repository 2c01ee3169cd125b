"""The blocks of a document: frozen data, in no language and no format yet."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, Protocol, TypeAlias, runtime_checkable

from knoll.document.inline import Line, columns, letters
from knoll.errors import ArgumentError
from knoll.messages import Language, say

Cell: TypeAlias = Line | int | float

# 12,354,176 · −0.5 · 97.5 % · 3.2 ms · 1e-05
_NUMBER = re.compile(r"[-+−]?\d[\d,]*(\.\d+)?(e[-+]?\d+)?( ?%| [A-Za-zµ/]+)?|–|")


@runtime_checkable
class Drawing(Protocol):
    """Something that can be drawn."""

    def svg(self, *, language: Language | None = None) -> str:
        """The drawing as SVG that can stand within HTML."""
        ...


@runtime_checkable
class Player(Protocol):
    """An animation that can be played."""

    def html(self, *, language: Language | None = None) -> str:
        """The player as a fragment of HTML."""
        ...


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading of level 2 to 6; the title of a document has level 1."""

    words: Line
    level: int = 2

    def __post_init__(self) -> None:
        if not 1 <= self.level <= 6:
            raise ArgumentError(say("document.level", level=self.level))


@dataclass(frozen=True, slots=True)
class Paragraph:
    """Sentences, one after the other."""

    words: Line


@dataclass(frozen=True, slots=True)
class Formula:
    """A calculation, one step a line; a line that begins with = is set below the first = of those before it.

    >>> from knoll.document import Formula
    >>> Formula.indents(("h_out = ⌊(32 − 3) / 2⌋ + 1", "= 15"))
    [0, 6]
    """

    lines: tuple[Line, ...]

    @staticmethod
    def indents(lines: Sequence[str]) -> list[int]:
        """How many spaces stand before each line, once it is written."""
        found, column = [], 0
        for line in lines:
            continues = line.startswith("=")
            if not continues:
                column = columns(line.partition("=")[0]) if "=" in line else 0
            found.append(column if continues else 0)
        return found


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of cells below a header, perhaps with totals in a footer.

    Numbers are written with separators, 12,354,176; a column that holds nothing but numbers, with or without their
    units, stands to the right.
    """

    header: tuple[Line, ...]
    rows: tuple[tuple[Cell, ...], ...]
    footer: tuple[Cell, ...] = ()

    def __post_init__(self) -> None:
        for row in (*self.rows, self.footer or self.header):
            if len(row) != len(self.header) or not row:
                raise ArgumentError(say("document.cells", got=len(row), columns=len(self.header)))

    def is_number(self, column: int, language: Language | None) -> bool:
        """Whether the column holds nothing but numbers."""
        texts = [letters(line_of(row[column]), language) for row in self.rows]
        return any(texts) and all(_NUMBER.fullmatch(text) for text in texts)


@dataclass(frozen=True, slots=True)
class Listing:
    """Lines of code, letter for letter."""

    code: str
    language: Literal["python", "console", "text"] = "python"


@dataclass(frozen=True, slots=True)
class Bullets:
    """A list without an order."""

    items: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class Picture:
    """A drawing or an animation, and the words that stand in for it where none can be shown."""

    drawing: Drawing
    alternative: Line


@dataclass(frozen=True, slots=True)
class Note:
    """A trap to know of, or a tip."""

    kind: Literal["trap", "tip"]
    words: Line


Block: TypeAlias = Heading | Paragraph | Formula | Table | Listing | Bullets | Picture | Note


def line_of(cell: Cell) -> Line:
    """What a cell shows.

    >>> line_of(12354176), line_of(0.25), line_of("3×3")
    ('12,354,176', '0.25', '3×3')
    """
    return f"{cell:,}" if isinstance(cell, int | float) else cell
