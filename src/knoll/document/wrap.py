"""Where lines end on a terminal, measured in its columns: a Chinese letter takes two.

A line may end at a space and beside a Chinese letter, but no line begins with a closing mark or ends with an opening
one (避头尾).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence

from rich.cells import cell_len

from knoll.document.inline import is_wide

_CLOSING = frozenset("，。；：！？、）】》〉」』”’…％·),.;:!?%]}")
_OPENING = frozenset("（【《〈「『“‘([{")
_JOINT = re.compile(r"(?<=\w\.)(?=\w)|(?<=\w)(?=\()")  # of names: `layer1.0.|conv1`, `Conv2d|(3`


def line_starts(text: str, first: int, rest: int) -> list[int]:
    """Where each line after the first begins: the first line has room for `first` columns, the others for `rest`.

    A word that is wider than a line is cut; an address is not, so that it can be clicked and copied.

    >>> line_starts("the window walks", 10, 10), line_starts("窗口在图像上滑动。", 16, 16)
    ([11], [7])
    >>> line_starts("see https://pytorch.org", 10, 10)
    [4]
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


def narrowest(text: str) -> int:
    """How many columns a text takes at the least if its words are cut at their joints alone.

    >>> narrowest("layer1.0.downsample.1"), narrowest("AdaptiveAvgPool2d(1)")
    (11, 17)
    """
    return max((cell_len(part.rstrip(" ")) for unit in _units(text) for part in _JOINT.split(unit)), default=0)


def fitted(least: Sequence[int], most: Sequence[int], room: int) -> list[int]:
    """Widths of columns between the least and the most that each can use, together no more than `room` if that can be.

    What is left after the least goes to the columns that lack little first, so that most of them need one line.

    >>> fitted([4, 10], [30, 14], 26)
    [12, 14]
    """
    widths = list(least)
    left = max(room - sum(widths), 0)
    for column in sorted(range(len(widths)), key=lambda column: most[column] - least[column]):
        more = min(most[column] - least[column], left)
        widths[column] += more
        left -= more
    return widths


def _pieces(text: str, width: int) -> Iterator[str]:
    """The units of a text, those wider than a line in pieces: cut at joints where a part fits, else anywhere."""
    for unit in _units(text):
        if cell_len(unit.rstrip(" ")) <= width or "https://" in unit:
            yield unit
            continue
        piece = ""
        for part in _JOINT.split(unit):
            if piece and cell_len((piece + part).rstrip(" ")) > width:
                yield piece
                piece = ""
            *full, piece = _cut(piece + part, width)
            yield from full
        yield piece


def _cut(word: str, width: int) -> list[str]:
    """A word in pieces of one line each."""
    pieces, piece = list[str](), ""
    for letter in word:
        if piece and letter != " " and cell_len(piece + letter) > width:
            pieces.append(piece)
            piece = ""
        piece += letter
    return [*pieces, piece]


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
