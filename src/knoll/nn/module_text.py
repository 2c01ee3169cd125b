"""Modules as text: a line for each module, those below it further right."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from knoll.nn.module_base import AnyModule


def module_text(module: AnyModule, usual: Callable[[Any], str]) -> str:
    """The module and all below it, without recursion: nesting has no limit.

    `usual` is the `__repr__` that prints this way; a module whose class has another one is printed by that.
    """
    lines: list[str] = []
    left: list[tuple[str, str, AnyModule | str]] = [("", "", module)]  # indent, label, and a module or the text of one
    while left:
        indent, label, what = left.pop()
        if isinstance(what, str):
            lines.append(f"{indent}{label}" + what.replace("\n", f"\n{indent}"))
            continue
        extra = what.extra_repr()
        children = [(name, _module_or_text(child, usual)) for name, child in what._modules.items()]
        start = f"{indent}{label}{what._get_name()}("
        if "\n" not in extra and not children:
            lines.append(f"{start}{extra})")
            continue
        lines += [start, *(f"{indent}  {line}" for line in extra.split("\n") if extra)]
        left.append((indent, "", ")"))
        left += [(f"{indent}  ", f"({name}): ", child) for name, child in reversed(children)]
    return "\n".join(lines)


def _module_or_text(module: AnyModule | None, usual: Callable[[Any], str]) -> AnyModule | str:
    """A module that is printed as usual, or the text of one whose class says how it is printed."""
    return module if module is not None and type(module).__repr__ is usual else repr(module)


def indented(text: str) -> str:
    """All lines but the first two spaces further right."""
    return text.replace("\n", "\n  ")
