"""Every sentence that a person reads, by id, in English and Chinese.

The sentences stand in the `.toml` files beside this one, one file a room, the two languages one above the other, so
that a change to one is seen next to the other. `say("data.empty")` finds the entry `[empty]` of `data.toml`;
`sentence("data.empty")` keeps it for either language.
"""

from __future__ import annotations

from knoll.messages.entries import catalogue, placeholders, rooms
from knoll.messages.sentences import Sentence, say, sentence
from knoll.messages.spoken import LANGUAGES, Language, language, speak

__all__ = [
    "LANGUAGES",
    "Language",
    "Sentence",
    "catalogue",
    "language",
    "placeholders",
    "rooms",
    "say",
    "sentence",
    "speak",
]
