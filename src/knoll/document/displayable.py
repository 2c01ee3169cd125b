"""Data that can be read as text, Markdown and HTML, and that shows itself in a notebook."""

from __future__ import annotations

from knoll.document.document import Document
from knoll.messages import Language


class Displayable:
    """Data with a `document()`, in all the forms that a document has; without a language in that spoken now."""

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

    def _repr_html_(self) -> str:
        return self.html()

    def _repr_markdown_(self) -> str:
        return self.markdown()
