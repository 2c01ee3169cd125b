"""The language spoken now."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Literal

Language = Literal["en", "zh"]
LANGUAGES: tuple[Language, ...] = ("en", "zh")

_chosen: Language | None = None
_meanwhile: ContextVar[Language | None] = ContextVar("language", default=None)


def speak(language: Language | None) -> None:
    """Speak a language from now on; None goes back to `KNOLL_LANG` or the locale."""
    global _chosen
    _chosen = language


@contextmanager
def speaking(language: Language) -> Iterator[None]:
    """Speak a language meanwhile, in this thread or task alone.

    >>> from knoll.messages import say, speaking
    >>> with speaking("zh"):
    ...     say("error.expected")
    '应为：'
    """
    token = _meanwhile.set(language)
    try:
        yield
    finally:
        _meanwhile.reset(token)


def language() -> Language:
    """The language spoken now: that of `speaking`, else the one that `speak` was given, `KNOLL_LANG`, the locale."""
    meanwhile = _meanwhile.get()
    if meanwhile is not None:
        return meanwhile
    if _chosen is not None:
        return _chosen
    for variable in ("KNOLL_LANG", "LC_ALL", "LC_MESSAGES", "LANG"):
        word = os.environ.get(variable, "").lower()
        if word:
            return "zh" if word.startswith("zh") else "en"
    return "en"
