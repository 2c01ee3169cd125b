"""What stands within a line: words, `code` and *emphasis*.

A string is shown letter for letter, whatever is in it. Sentences of the catalogue may hold `code` in backticks and
*emphasis* in stars; their values are shown letter for letter too.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, TypeAlias

from knoll.messages import Language, Sentence

Kind = Literal["plain", "code", "emphasis"]


@dataclass(frozen=True, slots=True)
class Code:
    """A piece of code within a line, as the name of an argument."""

    text: str


Words: TypeAlias = Sentence | Code | str
Line: TypeAlias = Words | tuple[Words, ...]


@dataclass(frozen=True, slots=True)
class Span:
    """Letters of one kind."""

    text: str
    kind: Kind = "plain"


_ESCAPED = r"\\[\\`*]"
_MARKUP = re.compile(
    rf"{_ESCAPED}"
    rf"|`(?P<code>(?:{_ESCAPED}|[^`\\]|\\(?![\\`*]))+)`"
    # A star between letters or spaces is a product; one that touches a word on one side alone opens or closes.
    rf"|(?<![A-Za-z0-9*])\*(?![\s*])(?P<emphasis>(?:{_ESCAPED}|[^*`\\]|\\(?![\\`*]))+)(?<!\s)\*(?![A-Za-z0-9*])"
)


def spans(line: Line, language: Language | None) -> tuple[Span, ...]:
    """The spans of a line in a language, runs of white space made one space.

    Between the parts of a tuple comes a space, but none beside a Chinese mark.

    >>> spans(("stride", Code("(2, 2)")), "en")
    (Span(text='stride ', kind='plain'), Span(text='(2, 2)', kind='code'))
    """
    found: list[Span] = []
    for words in line if isinstance(line, tuple) else (line,):
        part = _trimmed([Span(_one_line(span.text), span.kind) for span in _spans(words, language)])
        if found and part:
            found.append(Span(space_between(found[-1].text, part[0].text)))
        found += part
    return tuple(_merged(found))


def letters(line: Line, language: Language | None) -> str:
    """The letters of a line alone, without what is code and what is emphasis."""
    return "".join(span.text for span in spans(line, language))


def visible(text: str) -> str:
    r"""The text with characters written out that control a terminal or that no file can hold.

    >>> print(visible("a\x1b[31m"))
    a\x1b[31m
    """
    return "".join(ascii(c)[1:-1] if unicodedata.category(c) in ("Cc", "Cs") and c not in "\n\t" else c for c in text)


def code_lines(text: str) -> list[str]:
    """The lines of a listing, tabs expanded."""
    return [visible(line.expandtabs(4)) for line in re.split(r"\r\n?|\n", text)]


def _one_line(text: str) -> str:
    return visible(re.sub(r"\s+", " ", text))


def _spans(words: Words, language: Language | None) -> Iterator[Span]:
    if isinstance(words, str):
        yield Span(words)
    elif isinstance(words, Code):
        yield Span(words.text, "code")
    else:
        yield from _marked(words.text(language, quote=_quoted))


def _quoted(text: str) -> str:
    return re.sub(r"[\\`*]", r"\\\g<0>", text)


def _unquoted(text: str) -> str:
    return re.sub(r"\\([\\`*])", r"\1", text)


def _marked(text: str) -> Iterator[Span]:
    """The spans of text with markup."""
    place = 0
    for match in _MARKUP.finditer(text):
        yield Span(text[place : match.start()])
        kind: Kind = "code" if match["code"] else "emphasis" if match["emphasis"] else "plain"
        yield Span(_unquoted(match["code"] or match["emphasis"] or match[0]), kind)
        place = match.end()
    yield Span(text[place:])


def _merged(parts: list[Span]) -> list[Span]:
    """Plain neighbours as one, so that an escaped letter is no span of its own."""
    found: list[Span] = []
    for part in parts:
        if found and part.kind == found[-1].kind == "plain":
            found[-1] = Span(re.sub(" +", " ", found[-1].text + part.text))
        elif part.text:
            found.append(part)
    return found


def _trimmed(parts: list[Span]) -> list[Span]:
    """Without space at the beginning and the end."""
    while parts and not parts[0].text.strip():
        parts = parts[1:]
    while parts and not parts[-1].text.strip():
        parts = parts[:-1]
    if parts:
        parts[0] = Span(parts[0].text.lstrip(), parts[0].kind)
        parts[-1] = Span(parts[-1].text.rstrip(), parts[-1].kind)
    return parts


def space_between(before: str, after: str) -> str:
    """What stands between two parts of a line: nothing beside a Chinese mark, and between Chinese letters.

    >>> space_between("image.", "Each"), space_between("图像。", "Each"), space_between("步长", "填充")
    (' ', '', '')
    """
    last, first = before[-1], after[0]
    return "" if (is_wide(last) and is_wide(first)) or _is_wide_mark(last) or _is_wide_mark(first) else " "


def _is_wide_mark(letter: str) -> bool:
    return is_wide(letter) and unicodedata.category(letter).startswith("P")


def is_wide(letter: str) -> bool:
    """Whether it is a Chinese letter or mark, which takes two columns of a terminal.

    >>> is_wide("步"), is_wide("。"), is_wide("s")
    (True, True, False)
    """
    return unicodedata.east_asian_width(letter) in "WF" and unicodedata.category(letter)[0] in "LPN"


def columns(text: str) -> int:
    """How many columns of a terminal the text takes.

    >>> columns("步长 s")
    6
    """
    return sum(1 + is_wide(letter) for letter in text if not unicodedata.combining(letter))
