"""The syntax tree of a function, if its source is at hand and is what the function was compiled from."""

from __future__ import annotations

import ast
import linecache
from collections.abc import Iterator
from functools import lru_cache
from types import CodeType, FunctionType

Definition = ast.FunctionDef


def tree_of(function: FunctionType) -> Definition | None:
    """The definition of a function; None where the source is gone, or was edited since."""
    return _tree_of(function.__code__)


@lru_cache(maxsize=1024)
def _tree_of(code: CodeType) -> Definition | None:
    linecache.checkcache(code.co_filename)
    source = "".join(linecache.getlines(code.co_filename))
    try:
        found = _definitions(code.co_filename, source).get(code.co_firstlineno, [])
    except (SyntaxError, ValueError):
        return None
    same = [tree for tree, compiled in found if _is_same(code, compiled)]
    return same[0] if len(same) == 1 else None


@lru_cache(maxsize=32)
def _definitions(name: str, source: str) -> dict[int, list[tuple[Definition, CodeType]]]:
    """The functions of a file by their first lines, and what they are compiled to."""
    tree = ast.parse(source)
    codes = list(_codes(compile(tree, name, "exec", dont_inherit=True)))
    definitions: dict[int, list[tuple[Definition, CodeType]]] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef):
            line = min([node.lineno, *(each.lineno for each in node.decorator_list)])
            pairs = [(node, code) for code in codes if (code.co_firstlineno, code.co_name) == (line, node.name)]
            definitions.setdefault(line, []).extend(pairs)
    return definitions


def _codes(code: CodeType) -> Iterator[CodeType]:
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield constant
            yield from _codes(constant)


def _is_same(one: CodeType, other: CodeType) -> bool:
    """Whether two codes do the same, names and constants included."""
    return _body(one) == _body(other) and all(
        _is_same(a, b) if isinstance(a, CodeType) and isinstance(b, CodeType) else (type(a), a) == (type(b), b)
        for a, b in zip(one.co_consts, other.co_consts, strict=True)
    )


def _body(code: CodeType) -> tuple[object, ...]:
    names = code.co_name, code.co_names, code.co_varnames, code.co_freevars
    return code.co_code, names, code.co_argcount, code.co_kwonlyargcount, len(code.co_consts)
