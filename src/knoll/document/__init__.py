"""Documents: what is told of a layer or a network, as data, and its text, Markdown, HTML and JSON."""

from __future__ import annotations

from knoll.document.blocks import (
    Block,
    Bullets,
    Cell,
    Drawing,
    Formula,
    Heading,
    Listing,
    Note,
    Paragraph,
    Picture,
    Player,
    Table,
)
from knoll.document.displayable import Displayable
from knoll.document.document import Document
from knoll.document.files import FORMATS, Documented, Format
from knoll.document.inline import Code, Line, Words
from knoll.document.output import Animated, write
from knoll.document.plain_data import Plain, plain, to_json

__all__ = [
    "FORMATS",
    "Animated",
    "Block",
    "Bullets",
    "Cell",
    "Code",
    "Displayable",
    "Document",
    "Documented",
    "Drawing",
    "Format",
    "Formula",
    "Heading",
    "Line",
    "Listing",
    "Note",
    "Paragraph",
    "Picture",
    "Plain",
    "Player",
    "Table",
    "Words",
    "plain",
    "to_json",
    "write",
]
