"""A scene: one drawing, and how drawings are put beside and above each other."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from knoll.draw.elements import Cell, Element, Group, Rect, Text
from knoll.draw.files import save
from knoll.draw.palette import Theme
from knoll.draw.raster import rasterised
from knoll.draw.svg import Pen, compact, document, markup
from knoll.draw.text import LABEL, TITLE, Words, said, width
from knoll.messages import Language

MARGIN = 16.0
GAP = 32.0


@dataclass(frozen=True, slots=True)
class Scene:
    """A drawing of so many pixels at reading size.

    `title` and `description` are what a screen reader says instead of the drawing.

    >>> from knoll.draw import Rect, Scene, Style
    >>> scene = Scene(40, 20, (Rect(0, 0, 40, 20, Style(fill="input")),), title="An input")
    >>> scene.svg().startswith("<svg")
    True
    """

    width: float
    height: float
    elements: tuple[Element, ...] = field(default=(), repr=False)
    title: Words = ""
    description: Words = ""

    def svg(self, theme: Theme = "auto", language: Language | None = None) -> str:
        """The drawing as SVG: for a file, an `<img>`, or the middle of an HTML page.

        `auto` follows the page's theme, else the reader's preference. Without a language, the one spoken now.

        Raises ArgumentError for another theme or language.
        """
        pen = Pen.of(theme, language)
        title, description = said(self.title, pen.language), said(self.description, pen.language)
        return document(compact(self.markup(pen)), self.size, pen, title, description)

    def png(self, scale: float = 2, theme: Theme = "light", language: Language | None = None) -> bytes:
        """The drawing as a PNG file's bytes, with so many pixels for each unit; light unless the theme is dark."""
        return rasterised(self.svg("light" if theme == "auto" else theme, language), self.size, scale)

    def save(self, path: str | os.PathLike[str], theme: Theme | None = None, language: Language | None = None) -> None:
        """Write a file of the kind that its suffix says: .svg or .png.

        Raises ArgumentError for another suffix, FileError where nothing can be written.
        """
        save(
            "Scene",
            path,
            {
                ".svg": lambda: self.svg(theme or "auto", language),
                ".png": lambda: self.png(theme=theme or "light", language=language),
            },
        )

    def _repr_svg_(self) -> str:
        return self.svg()

    @property
    def size(self) -> tuple[float, float]:
        """Width and height."""
        return self.width, self.height

    def markup(self, pen: Pen) -> list[str]:
        """The SVG text of each element."""
        return [text for element in self.elements for text in markup(element, pen)]

    def titled(self, title: Words, size: float = TITLE) -> Scene:
        """The same drawing with words above it, which are also its title."""
        wide = max(self.width, width(title, size) + 4)
        words = Text(wide / 2, size / 2 + 2, title, size)
        moved = Group(self.elements, (wide - self.width) / 2, 1.9 * size)
        return replace(self, width=wide, height=self.height + 1.9 * size, elements=(words, moved), title=title)

    def with_margin(self, margin: float = MARGIN) -> Scene:
        """The same drawing with empty paper around it."""
        moved = (Group(self.elements, margin, margin),)
        return replace(self, width=self.width + 2 * margin, height=self.height + 2 * margin, elements=moved)

    def over(self, *elements: Element) -> Scene:
        """The same drawing with elements painted over it."""
        return replace(self, elements=(*self.elements, *elements))

    def box(self, array: str, index: tuple[int, ...]) -> tuple[float, float, float, float]:
        """Where a cell of an array stands: x, y, width, height.

        Raises KeyError where the drawing has no such cell.
        """
        cell = Cell(array, index)
        for dx, dy, rect in _cells(self.elements, 0, 0):
            if rect.cell == cell:
                return rect.x + dx, rect.y + dy, rect.width, rect.height
        raise KeyError(cell)


def beside(*scenes: Scene, gap: float = GAP) -> Scene:
    """Drawings from left to right, their middles on one line.

    >>> from knoll.draw import beside, number_grid
    >>> grid = number_grid([[1, 2]])
    >>> beside(grid, grid, gap=10).width == 2 * grid.width + 10
    True
    """
    height = max((scene.height for scene in scenes), default=0)
    groups, x = [], 0.0
    for scene in scenes:
        groups.append(Group(scene.elements, x, (height - scene.height) / 2))
        x += scene.width + gap
    return Scene(max(x - gap, 0), height, tuple(groups), _first(scenes, "title"), _first(scenes, "description"))


def above(*scenes: Scene, gap: float = GAP / 2) -> Scene:
    """Drawings from top to bottom, their middles on one line.

    >>> from knoll.draw import above, number_grid
    >>> grid = number_grid([[1, 2]])
    >>> above(grid, grid, gap=10).height == 2 * grid.height + 10
    True
    """
    width = max((scene.width for scene in scenes), default=0)
    groups, y = [], 0.0
    for scene in scenes:
        groups.append(Group(scene.elements, (width - scene.width) / 2, y))
        y += scene.height + gap
    return Scene(width, max(y - gap, 0), tuple(groups), _first(scenes, "title"), _first(scenes, "description"))


def in_rows(*scenes: Scene, across: int, gap: float = GAP / 2) -> Scene:
    """Drawings in rows of so many, in cells of one size.

    >>> from knoll.draw import in_rows, number_grid
    >>> grid = number_grid([[1, 2]])
    >>> in_rows(grid, grid, grid, across=2, gap=10).width == 2 * grid.width + 10
    True
    """
    if not scenes:
        return Scene(0, 0)
    w, h = (max(sizes) + gap for sizes in zip(*(each.size for each in scenes), strict=True))
    groups = [Group(each.elements, w * (i % across), h * (i // across)) for i, each in enumerate(scenes)]
    rows = -(-len(scenes) // across)
    return Scene(w * min(across, len(scenes)) - gap, h * rows - gap, tuple(groups))


def _first(scenes: tuple[Scene, ...], name: str) -> Words:
    return next((words for scene in scenes if (words := getattr(scene, name))), "")


def _cells(elements: tuple[Element, ...], dx: float, dy: float) -> Iterator[tuple[float, float, Rect]]:
    """The rectangles that stand for cells, with how far they are moved."""
    for element in elements:
        if isinstance(element, Group):
            yield from _cells(element.elements, dx + element.dx, dy + element.dy)
        elif isinstance(element, Rect) and element.cell is not None:
            yield dx, dy, element


def noted(scene: Scene, words: Words) -> Scene:
    """The drawing with a small line of words below it."""
    wide = max(scene.width, width(words, LABEL) + 4)
    note = Text(2, scene.height + LABEL / 2, words, LABEL, "muted", "start")
    return replace(scene, width=wide, height=scene.height + 1.6 * LABEL, elements=(*scene.elements, note))
