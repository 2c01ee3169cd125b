"""The language spoken now."""

from __future__ import annotations

import os
from typing import Literal

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
