"""Where the commands put what they show: on standard output, or into a file."""

from __future__ import annotations

import json
import os
import re
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Protocol, TypeAlias, runtime_checkable

from knoll.document.document import Document
from knoll.document.files import FORMATS, Documented, Format, format_of, save, text_of
from knoll.errors import ArgumentError
from knoll.messages import Language, say
from knoll.messages import language as language_spoken
from knoll.messages.letters import writable


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
        save(shown, out, format or format_of(out, say("document.suffix_advice")))


def _save(drawing: Animated, format: Format | None, out: Path | None) -> None:  # noqa: A002 (as in `write`)
    """A drawing knows by the suffix how it is written."""
    if out is None:
        raise ArgumentError(say("document.drawing_nowhere"), advice=say("document.drawing_out"))
    if format is not None and (format != "html" or out.suffix.lower() not in (".html", ".htm")):
        raise ArgumentError(say("document.drawing_format", format=format, path=out), advice=say("document.drawing_out"))
    drawing.save(out, language=language_spoken())


def _print(shown: Document | Documented, format: Format) -> None:  # noqa: A002 (as in `write`)
    if format == "text":
        from rich.console import Console  # which other formats do not need

        document = shown if isinstance(shown, Document) else shown.document()
        Console(highlight=False).print(document, crop=False)
    else:
        encoding = (getattr(sys.stdout, "encoding", None) or "utf-8").lower().replace("_", "-")
        text = text_of(shown, format)
        sys.stdout.write(text if encoding.startswith("utf-8") else _IN_ASCII[format](text, encoding))


# What stands in for a letter that the encoding of standard output lacks means the same in each format.
_IN_ASCII: dict[Format, Callable[[str, str], str]] = {
    "markdown": writable,
    "html": lambda text, _: text.encode("ascii", "xmlcharrefreplace").decode(),
    "json": lambda text, _: re.sub("[^\x00-\x7f]", lambda letter: json.dumps(letter[0])[1:-1], text),
}
