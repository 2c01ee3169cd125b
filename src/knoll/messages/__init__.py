"""Every sentence that a person reads, by id, in English and Chinese.

The sentences stand in the `.toml` files beside this one, one file a room, the two languages one above the other, so
that a change to one is seen next to the other. `say("data.empty")` finds the entry `[empty]` of `data.toml`.
"""

from __future__ import annotations

import os
import tomllib
from functools import cache
from importlib import resources
from typing import Literal, cast

Language = Literal["en", "zh"]
LANGUAGES: tuple[Language, ...] = ("en", "zh")

_chosen: Language | None = None


def speak(language: Language | None) -> None:
    """Speak a language from now on; None goes back to `KNOLL_LANG` or the locale."""
    global _chosen
    _chosen = language


def language() -> Language:
    """The language spoken now: the one that `speak` was given, else `KNOLL_LANG`, else the locale, else English."""
    if _chosen is not None:
        return _chosen
    for variable in ("KNOLL_LANG", "LC_ALL", "LC_MESSAGES", "LANG"):
        word = os.environ.get(variable, "").lower()
        if word:
            return "zh" if word.startswith("zh") else "en"
    return "en"


@cache
def catalogue(room: str) -> dict[str, dict[Language, str]]:
    """All sentences of one room: id → language → text."""
    text = resources.files(__name__).joinpath(f"{room}.toml").read_text(encoding="utf-8")
    return cast("dict[str, dict[Language, str]]", tomllib.loads(text))


def rooms() -> list[str]:
    """The rooms that have sentences."""
    return sorted(f.name.removesuffix(".toml") for f in resources.files(__name__).iterdir() if f.name.endswith(".toml"))


def say(identifier: str, /, **values: object) -> str:
    """The sentence `room.name` in the language spoken now, with its `{placeholders}` filled."""
    room, name = identifier.split(".", 1)
    try:
        sentences = catalogue(room)
    except OSError:  # no file can be opened any more, which may be what there is to say
        return ", ".join([identifier, *(f"{key}: {value}" for key, value in values.items())])
    return sentences[name][language()].format(**values)
