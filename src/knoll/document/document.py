"""A document: a title and blocks, from which text, Markdown and HTML are made in either language."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from knoll.document import html, markdown
from knoll.document.blocks import Block, Heading
from knoll.document.inline import Line
from knoll.errors import ArgumentError
from knoll.language import chosen_language
from knoll.messages import Language, say

if TYPE_CHECKING:
    from rich.console import Console, ConsoleOptions

    from knoll.document.text import Printed

_SHORTEST_LINE = 20


@dataclass(frozen=True, slots=True)
class Document:
    """Blocks below a title, in no language yet: one is chosen where they are written, else that spoken now.

    >>> from knoll.document import Document, Formula, Paragraph
    >>> document = Document("Size", (Paragraph("The output has"), Formula(("⌊(32 − 3) / 2⌋ + 1 = 15 rows",))))
    >>> print(document.markdown(), end="")
    # Size
    <BLANKLINE>
    The output has
    <BLANKLINE>
    ```text
    ⌊(32 − 3) / 2⌋ + 1 = 15 rows
    ```
    """

    title: Line
    blocks: tuple[Block, ...]

    def text(self, width: int | None = None, language: Language | None = None, *, encoding: str = "utf-8") -> str:
        """The document for a terminal so many columns wide, without colours; listings are not wrapped.

        Without a width, as wide as the terminal, but at most 100 columns. What the encoding lacks is written in letters
        that it has: floor( for ⌊; where it lacks Chinese and no language is given, the text is English.

        Raises ArgumentError for less than 20 columns, and for a language that is not there.
        """
        from knoll.document.text import LONGEST_LINE, Writing, plain_text  # rich, which other formats do not need

        if width is None:
            width = max(min(shutil.get_terminal_size().columns, LONGEST_LINE), _SHORTEST_LINE)
        if width < _SHORTEST_LINE:
            raise ArgumentError(say("document.width", least=_SHORTEST_LINE, width=width))
        return plain_text(self._titled, Writing.chosen(language, encoding), width)

    def markdown(self, language: Language | None = None, *, address: markdown.Address | None = None) -> str:
        """The document as GitHub's Markdown.

        `address` says where the SVG of a drawing is found; without it, words stand in for drawings. Raises
        ArgumentError for a language that is not there.
        """
        return markdown.markdown(self._titled, chosen_language(language), address)

    def html(self, language: Language | None = None, *, page: bool = False) -> str:
        """The document as an `<article>`, or as a page of its own, which needs no other file and no network.

        Raises ArgumentError for a language that is not there.
        """
        chosen = chosen_language(language)
        return html.page(self.title, self._titled, chosen) if page else html.fragment(self._titled, chosen)

    def __str__(self) -> str:
        """The text for standard output, in letters that can be written there."""
        return self.text(encoding=getattr(sys.stdout, "encoding", None) or "utf-8").rstrip("\n")

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> Iterator[Printed]:
        """What a console of rich prints."""
        from knoll.document.text import Printed, Writing  # as in `text`

        yield Printed(self._titled, Writing.chosen(None, options.encoding))

    def _repr_html_(self) -> str:
        return self.html()

    def _repr_markdown_(self) -> str:
        return self.markdown()

    @property
    def _titled(self) -> tuple[Block, ...]:
        return (Heading(self.title, 1), *self.blocks)
