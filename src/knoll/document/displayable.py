"""Data that can be read as text, Markdown and HTML, and that shows itself in a notebook."""

from __future__ import annotations

import os

from knoll.document.document import Document
from knoll.document.files import save
from knoll.messages import Language


class Displayable:
    """Data with a `document()`, in all the forms that a document has; without a language in that spoken now.

    Typed at a prompt or printed it is the text, as in a notebook the page.
    """

    __slots__ = ()

    def document(self) -> Document:
        """The data as they are read."""
        raise NotImplementedError

    def text(self, language: Language | None = None) -> str:
        """The text for a terminal."""
        return self.document().text(language=language)

    def markdown(self, language: Language | None = None) -> str:
        """The text as GitHub's Markdown."""
        return self.document().markdown(language)

    def html(self, language: Language | None = None, *, page: bool = False) -> str:
        """An `<article>`, or with `page` a page of its own, which needs no other file."""
        return self.document().html(language, page=page)

    def save(self, path: str | os.PathLike[str], language: Language | None = None) -> None:
        """Write a file of the kind that its suffix says: .txt, .md, .html, or .json, which holds the data.

        The drawings of a .md file stand beside it as .svg. Raises ArgumentError for another suffix, FileError where
        nothing can be written.
        """
        save(self, path, language=language)

    def __str__(self) -> str:
        return str(self.document())

    def __repr__(self) -> str:
        return str(self)

    def _repr_html_(self) -> str:
        return self.html()

    def _repr_markdown_(self) -> str:
        return self.markdown()
