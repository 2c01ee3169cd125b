"""Texts and documents that the tests of the writers share."""

from __future__ import annotations

from dataclasses import dataclass

from hypothesis import strategies as st

from knoll.document import (
    Block,
    Bullets,
    Code,
    Document,
    Formula,
    Heading,
    Listing,
    Note,
    Paragraph,
    Picture,
    Table,
)
from knoll.messages import Language

# What means something in HTML, Markdown or a terminal; Chinese; letters of every width.
_LETTERS = "ab1. \n\t<>&|`*_~#[](){}!+-=:;'\"\\$\x1b\x00\r\x85\u2028\ud800步长，。（）“”…é́\u200d👍🏽❤️"
texts = st.text(st.one_of(st.sampled_from(_LETTERS), st.characters()), max_size=40)
lines = st.one_of(texts, texts.map(Code), st.tuples(texts, texts.map(Code), texts))
notes = st.builds(Note, st.sampled_from(["trap", "tip"]), lines)


@dataclass(frozen=True)
class Square:
    """A drawing."""

    side: int = 2

    def svg(self, *, language: Language | None = None) -> str:
        size = f'viewBox="0 0 {self.side} 2"'
        return f'<svg xmlns="http://www.w3.org/2000/svg" {size} role="img"><title>{language}</title></svg>'


@st.composite
def tables(draw: st.DrawFn) -> Table:
    columns = draw(st.integers(1, 4))
    cells = st.one_of(lines, st.integers(), st.floats())
    rows = draw(st.lists(st.tuples(*[cells] * columns), max_size=4))
    footer = draw(st.one_of(st.just(()), st.tuples(*[cells] * columns)))
    return Table(draw(st.tuples(*[lines] * columns)), tuple(rows), footer)


blocks: st.SearchStrategy[Block] = st.one_of(
    st.builds(Heading, lines, st.integers(2, 6)),
    st.builds(Paragraph, lines),
    st.builds(Formula, st.lists(lines, max_size=3).map(tuple)),
    tables(),
    st.builds(Listing, texts, st.sampled_from(["python", "console", "text"])),
    st.builds(Bullets, st.lists(lines, max_size=3).map(tuple)),
    st.builds(Picture, st.just(Square()), lines),
    notes,
)
documents = st.builds(Document, lines, st.lists(blocks, max_size=5).map(tuple))
languages: st.SearchStrategy[Language] = st.sampled_from(["en", "zh"])
