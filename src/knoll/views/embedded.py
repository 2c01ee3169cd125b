"""Documents within a page of others: below a small heading."""

from __future__ import annotations

from knoll.document import Document, Heading
from knoll.document.html import fragment
from knoll.messages import language

_LEVEL = 4


def embedded(document: Document) -> str:
    """The HTML that a notebook shows below a cell; nothing in it moves or needs a script."""
    return fragment((Heading(document.title, _LEVEL), *document.blocks), language())
