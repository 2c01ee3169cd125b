"""Every sentence that a person reads, by id, in English and Chinese.

The sentences are in the `.toml` files beside this one, one file per package, English above Chinese: `data.empty` is the
entry `[empty]` of `data.toml`. `say` returns a sentence in the current language, `sentence` one for either language.
"""

from __future__ import annotations

from knoll.messages.entries import catalogue, packages, placeholders
from knoll.messages.sentences import Sentence, say, sentence
from knoll.messages.spoken import LANGUAGES, Language, language, speak, speaking

__all__ = [
    "LANGUAGES",
    "Language",
    "Sentence",
    "catalogue",
    "language",
    "packages",
    "placeholders",
    "say",
    "sentence",
    "speak",
    "speaking",
]
