"""Where the commands put what they show: on standard output, or into a file."""

from __future__ import annotations

import json
import os
import re
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Literal, Protocol, TypeAlias, get_args, runtime_checkable
from urllib.parse import quote

from knoll.atomic import replacing
from knoll.document.blocks import Drawing
from knoll.document.document import Document
from knoll.document.markdown import Address
from knoll.document.plain_data import to_json
from knoll.errors import ArgumentError
from knoll.messages import Language, say
from knoll.messages import language as language_spoken
from knoll.messages.letters import writable

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


@runtime_checkable
class Animated(Protocol):
    """A picture or an animation, which is saved by the suffix of its file."""

    def save(self, path: str | os.PathLike[str], *, language: Language | None = None) -> None:
        """Write a file."""
        ...


Shown: TypeAlias = Document | Documented | Animated


def write(shown: Shown, format: Format | None = None, out: Path | None = None) -> None:  # noqa: A002 (as --format)
    """Show a document, data that can be told as one, or a drawing, in the language spoken now.

    A document goes to standard output as text, or to the file `out` in the format that its suffix says, unless another
    `format` is given: text, markdown, html or json, which holds the data. A drawing goes to a file alone. A file is
    replaced when all of it is written; the drawings of a Markdown file stand beside it.

    Raises ArgumentError where the suffix or the format fits nothing, FileError where nothing can be written.
    """
    if format is not None and format not in FORMATS:
        raise ArgumentError(say("document.format", format=format), expected=", ".join(FORMATS))
    if not isinstance(shown, Document | Documented):
        _save(shown, format, out)
    elif out is None:
        _print(shown, format or "text")
    else:
        _write(shown, format or _format_of(out), out)


def _save(drawing: Animated, format: Format | None, out: Path | None) -> None:  # noqa: A002
    """A drawing knows by the suffix how it is written."""
    if out is None:
        raise ArgumentError(say("document.drawing_nowhere"), advice=say("document.drawing_out"))
    if format is not None and (format != "html" or _SUFFIXES.get(out.suffix.lower()) != "html"):
        raise ArgumentError(say("document.drawing_format", format=format, path=out), advice=say("document.drawing_out"))
    drawing.save(out, language=language_spoken())


def _format_of(out: Path) -> Format:
    found = _SUFFIXES.get(out.suffix.lower())
    if found is None:
        raise ArgumentError(
            say("document.suffix", path=out, suffix=out.suffix or "–"),
            expected=", ".join(_SUFFIXES),
            advice=say("document.suffix_advice"),
        )
    return found


def _print(shown: Document | Documented, format: Format) -> None:  # noqa: A002
    if format == "text":
        from rich.console import Console

        Console(highlight=False).print(_document(shown), crop=False)
    else:
        encoding = (getattr(sys.stdout, "encoding", None) or "utf-8").lower().replace("_", "-")
        text = _text(shown, format)
        sys.stdout.write(text if encoding.startswith("utf-8") else _IN_ASCII[format](text, encoding))


def _document(shown: Document | Documented) -> Document:
    return shown if isinstance(shown, Document) else shown.document()


def _text(shown: Document | Documented, format: Format, address: Address | None = None) -> str:  # noqa: A002
    if format == "json":
        return to_json(shown)
    document = _document(shown)
    if format == "html":
        return document.html(page=True)
    return document.markdown(address=address) if format == "markdown" else document.text(_FILE_WIDTH)


# What stands in for a letter that the encoding of standard output lacks means the same in each format.
_IN_ASCII: dict[Format, Callable[[str, str], str]] = {
    "markdown": writable,
    "html": lambda text, _: text.encode("ascii", "xmlcharrefreplace").decode(),
    "json": lambda text, _: re.sub("[^\x00-\x7f]", lambda letter: json.dumps(letter[0])[1:-1], text),
}


def _write(shown: Document | Documented, format: Format, out: Path) -> None:  # noqa: A002
    text = _text(shown, format, _Beside(out) if format == "markdown" else None)
    with replacing(out) as file:
        file.write(text.encode())


class _Beside:
    """Writes each drawing of a Markdown file beside it: beside net.md net-1.svg, net-2.svg and so on."""

    def __init__(self, out: Path) -> None:
        self._out = out
        self._count = 0

    def __call__(self, drawing: Drawing) -> str:
        self._count += 1
        path = self._out.with_name(f"{self._out.stem}-{self._count}.svg")
        with replacing(path) as file:
            file.write(drawing.svg(language=language_spoken()).encode())
        return quote(os.fsencode(path.name))
