"""HTML of the lab's views, written element by element; whatever is no element already is escaped."""

from __future__ import annotations

import json
from dataclasses import replace
from html import escape

from knoll.document import Line
from knoll.document.html import inline
from knoll.document.inline import letters
from knoll.draw import Scene
from knoll.messages import Sentence, language

VOID = frozenset({"img", "input", "br"})


class Html(str):
    """Text that is HTML already."""

    __slots__ = ()


def element(tag: str, *content: Html, **attributes: str | float | bool | None) -> Html:
    """An element with its content; an attribute that is False or None is left out, one that is True has no value.

    `_` in the name of an attribute stands for a hyphen, one at its end is dropped.

    >>> element("button", text("a < b"), type="button", data_row=3, disabled=True, title=None)
    '<button type="button" data-row="3" disabled>a &lt; b</button>'
    """
    written = []
    for name, value in attributes.items():
        if value is not None and value is not False:
            key = name.rstrip("_").replace("_", "-")
            written.append(f" {key}" if value is True else f' {key}="{escape(str(value))}"')
    begin = f"<{tag}{''.join(written)}>"
    return Html(begin if tag in VOID else f"{begin}{''.join(content)}</{tag}>")


def text(line: Line) -> Html:
    """Words in the language spoken now."""
    return Html(inline(line, language()))


def letter_for_letter(code: str) -> Html:
    """Code, with its spaces and the ends of its lines."""
    return element("code", Html(escape(code)))


def joined(*parts: Html) -> Html:
    """Elements one after the other."""
    return Html("".join(parts))


def change(**options: str | int) -> str:
    """What an element changes in the setting when it is chosen: the value of its `data-set`."""
    return json.dumps({name: str(value) for name, value in options.items()}, ensure_ascii=False)


def fold(name: str, summary: Line, *content: Html, is_open: bool = False, of_class: str | None = None) -> Html:
    """Elements below a line of words, which fold; `name` is how the page remembers whether they are open."""
    return element("details", element("summary", text(summary)), *content, id=name, open=is_open, class_=of_class)


def scrolled(content: Html, words: Line, tag: str = "div", of_class: str = "scroll") -> Html:
    """What may be wider or higher than its place; a screen reader tells the words, the keyboard scrolls it."""
    return element(tag, content, class_=of_class, role="region", tabindex="0", aria_label=plain_text(words))


def figure(scene: Scene, words: Sentence) -> Html:
    """A drawing that scrolls where it is too wide; a screen reader tells the words."""
    return element("figure", scrolled(Html(replace(scene, title=words).svg()), words))


def plain_text(line: Line) -> str:
    """Words in the language spoken now, for an attribute."""
    return letters(line, language())
