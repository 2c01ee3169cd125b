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
    body = "\n".join(_block(block, language) for block in blocks)
    return (
        f'<article class="knoll-document" lang="{_LANGUAGES[language]}">\n'
        f"<style>\n{_css('style')}</style>\n{body}\n</article>\n"
    )


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
    from knoll.draw.palette import DARK, LIGHT

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
            return f"<h{block.level}>{_line(block.words, language)}</h{block.level}>"
        case Paragraph():
            return f"<p>{_line(block.words, language)}</p>"
        case Formula():
            return _formula(block, language)
        case Table():
            return _table(block, language)
        case Listing():
            code = escape("\n".join(code_lines(block.code)))
            return f'<pre><code class="language-{block.language}">{code}</code></pre>'
        case Bullets():
            items = "\n".join(f"<li>{_line(item, language)}</li>" for item in block.items)
            return f"<ul>\n{items}\n</ul>"
        case Picture():
            return _picture(block, language)
        case Note():
            return _note(block, language)
        case _:
            assert_never(block)


def _formula(block: Formula, language: Language) -> str:
    indents = block.indents([letters(line, language) for line in block.lines])
    lines = [" " * indent + _line(line, language) for indent, line in zip(indents, block.lines, strict=True)]
    written = "\n".join(lines)
    return f'<pre class="formula">{written}</pre>'


def _note(block: Note, language: Language) -> str:
    label, words = sentence(f"document.{block.kind}"), _line(block.words, language)
    space = space_between(label.text(language), letters(block.words, language) or " ")
    return f'<aside class="{block.kind}" role="note"><strong>{_line(label, language)}</strong>{space}{words}</aside>'


def _table(block: Table, language: Language) -> str:
    numbers = [block.is_number(column, language) for column in range(len(block.header))]

    def row(cells: Sequence[Cell], begin: str, end: str) -> str:
        written = []
        for cell, number in zip(cells, numbers, strict=True):
            written.append(f"<{begin}{_NUMBER if number else ''}>{_line(line_of(cell), language)}</{end}>")
        return f"<tr>{''.join(written)}</tr>"

    name = _line(sentence("document.table"), language)
    head = row(block.header, 'th scope="col"', "th")
    body = "\n".join(row(cells, "td", "td") for cells in block.rows)
    foot = f"<tfoot>\n{row(block.footer, 'td', 'td')}\n</tfoot>\n" if block.footer else ""
    return (
        f'<div class="scroll" role="region" aria-label="{name}" tabindex="0">\n<table>\n'
        f"<thead>\n{head}\n</thead>\n<tbody>\n{body}\n</tbody>\n{foot}</table>\n</div>"
    )


def _picture(block: Picture, language: Language) -> str:
    drawing = block.drawing
    shown = drawing.html(language=language) if isinstance(drawing, Player) else drawing.svg(language=language)
    return f'<figure aria-label="{escape(letters(block.alternative, language))}">\n{shown}\n</figure>'


def _line(line: Line, language: Language) -> str:
    written = []
    for span in spans(line, language):
        text, tag = escape(span.text), _TAGS.get(span.kind)
        written.append(f"<{tag}>{text}</{tag}>" if tag else text)
    return "".join(written)
