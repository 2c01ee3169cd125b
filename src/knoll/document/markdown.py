"""Documents as Markdown, the way GitHub reads it."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from itertools import count
from typing import assert_never

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
    Table,
    line_of,
)
from knoll.document.inline import Line, Span, code_lines, letters, space_between, spans
from knoll.messages import Language, sentence

Address = Callable[[Drawing], str]

# What means something anywhere in a line; an underscore within a word means nothing.
_ANYWHERE = re.compile(r"[\\`*\[\]~$#]|(?<![^\W_])_|_(?![^\W_])")
_AT_THE_BEGINNING = re.compile(r"^(?:[-+=:]|\d+(?=[.)](?:\s|$)))")
# A bar ends a cell even within code, so it is written by its number.
_ENTITIES = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", "|": "&#124;"})


def markdown(blocks: Sequence[Block], language: Language, address: Address | None) -> str:
    """The text; `address` says where the SVG of a drawing is found, and without it words stand in for drawings."""
    written: list[str] = []
    for number, block in enumerate(blocks):
        if isinstance(block, Bullets) and number and isinstance(blocks[number - 1], Bullets):
            written.append("<!-- -->")  # or they would be one list
        written.append(_block(block, language, address))
    return "\n\n".join(written) + "\n"


def _block(block: Block, language: Language, address: Address | None) -> str:
    match block:
        case Heading():
            return f"{'#' * block.level} {_line(block.words, language)}".rstrip()
        case Paragraph():
            return _line(block.words, language)
        case Formula():
            lines = [letters(line, language) for line in block.lines]
            indents = block.indents(lines)
            return _fenced([" " * n + line for n, line in zip(indents, lines, strict=True)], "text")
        case Table():
            return _table(block, language)
        case Listing():
            return _fenced(code_lines(block.code), block.language)
        case Bullets():
            return "\n".join(f"- {_line(item, language)}".rstrip() for item in block.items)
        case Picture():
            return _picture(block, language, address)
        case Note():
            label = sentence(f"document.{block.kind}").text(language)
            space = space_between(label, letters(block.words, language) or " ")
            return f"> <strong>{label}</strong>{space}{_line(block.words, language)}".rstrip()
        case _:
            assert_never(block)


def _picture(block: Picture, language: Language, address: Address | None) -> str:
    alternative = letters(block.alternative, language)
    if address is None:
        return _line(sentence("document.picture", alternative=alternative), language)
    return f"![{_line(alternative, language)}]({address(block.drawing)})"


def _table(block: Table, language: Language) -> str:
    def row(cells: Sequence[Cell], form: str = "{}") -> str:
        texts = [_line(line_of(cell), language) for cell in cells]
        return "| " + " | ".join(form.format(text) if text else "" for text in texts) + " |"

    ends = ["---:" if block.is_number(column, language) else "---" for column in range(len(block.header))]
    footer = [row(block.footer, "<strong>{}</strong>")] if block.footer else []
    return "\n".join([row(block.header), f"| {' | '.join(ends)} |", *(row(cells) for cells in block.rows), *footer])


def _fenced(lines: Sequence[str], language: str) -> str:
    """A block of code, its fence longer than any run of backticks in it."""
    longest = max((len(run) for line in lines for run in re.findall("`+", line)), default=0)
    fence = "`" * max(3, longest + 1)
    return "\n".join([f"{fence}{language}", *lines, fence])


def _line(line: Line, language: Language) -> str:
    written = ""
    for span in spans(line, language):
        written += _span(span, written)
    return written


def _span(span: Span, before: str) -> str:
    if span.kind == "code":
        return _code(span.text)
    text = _escaped(span.text, is_first=not before)
    if span.kind == "plain":
        return text
    # Stars are read as emphasis where words touch them; beside a mark, HTML says the same.
    touched = re.fullmatch(r"[^\W_](.*[^\W_])?", span.text) and not before.endswith("*")
    return f"*{text}*" if touched else f"<em>{text}</em>"


def _escaped(text: str, *, is_first: bool) -> str:
    text = _ANYWHERE.sub(r"\\\g<0>", text).translate(_ENTITIES)
    return _AT_THE_BEGINNING.sub(_with_backslash, text) if is_first else text


def _with_backslash(match: re.Match[str]) -> str:
    mark = match[0]
    return f"{mark}\\" if mark.isdigit() else f"\\{mark}"


def _code(text: str) -> str:
    if "|" in text:
        return f"<code>{_escaped(text, is_first=False)}</code>"
    fence = "`" * next(n for n in count(1) if n not in {len(run) for run in re.findall("`+", text)})
    space = " " if text[0] in "` " or text[-1] in "` " else ""
    return f"{fence}{space}{text}{space}{fence}"
