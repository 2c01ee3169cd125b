"""Elements as SVG text.

The same elements give the same text, byte for byte. Each shape carries its colour of light paper as an attribute, which
every program understands; where CSS variables are understood too, `auto` follows the page's theme or the reader's
preference. Classes and ids begin with a hash of the content, so that many drawings can stand in one HTML page.
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import lru_cache
from html import escape
from itertools import groupby
from string import ascii_lowercase
from typing import cast, get_args

from knoll.draw.elements import Circle, Element, Group, Image, Leaf, Line, Path, Rect, Rects, Style, Text
from knoll.draw.palette import DARK, LIGHT, Colour, Hatch, Theme
from knoll.draw.text import BODY, FONTS, said
from knoll.errors import ArgumentError
from knoll.messages import LANGUAGES, Language, say
from knoll.messages import language as language_spoken

NAME = "\x00"  # stands for the name of the drawing until its content, which the name is a hash of, is written
_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_HATCHES: dict[Hatch, str] = {
    "lines": "M-2 2L2 -2M-2 10L10 -2M6 10L10 6",
    "cross": "M0 0L8 8M0 8L8 0",
    "dots": "M2 4h4",
}
_WEIGHTS: dict[Hatch, tuple[float, float]] = {"lines": (1, 0.55), "cross": (1, 0.55), "dots": (4, 0.18)}
"""Width and opacity of the strokes of a hatch; dots are large and pale, so that none is read as a decimal point."""
_PLAIN = re.compile(
    r'<(?P<rect>rect) x="(?P<x>[^"]*)" y="(?P<y>[^"]*)" width="(?P<w>[^"]*)" height="(?P<h>[^"]*)"'
    r'(?P<style>(?: (?:class|fill|stroke|stroke-width)="[^"]*")*)/>'
    r'|<(?P<text>text) x="[^"]*" y="[^"]*"(?P<look>[^>]*)>[^<]*</text>'
)
_PAINT = {"f": "fill", "s": "stroke"}
_LETTERS: dict[Colour, str] = dict(zip(LIGHT, ascii_lowercase, strict=False))  # how a class names a colour
_LIGHT_PAGES = ("[data-theme=light]", "[data-jp-theme-light=true]", ".vscode-light")
_DARK_PAGES = ("[data-theme=dark]", "[data-jp-theme-light=false]", ".vscode-dark")


def number(value: float) -> str:
    """A coordinate with at most two decimals.

    >>> number(3.0), number(-0.001), number(1.255)
    ('3', '0', '1.25')
    """
    text = f"{value:.2f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


def clean(text: str) -> str:
    """The text as XML can hold it."""
    return escape(_FORBIDDEN.sub("\ufffd", text))


@dataclass(frozen=True, slots=True)
class Pen:
    """What all elements of a drawing are written with, and how far the ones in a group are moved.

    `cells` are the names of those that a player has to find; None for all that have a name.
    """

    theme: Theme
    language: Language
    dx: float = 0.0
    dy: float = 0.0
    cells: frozenset[str] | None = None

    @classmethod
    def of(cls, theme: Theme, language: Language | None, cells: Iterable[str] | None = None) -> Pen:
        """The pen of a theme and a language, else the language spoken now.

        Raises ArgumentError where there is no such theme or language.
        """
        spoken = language or language_spoken()
        for name, got, known in (("theme", theme, get_args(Theme)), ("language", spoken, LANGUAGES)):
            if got not in known:
                raise ArgumentError(say("draw.unknown", name=name), expected=" / ".join(known), got=repr(got))
        return cls(theme, spoken, cells=None if cells is None else frozenset(cells))

    def at(self, x: float, y: float) -> tuple[str, str]:
        """A point where it stands in the whole."""
        return number(x + self.dx), number(y + self.dy)


def markup(element: Element, pen: Pen) -> list[str]:
    """The text of each leaf in the order of painting; a group with a link is one leaf."""
    if not isinstance(element, Group):
        return [_leaf(element, pen)]
    moved = replace(pen, dx=pen.dx + element.dx, dy=pen.dy + element.dy)
    inner = [text for child in element.elements for text in markup(child, moved)]
    return inner if element.link is None else [f'<a href="{clean(element.link)}">{"".join(inner)}</a>']


def compact(texts: Iterable[str]) -> str:
    """Leaves one after the other: what neighbours have in common is written once.

    Rectangles that look alike are one path, texts of one size and colour one group.

    >>> compact([f'<rect x="{x}" y="0" width="2" height="1" fill="red"/>' for x in (0, 2)])
    '<path fill="red" d="M0 0h2v1h-2zM2 0h2v1h-2z"/>'
    """
    return "".join(_joined(look, [*group]) for look, group in groupby(texts, _look))


def _look(text: str) -> tuple[str, str] | None:
    """The element and the attributes of a leaf that may be written together with its neighbours."""
    found = _PLAIN.fullmatch(text)
    return None if found is None else (found["rect"] or found["text"], found["style"] or found["look"] or "")


def _joined(look: tuple[str, str] | None, texts: list[str]) -> str:
    if look is None or len(texts) == 1 or not look[1]:
        return "".join(texts)
    found = [match for text in texts if (match := _PLAIN.fullmatch(text))]
    if look[0] == "rect":
        boxes = (each["x"] + " " + each["y"] + "h{w}v{h}h-{w}z".format(**each.groupdict()) for each in found)
        return f'<path{look[1]} d="M{"M".join(boxes)}"/>'
    return f"<g{look[1]}>{''.join(text.replace(look[1], '', 1) for text in texts)}</g>"


def document(body: str, size: tuple[float, float], pen: Pen, title: str, description: str, rules: str = "") -> str:
    """A whole SVG of written elements; `rules` are further lines of CSS."""
    w, h = map(number, size)
    body = paper(size, pen) + body
    told = "".join(f"<{tag}>{clean(text)}</{tag}>" for tag, text in (("title", title), ("desc", description)) if text)
    css = (_theme_rules(body) if pen.theme == "auto" else "") + rules
    style = f"<style>{css}</style>" if css else ""
    text = (
        f'<svg xmlns="http://www.w3.org/2000/svg" class="{NAME}" viewBox="0 0 {w} {h}" width="{w}" height="{h}" '
        f'role="img" lang="{"zh-CN" if pen.language == "zh" else "en"}" style="max-width:100%;height:auto" '
        f'font-family="{FONTS}" font-size="{number(BODY)}" text-anchor="middle" '
        f'fill="{colour_of("ink", pen.theme)}">{told}{style}{_patterns(body, pen.theme)}{body}</svg>'
    )
    return text.replace(NAME, "k" + hashlib.sha256(text.encode()).hexdigest()[:8])


def paper(size: tuple[float, float], pen: Pen) -> str:
    """The sheet behind a drawing."""
    return _rect(Rect(0, 0, *size, Style(fill="paper")), pen)


def colour_of(colour: Colour, theme: Theme) -> str:
    """The colour as hexadecimal digits; that of light paper where the reader chooses."""
    return (DARK if theme == "dark" else LIGHT)[colour]


def _leaf(leaf: Leaf, pen: Pen) -> str:
    match leaf:
        case Rect():
            return _rect(leaf, pen)
        case Rects():
            return _shape(f'path d="{"".join(_box(box, pen) for box in leaf.boxes)}"', leaf.style, pen.theme)
        case Text():
            return _text(leaf, pen)
        case Line():
            return _path(Path(((leaf.x1, leaf.y1), (leaf.x2, leaf.y2)), leaf.style), pen)
        case Path():
            return _path(leaf, pen)
        case Circle():
            x, y = pen.at(leaf.x, leaf.y)
            return _shape(f'circle cx="{x}" cy="{y}" r="{number(leaf.radius)}"', leaf.style, pen.theme)
        case Image():
            return _image(leaf, pen)


def _rect(leaf: Rect, pen: Pen) -> str:
    x, y = pen.at(leaf.x, leaf.y)
    radius = f' rx="{number(leaf.radius)}"' if leaf.radius else ""
    found = leaf.cell is not None and (pen.cells is None or str(leaf.cell) in pen.cells)
    cell = f' data-cell="{clean(str(leaf.cell))}"' if found else ""
    size = f'width="{number(leaf.width)}" height="{number(leaf.height)}"'
    return _shape(f'rect x="{x}" y="{y}" {size}{radius}{cell}', leaf.style, pen.theme)


def _box(box: tuple[float, float, float, float], pen: Pen) -> str:
    x, y = pen.at(*box[:2])
    w, h = map(number, box[2:])
    return f"M{x} {y}h{w}v{h}h-{w}z"


def _path(leaf: Path, pen: Pen) -> str:
    points = "L".join(" ".join(pen.at(x, y)) for x, y in leaf.points)
    return _shape(f'path d="M{points}{"Z" if leaf.closed else ""}"', leaf.style, pen.theme)


def _text(leaf: Text, pen: Pen) -> str:
    x, y = pen.at(leaf.x, leaf.y + 0.36 * leaf.size)
    size = "" if leaf.size == BODY else f' font-size="{number(leaf.size)}"'
    anchor = "" if leaf.anchor == "middle" else f' text-anchor="{leaf.anchor}"'
    paint = "" if leaf.colour == "ink" else _colours(Style(fill=leaf.colour), pen.theme)
    return f'<text x="{x}" y="{y}"{size}{anchor}{paint}>{clean(said(leaf.words, pen.language))}</text>'


def _image(leaf: Image, pen: Pen) -> str:
    x, y = pen.at(leaf.x, leaf.y)
    size = f'width="{number(leaf.width)}" height="{number(leaf.height)}" preserveAspectRatio="none"'
    crisp = ' style="image-rendering:pixelated" image-rendering="optimizeSpeed"' if leaf.crisp else ""
    data = base64.b64encode(leaf.png).decode()
    return f'<image x="{x}" y="{y}" {size}{crisp} href="data:image/png;base64,{data}"/>'


def _shape(shape: str, style: Style, theme: Theme) -> str:
    """A shape with its colours; a hatch lies over it as a second shape."""
    opacity = f' opacity="{number(style.opacity)}"' if style.opacity != 1 else ""
    seen = style.fill is not None or style.width > 0
    written = f"<{shape}{_colours(style, theme)}{opacity}/>" if seen else ""
    if style.hatch is None:
        return written
    over = re.sub(r' data-cell="[^"]*"', "", shape)
    return f'{written}<{over} fill="url(#{NAME}-{style.hatch}-{style.stroke or "muted"})"/>'


@lru_cache(1024)
def _colours(style: Style, theme: Theme) -> str:
    """The attributes of a shape that say how it looks."""
    classes, attributes = [], []
    for name, letter, colour in (("fill", "f", style.fill), ("stroke", "s", style.stroke)):
        if colour is not None:
            classes.append(letter + _LETTERS[colour])
            attributes.append(f' {name}="{colour_of(colour, theme)}"')
    if style.fill is None:
        attributes.append(' fill="none"')
    if style.stroke is not None and style.width != 1:
        attributes.append(f' stroke-width="{number(style.width)}"')
    if style.dash:
        attributes.append(f' stroke-dasharray="{" ".join(map(number, style.dash))}"')
    named = f' class="{" ".join(classes)}"' if classes and theme == "auto" else ""
    return named + "".join(attributes)


def _patterns(body: str, theme: Theme) -> str:
    """The hatches that the body uses."""
    used = sorted(set(re.findall(rf"url\(#{NAME}-(lines|cross|dots)-([a-z-]+)\)", body)))
    if not used:
        return ""
    made = [
        f'<pattern id="{NAME}-{hatch}-{colour}" width="8" height="8" patternUnits="userSpaceOnUse">'
        + _shape(
            f'path d="{_HATCHES[hatch]}" stroke-opacity="{_WEIGHTS[hatch][1]}"', _hatch_style(hatch, colour), theme
        )
        + "</pattern>"
        for hatch, colour in cast("list[tuple[Hatch, Colour]]", used)
    ]
    return f"<defs>{''.join(made)}</defs>"


def _hatch_style(hatch: Hatch, colour: Colour) -> Style:
    return Style(stroke=colour, width=_WEIGHTS[hatch][0])


def _theme_rules(body: str) -> str:
    """The colours that the body uses as variables, and which of the two values each has where."""
    classes = sorted(set(re.findall(r"\b[fs][a-z]\b", " ".join(re.findall(r'class="([^"]*)"', body)))))
    hatched = set(re.findall(rf"url\(#{NAME}-(?:lines|cross|dots)-([a-z-]+)\)", body))
    classes = sorted({*classes, *(f"s{_LETTERS[cast('Colour', colour)]}" for colour in hatched)})
    here, colours = f".{NAME}", {letter: colour for colour, letter in _LETTERS.items()}
    used = sorted({"ink", "paper", *(colours[name[1]] for name in classes)})
    light, dark = (";".join(f"--{name}:{values[name]}" for name in used) for values in (LIGHT, DARK))
    paint = "".join(f"{here} .{name}{{{_PAINT[name[0]]}:var(--{colours[name[1]]})}}" for name in classes)
    light_pages, dark_pages = (",".join(f"{page} {here}" for page in pages) for pages in (_LIGHT_PAGES, _DARK_PAGES))
    return (
        f"@supports(--a:0){{{here}{{{light};fill:var(--ink)}}@media(prefers-color-scheme:dark){{{here}{{{dark}}}}}"
        f"{light_pages}{{{light}}}{dark_pages}{{{dark}}}{paint}}}"
    )
