"""Documents as files: text, Markdown, HTML or JSON, whole or not there."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Literal, Protocol, get_args, runtime_checkable
from urllib.parse import quote

from knoll.atomic import replacing
from knoll.document.blocks import Drawing
from knoll.document.document import Document
from knoll.document.markdown import Address
from knoll.document.plain_data import to_json
from knoll.errors import ArgumentError
from knoll.language import chosen_language
from knoll.messages import Language, say

Format = Literal["text", "markdown", "html", "json"]
FORMATS: tuple[Format, ...] = get_args(Format)

_FILE_WIDTH = 80
_SUFFIXES: dict[str, Format] = {
    ".txt": "text", ".md": "markdown", ".markdown": "markdown", ".html": "html", ".htm": "html", ".json": "json",
}  # fmt: skip


@runtime_checkable
class Documented(Protocol):
    """Data that can be told as a document."""

    def document(self) -> Document:
        """The document."""
        ...


def format_of(path: str | os.PathLike[str], advice: str = "") -> Format:
    """The format that the suffix of a file says. Raises ArgumentError, with this advice, where it says none."""
    suffix = Path(path).suffix.lower()
    if suffix not in _SUFFIXES:
        raise ArgumentError(
            say("document.suffix", path=path, suffix=suffix or "–"),
            expected=", ".join(_SUFFIXES),
            advice=advice or None,
        )
    return _SUFFIXES[suffix]


def save(
    shown: Document | Documented,
    path: str | os.PathLike[str],
    format: Format | None = None,  # noqa: A002 (as --format)
    language: Language | None = None,
) -> None:
    """Write a document, or data that can be told as one, to a file, in the format that its suffix says unless given.

    The drawings of a Markdown file stand beside it: beside net.md net-1.svg, net-2.svg and so on. Everything is made
    before the first file is written. Without a language it is that spoken now.

    Raises ArgumentError where the suffix says no format or there is no such language, FileError where nothing can be
    written.
    """
    chosen, out, spoken = format or format_of(path), Path(path), chosen_language(language)
    beside = _Beside(out, spoken)
    text = text_of(shown, chosen, spoken, beside if chosen == "markdown" else None)
    for each, content in (*beside.drawings.items(), (out, text)):
        with replacing(each) as file:
            file.write(content.encode())


def text_of(
    shown: Document | Documented,
    format: Format,  # noqa: A002 (as --format)
    language: Language | None = None,
    address: Address | None = None,
) -> str:
    """What stands in a file of this format; `address` says where the drawings of Markdown are found."""
    if format == "json":
        return to_json(shown)
    document = shown if isinstance(shown, Document) else shown.document()
    if format == "html":
        return document.html(language, page=True)
    if format == "markdown":
        return document.markdown(language, address=address)
    return document.text(_FILE_WIDTH, language)


class _Beside:
    """The drawings of a Markdown file, and where they stand."""

    def __init__(self, out: Path, language: Language) -> None:
        self._out = out
        self._language = language
        self.drawings = dict[Path, str]()

    def __call__(self, drawing: Drawing) -> str:
        path = self._out.with_name(f"{self._out.stem}-{len(self.drawings) + 1}.svg")
        self.drawings[path] = drawing.svg(language=self._language)
        return quote(os.fsencode(path.name))
