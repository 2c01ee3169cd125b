"""Why a layer is impossible, in both languages: the first line of its error is found in the English catalogue."""

from __future__ import annotations

import re
import string
from collections.abc import Iterator
from functools import cache

from knoll.messages import Sentence, sentence
from knoll.messages.entries import catalogue


def reason_words(reason: str) -> Sentence | str:
    """The sentence of the catalogue for an error's first line; the line itself where there is none.

    >>> from knoll.explain.reasons import reason_words
    >>> print(reason_words("stride should not be zero").text("zh"))
    stride 不能是 0
    """
    for name, pattern in _patterns().items():
        found = pattern.fullmatch(reason)
        if found:
            return sentence(f"explain_reasons.{name}", **found.groupdict())
    return reason


@cache
def _patterns() -> dict[str, re.Pattern[str]]:
    """Each sentence as a pattern whose groups are its placeholders; those with the most words of their own first."""
    patterns = {name: "".join(_parts(texts["en"])) for name, texts in catalogue("explain_reasons").items()}
    return {name: re.compile(patterns[name]) for name in sorted(patterns, key=lambda name: -len(patterns[name]))}


def _parts(text: str) -> Iterator[str]:
    for words, name, _, _ in string.Formatter().parse(text):
        yield re.escape(words)
        if name is not None:
            yield f"(?P<{name}>.+?)"
