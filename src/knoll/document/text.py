"""Documents for the terminal, by rich: wrapped by display width, with colours where the terminal has them."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain, repeat
from typing import Literal, assert_never

from rich.box import SIMPLE
from rich.cells import cell_len
from rich.console import Console, ConsoleOptions, JustifyMethod, OverflowMethod, RenderableType
from rich.containers import Lines
from rich.measure import Measurement
from rich.segment import Segment
from rich.table import Table as RichTable
from rich.text import Text

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
    Table,
    line_of,
)
from knoll.document.inline import Kind, Line, code_lines, space_between, spans
from knoll.document.wrap import fitted, least_width, line_starts, narrowest
from knoll.language import chosen_language
from knoll.messages import Language, sentence
from knoll.messages.letters import writable

LONGEST_LINE = 100  # a reader loses the place in longer ones

_INDENT = "    "
_STYLES: dict[Kind, str] = {"plain": "", "code": "cyan", "emphasis": "italic"}
_LABELS: dict[Literal["trap", "tip"], str] = {"trap": "bold yellow", "tip": "bold green"}
_SAMPLES: dict[Language, str] = {"en": "", "zh": "小土堆"}
_RULES = {1: "═", 2: "─"}  # below headings of the first two levels
_LEADER = "── "  # before the others


@dataclass(frozen=True, slots=True)
class Writing:
    """The language of a text and the letters that can be written."""

    language: Language
    encoding: str

    @classmethod
    def chosen(cls, language: Language | None, encoding: str) -> Writing:
        """In the language that was asked for, else in the one spoken now, unless its letters cannot be written."""
        spoken = chosen_language(language)
        is_written = language is not None or writable(_SAMPLES[spoken], encoding) == _SAMPLES[spoken]
        return cls(spoken if is_written else "en", encoding)

    def letters(self, text: str) -> str:
        """The text in letters that can be written, before its width is measured."""
        return writable(text, self.encoding)


class Prose(Text):
    """A line of text that breaks beside Chinese letters too; what stands before the lines after the first is `hang`."""

    hang = ""

    def wrap(
        self,
        console: Console,
        width: int,
        *,
        justify: JustifyMethod | None = None,
        overflow: OverflowMethod | None = None,  # noqa: ARG002 (nothing is longer than its line)
        tab_size: int = 8,  # noqa: ARG002 (there are no tabs)
        no_wrap: bool | None = None,  # noqa: ARG002 (a cell is rather broken than cut off)
    ) -> Lines:
        """The lines, no wider than `width`."""
        before = cell_len(self.hang)
        starts = line_starts(self.plain, width, max(width - before, 1))
        lines = Lines(Text(self.hang if number else "") + line for number, line in enumerate(self.divide(starts)))
        for line in lines:
            line.rstrip()
        if justify in ("right", "center"):
            lines.justify(console, width, justify, "crop")
        return lines

    def __rich_measure__(self, console: Console, options: ConsoleOptions) -> Measurement:
        return Measurement(least_width(self.plain) + cell_len(self.hang), cell_len(self.plain))


@dataclass(frozen=True, slots=True)
class Printed:
    """What rich prints: the blocks with an empty line between them."""

    blocks: tuple[Block, ...]
    writing: Writing

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> Iterator[Segment]:
        narrow = options.update(max_width=min(options.max_width, LONGEST_LINE))
        for number, block in enumerate(self.blocks):
            if number:
                yield Segment.line()
            for part in _block(block, self.writing):
                yield from console.render(part, options if isinstance(block, Table) else narrow)


def plain_text(blocks: tuple[Block, ...], writing: Writing, width: int) -> str:
    """The blocks without colours, in so many columns."""
    file = io.StringIO()
    console = Console(file=file, width=width, color_system=None, force_terminal=False, legacy_windows=False)
    console.print(Printed(blocks, writing), crop=False)
    return writing.letters(re.sub(r" +$", "", file.getvalue(), flags=re.MULTILINE))


def _block(block: Block, writing: Writing) -> Iterator[RenderableType]:
    match block:
        case Heading():
            yield from _heading(block, writing)
        case Paragraph():
            yield _prose(block.words, writing)
        case Formula():
            yield from _formula(block, writing)
        case Table():
            yield Fitted(block, writing)
        case Listing():
            for code in code_lines(block.code):
                # What is copied from a terminal must stay whole, so a listing is not wrapped.
                yield Text(writing.letters(_INDENT + code).rstrip(), no_wrap=True, overflow="ignore")
        case Bullets():
            for item in block.items:
                yield _prose(item, writing, first=writing.letters("• "), hang="  ")
        case Picture():
            alternative = _prose(block.alternative, writing).plain
            yield _prose(sentence("document.picture", alternative=alternative), writing, style="dim")
        case Note():
            yield _note(block, writing)
        case _:
            assert_never(block)


def _heading(block: Heading, writing: Writing) -> Iterator[RenderableType]:
    rule = _RULES.get(block.level)
    if rule is None:
        leader = writing.letters(_LEADER)
        yield _prose(block.words, writing, first=leader, hang=" " * cell_len(leader), style="bold")
    else:
        words = _prose(block.words, writing, style="bold")
        yield words
        yield Underline(writing.letters(rule), words)


def _formula(block: Formula, writing: Writing) -> Iterator[RenderableType]:
    indents = block.indents([_prose(line, writing).plain for line in block.lines])
    for indent, line in zip(indents, block.lines, strict=True):
        yield _prose(line, writing, first=_INDENT + " " * indent, hang=2 * _INDENT)


@dataclass(frozen=True, slots=True)
class Fitted:
    """A table whose columns share the room so that names are cut at their joints; a list where there is no room."""

    block: Table
    writing: Writing

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> Iterator[RenderableType]:
        block, writing = self.block, self.writing
        heads = [_prose(words, writing, style="bold") for words in block.header]
        rows = [[_cell(cell, writing) for cell in row] for row in block.rows]
        feet = [_cell(cell, writing, "bold") for cell in block.footer]
        numbers = [block.is_number(column, writing.language) for column in range(len(heads))]
        widths = _widths([heads, *rows, *([feet] if feet else [])], numbers, options.max_width)
        if widths is None:
            for row in (*rows, *([feet] if feet else [])):
                yield from _listed(heads, row, writing, options.max_width)
            return
        table = RichTable(box=SIMPLE, show_edge=False, pad_edge=False, padding=(0, 1, 0, 0), show_footer=bool(feet))
        for column, (head, width, is_number) in enumerate(zip(heads, widths, numbers, strict=True)):
            justify: JustifyMethod = "right" if is_number else "left"
            table.add_column(head, feet[column] if feet else "", justify=justify, no_wrap=is_number, width=width)
        for row in rows:
            table.add_row(*row)
        yield table


def _widths(rows: list[list[Prose]], numbers: list[bool], room: int) -> list[int] | None:
    """The width of each column; None where the terminal is too narrow for words that are cut at their joints alone."""
    columns = list(zip(*rows, strict=True))
    most = [max(cell_len(cell.plain) for cell in column) for column in columns]
    least = [
        wide if is_number else max(narrowest(cell.plain) for cell in column)
        for column, wide, is_number in zip(columns, most, numbers, strict=True)
    ]
    room -= 2 * (len(columns) - 1)  # between columns
    return None if sum(least) > room else fitted(least, most, room)


def _listed(heads: list[Prose], row: list[Prose], writing: Writing, room: int) -> Iterator[Text]:
    """A row as an item of a list: each head, and its cell beside it where there is one."""
    label = min(max(cell_len(head.plain) for head in heads), room // 2)
    marks = chain([writing.letters("• ")], repeat("  "))
    cells = ((head, cell) for head, cell in zip(heads, row, strict=True) if cell.plain)
    for mark, (head, cell) in zip(marks, cells, strict=False):
        item = Prose(mark)
        item.hang = " " * (label + 4)
        yield item.append_text(head).append(" " * (max(label - cell_len(head.plain), 0) + 2)).append_text(cell)


def _cell(cell: Cell, writing: Writing, style: str = "") -> Prose:
    return _prose(line_of(cell), writing, style=style)


def _note(block: Note, writing: Writing) -> Text:
    label = writing.letters(sentence(f"document.{block.kind}").text(writing.language))
    note = Prose(writing.letters("│ "))
    note.hang = writing.letters("│ ")
    words = _prose(block.words, writing)
    return note.append(label, _LABELS[block.kind]).append(space_between(label, words.plain or " ")).append_text(words)


def _prose(line: Line, writing: Writing, *, first: str = "", hang: str = "", style: str = "") -> Prose:
    prose = Prose(first, style=style)
    prose.hang = hang
    for span in spans(line, writing.language):
        prose.append(writing.letters(span.text), _STYLES[span.kind])
    return prose


@dataclass(frozen=True, slots=True)
class Underline:
    """A rule as wide as the words above it."""

    letter: str
    words: Prose

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> Iterator[Text]:
        lines = self.words.wrap(console, options.max_width)
        yield Text(self.letter * max((cell_len(line.plain) for line in lines), default=0))
