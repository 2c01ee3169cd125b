"""Where lines end on a terminal, measured in its columns: a Chinese letter takes two.

A line may end at a space and beside a Chinese letter, but no line begins with a closing mark or ends with an opening
one (避头尾).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

from rich.cells import cell_len

from knoll.document.inline import is_wide

_CLOSING = frozenset("，。；：！？、）】》〉」』”’…％·),.;:!?%]}")
_OPENING = frozenset("（【《〈「『“‘([{")


def line_starts(text: str, first: int, rest: int) -> list[int]:
    """Where each line after the first begins: the first line has room for `first` columns, the others for `rest`.

    A word that is wider than a line is cut.

    >>> line_starts("the window walks", 10, 10), line_starts("窗口在图像上滑动。", 16, 16)
    ([11], [7])
    """
    starts: list[int] = []
    place = used = 0
    for unit in _pieces(text, rest):
        room = rest if starts else first
        if used and used + cell_len(unit.rstrip(" ")) > room:
            starts.append(place)
            used = 0
        used += cell_len(unit)
        place += len(unit)
    return starts


def least_width(text: str) -> int:
    """How many columns the widest unit that is not cut takes."""
    return max((cell_len(unit.rstrip(" ")) for unit in _units(text)), default=0)


def _pieces(text: str, width: int) -> Iterator[str]:
    """The units of a text, those wider than a line in pieces."""
    for unit in _units(text):
        piece = ""
        for letter in unit:
            if piece and letter != " " and cell_len(piece + letter) > width:
                yield piece
                piece = ""
            piece += letter
        yield piece


def _units(text: str) -> list[str]:
    """What is kept on one line: words with the space after them, Chinese letters with the marks beside them."""
    units: list[str] = []
    for atom in _atoms(text):
        if units and (atom[0] in _CLOSING or units[-1][-1] in _OPENING) and not units[-1].endswith(" "):
            units[-1] += atom
        else:
            units.append(atom)
    return units


def _atoms(text: str) -> Iterator[str]:
    """Chinese letters one by one, and the words between them, each with what belongs to it."""
    atom = ""
    for letter in text:
        ends = atom.endswith(" ") or (atom and (is_wide(letter) or is_wide(_base(atom))))
        if atom and ends and letter != " " and not unicodedata.combining(letter):
            yield atom
            atom = ""
        atom += letter
    if atom:
        yield atom


def _base(atom: str) -> str:
    """The last letter without marks that combine with it."""
    return re.sub(r"[\u0300-\u036f\ufe00-\ufe0f]+$", "", atom)[-1:] or " "
