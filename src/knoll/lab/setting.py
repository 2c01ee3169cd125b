"""The state of the page, which is the query of its address: what is looked at, and how."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from types import MappingProxyType
from typing import TypeVar
from urllib.parse import urlencode

from knoll.errors import ArgumentError
from knoll.messages import LANGUAGES, Language, say

C = TypeVar("C", bound=str | int)

LONGEST = 4000  # letters of one value
MOST_OPTIONS = 12
SIDES = (8, 16, 24, 28, 32, 48, 64)  # rows and columns that a picture may be made to have


@dataclass(frozen=True, slots=True)
class Setting:
    """What is looked at; every field is a key of the query, further keys are the `options` of a view.

    `layer` is a layer as it is written in a program, `other` one to compare it with. `input` is "mound" or "digit" for
    a picture that comes with the lab, "image:ID" for one that was given, "numbers" for those of the layer's example, or
    a matrix as "1 2; 3 4". `size` is the number of rows and columns that a picture is made to have, `cell` the index
    of the output that is looked at, `way` "forward" or "backward"; `changed` is the argument that was changed last.

    >>> setting = Setting.of({"layer": "MaxPool2d(2)", "cell": "0,1,1", "run": "runs/1"})
    >>> setting.cell, setting.options["run"]
    ((0, 1, 1), 'runs/1')
    >>> setting.query()
    'layer=MaxPool2d%282%29&cell=0%2C1%2C1&run=runs%2F1'
    """

    layer: str = "Conv2d(3, 6, 3)"
    input: str = "mound"
    size: int = 32
    cell: tuple[int, ...] | None = None
    way: str = "forward"
    other: str = ""
    changed: str = ""
    language: Language = "en"
    options: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}), hash=False)

    @classmethod
    def of(cls, query: Mapping[str, str], language: Language = "en") -> Setting:
        """The setting that a query holds; what it does not name is as usual. Raises ArgumentError."""
        too_long = next((name for name, value in query.items() if len(name) + len(value) > LONGEST), None)
        known = {each.name for each in fields(cls)} - {"options"}
        options = {name: value for name, value in query.items() if name not in known}
        if too_long is not None or len(options) > MOST_OPTIONS:
            raise ArgumentError(say("lab.long_query", most=LONGEST))
        given = {name: value for name, value in query.items() if name in known - {"size", "cell", "language", "way"}}
        return cls(
            **given,
            size=choice("size", query, SIDES, 32),
            cell=_cell(query.get("cell", "")),
            way=choice("way", query, ("forward", "backward"), "forward"),
            language="zh" if choice("language", query, LANGUAGES, language) == "zh" else "en",
            options=MappingProxyType(options),
        )

    def query(self) -> str:
        """The query that this is made of again, without what is as usual."""
        usual, kept = Setting(), dict[str, str]()
        for each in fields(self):
            value = getattr(self, each.name)
            if each.name != "options" and value != getattr(usual, each.name):
                kept[each.name] = ",".join(map(str, value)) if isinstance(value, tuple) else str(value)
        return urlencode({**kept, **self.options})


def choice(name: str, query: Mapping[str, str], choices: tuple[C, ...], usual: C) -> C:
    """The value of a name in a query, one of several; the usual one where it is not there. Raises ArgumentError."""
    found = {str(each): each for each in choices}
    value = query.get(name, str(usual))
    if value not in found:
        raise ArgumentError(say("lab.no_choice", name=name), expected=", ".join(found), got=value[:80])
    return found[value]


def _cell(text: str) -> tuple[int, ...] | None:
    """The index that is written as 0,3,3. Raises ArgumentError."""
    if not text:
        return None
    words = text.split(",")
    if len(words) > 6 or not all(word.isascii() and word.isdigit() and len(word) < 7 for word in words):
        raise ArgumentError(say("lab.no_choice", name="cell"), expected="0,3,3", got=text[:80])
    return tuple(map(int, words))
