"""Documents within a page of others: below a small heading."""

from __future__ import annotations

from dataclasses import replace

from knoll.document import Block, Document, Heading
from knoll.document.html import fragment
from knoll.messages import language

_LEVEL = 4


def embedded(document: Document) -> str:
    """The HTML that a notebook shows below a cell; nothing in it moves or needs a script."""
    return fragment((Heading(document.title, _LEVEL), *map(_lower, document.blocks)), language())


def _lower(block: Block) -> Block:
    """A heading as far below the title as it was."""
    return replace(block, level=min(block.level + _LEVEL - 1, 6)) if isinstance(block, Heading) else block
