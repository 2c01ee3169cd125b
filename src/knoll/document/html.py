"""Documents as HTML: a fragment for a notebook or a page of somebody else's, or a page of its own.

Its style takes the colours of the text around it, light or dark, and touches nothing outside the fragment.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from html import escape
from importlib import resources
from typing import assert_never

from knoll.document.blocks import (
    Block,
    Bullets,
    Cell,
    Formula,
    Heading,
    Listing,
    Note,
    Paragraph,
    Picture,
    Player,
    Table,
    line_of,
)
from knoll.document.inline import Kind, Line, code_lines, letters, space_between, spans
from knoll.messages import Language, sentence

_LANGUAGES: dict[Language, str] = {"en": "en", "zh": "zh-CN"}
_NUMBER = ' class="number"'
_TAGS: dict[Kind, str] = {"code": "code", "emphasis": "em"}


def fragment(blocks: Sequence[Block], language: Language) -> str:
    """An `<article>` with its style."""
    return (
        f'<article class="knoll-document" lang="{_LANGUAGES[language]}">\n'
        f"<style>\n{style()}</style>\n{bare(blocks, language)}\n</article>\n"
    )


def bare(blocks: Sequence[Block], language: Language) -> str:
    """The blocks alone, for an element of the class `knoll-document` on a page that has the style."""
    return "\n".join(_block(block, language) for block in blocks)


def style() -> str:
    """The style of the class `knoll-document`."""
    return _css("style")


def page(title: Line, blocks: Sequence[Block], language: Language) -> str:
    """A whole file, which needs no other file and no network."""
    return (
        f'<!DOCTYPE html>\n<html lang="{_LANGUAGES[language]}">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{escape(letters(title, language))}</title>\n<style>\n{_page_css()}</style>\n</head>\n<body>\n"
        f"{fragment(blocks, language)}</body>\n</html>\n"
    )


def _page_css() -> str:
    """The style of a page, on the paper that drawings have."""
    from knoll.draw.palette import DARK, LIGHT  # the drawings, which a fragment does not need

    return (
        f"{_css('page')}body {{ background: {LIGHT['paper']}; color: {LIGHT['ink']}; }}\n"
        f"@media (prefers-color-scheme: dark) {{ body {{ background: {DARK['paper']}; color: {DARK['ink']}; }} }}\n"
    )


@cache
def _css(name: str) -> str:
    return resources.files("knoll.document").joinpath(f"{name}.css").read_text(encoding="utf-8")


def _block(block: Block, language: Language) -> str:
    match block:
        case Heading():
            return f"<h{block.level}>{inline(block.words, language)}</h{block.level}>"
        case Paragraph():
            return f"<p>{inline(block.words, language)}</p>"
        case Formula():
            return _formula(block, language)
        case Table():
            return _table(block, language)
        case Listing():
            code = escape("\n".join(code_lines(block.code)))
            return f'<pre><code class="language-{block.language}">{code}</code></pre>'
        case Bullets():
            items = "\n".join(f"<li>{inline(item, language)}</li>" for item in block.items)
            return f"<ul>\n{items}\n</ul>"
        case Picture():
            return _picture(block, language)
        case Note():
            return _note(block, language)
        case _:
            assert_never(block)


def _formula(block: Formula, language: Language) -> str:
    indents = block.indents([letters(line, language) for line in block.lines])
    lines = [" " * indent + inline(line, language) for indent, line in zip(indents, block.lines, strict=True)]
    written = "\n".join(lines)
    return f'<pre class="formula">{written}</pre>'


def _note(block: Note, language: Language) -> str:
    label, words = sentence(f"document.{block.kind}"), inline(block.words, language)
    space = space_between(label.text(language), letters(block.words, language) or " ")
    return f'<aside class="{block.kind}" role="note"><strong>{inline(label, language)}</strong>{space}{words}</aside>'


def _table(block: Table, language: Language) -> str:
    numbers = [block.is_number(column, language) for column in range(len(block.header))]

    def row(cells: Sequence[Cell], begin: str, end: str) -> str:
        written = []
        for cell, number in zip(cells, numbers, strict=True):
            words = inline(line_of(cell), language)
            first, last = (begin, end) if words else ("td", "td")  # a column without a name has no header
            written.append(f"<{first}{_NUMBER if number else ''}>{words}</{last}>")
        return f"<tr>{''.join(written)}</tr>"

    name = inline(sentence("document.table"), language)
    head = row(block.header, 'th scope="col"', "th")
    body = "\n".join(row(cells, "td", "td") for cells in block.rows)
    foot = f"<tfoot>\n{row(block.footer, 'td', 'td')}\n</tfoot>\n" if block.footer else ""
    return (
        f'<div class="scroll" role="group" aria-label="{name}" tabindex="0">\n<table>\n'
        f"<thead>\n{head}\n</thead>\n<tbody>\n{body}\n</tbody>\n{foot}</table>\n</div>"
    )


def _picture(block: Picture, language: Language) -> str:
    drawing, words = block.drawing, escape(letters(block.alternative, language))
    if isinstance(drawing, Player):
        return f'<figure aria-label="{words}">\n{drawing.html(language=language)}\n</figure>'
    shown = drawing.svg(language=language).replace(' role="img"', f' role="img" aria-label="{words}"', 1)
    return f"<figure>\n{shown}\n</figure>"


def inline(line: Line, language: Language) -> str:
    """A line within a block: code and emphasis as elements, all else as text."""
    written = []
    for span in spans(line, language):
        text, tag = escape(span.text), _TAGS.get(span.kind)
        written.append(f"<{tag}>{text}</{tag}>" if tag else text)
    return "".join(written)
