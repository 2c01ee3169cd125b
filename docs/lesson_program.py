"""A lesson in one language: what a page shows of a program that speaks two.

In `examples/lessons` a docstring has a paragraph for each language, a comment is `# English / 中文`, and a line is told
by `tell(en=…, zh=…)`. A page shows the program as a reader of its language would write it, with `print(…)`.
"""

from __future__ import annotations

import ast
import io
import re
import tokenize
from collections.abc import Iterator

from knoll.messages import Language

Place = tuple[int, int]
"""A line, from 1, and a column in it, in characters."""
Edit = tuple[Place, Place, str]
HELPER = re.compile(r"(?<=\n)\nfrom tell import tell\n(?=\n)|(?<=\n)from tell import tell\n")


def in_language(source: str, spoken: Language) -> str:
    """The program with one language left in docstrings, comments and what it prints."""
    lines = source.splitlines(keepends=True)
    tree = ast.parse(source)
    edits = [*_told(tree, lines, source, spoken), *_docstrings(tree, lines, spoken), *_comments(source, spoken)]
    for (row, column), (last, end), text in sorted(edits, reverse=True):
        lines[row - 1 : last] = [lines[row - 1][:column] + text + lines[last - 1][end:]]
    return HELPER.sub("", "".join(lines))


def _told(tree: ast.Module, lines: list[str], source: str, spoken: Language) -> Iterator[Edit]:
    for node in ast.walk(tree):
        match node:
            case ast.Call(func=ast.Name("tell"), keywords=keywords):
                sentence = next(each.value for each in keywords if each.arg == spoken)
                yield *_span(node, lines), f"print({ast.get_source_segment(source, sentence)})"


def _docstrings(tree: ast.Module, lines: list[str], spoken: Language) -> Iterator[Edit]:
    for node in ast.walk(tree):
        match node:
            case ast.Module() | ast.ClassDef() | ast.FunctionDef() if text := ast.get_docstring(node):
                english, _, chinese = text.partition("\n\n")
                yield *_span(node.body[0], lines), f'"""{chinese if spoken == "zh" else english}"""'


def _comments(source: str, spoken: Language) -> Iterator[Edit]:
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        english, both, chinese = token.string.partition(" / ")
        if token.type == tokenize.COMMENT and both:
            yield token.start, token.end, f"# {chinese}" if spoken == "zh" else english


def _span(node: ast.expr | ast.stmt, lines: list[str]) -> tuple[Place, Place]:
    """Where a node begins and ends; ast counts bytes."""
    assert node.end_lineno is not None
    assert node.end_col_offset is not None
    places = (node.lineno, node.col_offset), (node.end_lineno, node.end_col_offset)
    first, last = ((row, len(lines[row - 1].encode()[:column].decode())) for row, column in places)
    return first, last
