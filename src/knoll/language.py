"""The language of every sentence that a person reads."""

from __future__ import annotations

from knoll.errors import ArgumentError
from knoll.messages import LANGUAGES, Language, say, speak
from knoll.messages import language as language_spoken


def set_language(language: Language | None) -> None:
    """Speak English ("en") or Chinese ("zh"); None goes back to `KNOLL_LANG` or the locale.

    Raises ArgumentError for any other language.

    >>> import knoll
    >>> from knoll.messages import say
    >>> knoll.set_language("zh")
    >>> say("error.expected")
    '应为：'
    >>> knoll.set_language("en")
    >>> say("error.expected")
    'expected: '
    >>> knoll.set_language(None)
    """
    speak(None if language is None else chosen_language(language))


def chosen_language(language: Language | None) -> Language:
    """The language that was asked for, else the one spoken now. Raises ArgumentError for one that is not there."""
    if language is not None and language not in LANGUAGES:
        raise ArgumentError(say("messages.language", language=language))
    return language or language_spoken()
