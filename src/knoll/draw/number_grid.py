"""A grid of numbers: a matrix with its axes named, its cells marked, its padding and the windows over it."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import product

import numpy as np
from numpy.typing import ArrayLike

from knoll.draw.elements import DASHED, Cell, Element, Rect, Rects, Style, Text
from knoll.draw.matrix import Values, numbers_of, values_of
from knoll.draw.numerals import numeral
from knoll.draw.palette import CUES, Colour, Role, line_of, tint_of
from knoll.draw.scene import Scene, noted
from knoll.draw.text import LABEL, NUMBER, Words, width
from knoll.errors import ShapeError
from knoll.messages import say, sentence

Position = tuple[int, int]
Region = tuple[range, range]
"""Rows and columns of an array."""
CELL, TOP, EDGE, SHEET, LIMIT = 28.0, 20.0, 3.0, 6.0, 14


@dataclass(frozen=True, slots=True)
class Window:
    """The rows and columns that a window reads, with gaps between them where it is dilated."""

    rows: tuple[int, ...]
    columns: tuple[int, ...]
    role: Role = "kernel"


@dataclass(frozen=True, slots=True)
class Edges:
    """How many rows and columns of an array are padding."""

    top: int = 0
    bottom: int = 0
    left: int = 0
    right: int = 0


NO_PADDING = Edges()


def number_grid(
    array: ArrayLike,
    *,
    title: Words = "",
    axes: tuple[str, str] = ("h", "w"),
    role: Role = "plain",
    marks: Mapping[Position, Role] | None = None,
    padding: Edges = NO_PADDING,
    windows: Sequence[Window] = (),
    shown: ArrayLike | None = None,
    heat: bool = False,
    name: str | None = None,
    prefix: tuple[int, ...] = (),
    limit: int = LIMIT,
    focus: Position = (0, 0),
    region: Region | None = None,
    room: float = math.inf,
    indices: bool = True,
    behind: int = 0,
) -> Scene:
    """Grid of numbers: a matrix, padding included, with an index beside each row and column.

    Args:
        array: the numbers (or words), of shape (rows, columns).
        title: stands above it.
        axes: the names of rows and columns.
        role: what the whole is, which colours its cells and its outline.
        marks: what single cells are, by row and column.
        padding: how many rows and columns at each edge are padding; indices count from the first that is not.
        windows: outlines over the cells that they read.
        shown: for each cell whether its number is written; all by default.
        heat: colour each cell by its number, around zero.
        name: the array's name, by which `Scene.box` and a player find its cells.
        prefix: what stands before row and column in the index of a cell, as the output channel.
        limit: the largest number of rows and of columns; of a larger array this many around `focus` are drawn.
        focus: row and column that a cropped array keeps; it rests where they move a little.
        region: the rows and columns that are drawn, whatever their number.
        room: how wide the drawing may be; where the numbers need more, fewer columns around `focus` are drawn.
        indices: whether each row and column has its index, and the axes their names.
        behind: how many further channels lie behind it; up to three of them are seen as sheets.

    Raises ShapeError where the array is no matrix or `shown` has another shape, DTypeError where it holds no numbers.

    >>> from knoll.draw import number_grid
    >>> number_grid([[1, 2], [3, 4]], title="x", role="input").svg().count("<text")
    11
    """
    values = values_of(array, 2)
    rows, columns = region or (_part(range(size), limit, at) for size, at in zip(values.shape, focus, strict=True))
    written = np.ones(values.shape, bool) if shown is None else np.asarray(shown, bool)
    if written.shape != values.shape:
        raise ShapeError(say("draw.shown"), expected=str(values.shape), got=str(written.shape))
    largest = _largest(values) if heat else 0.0
    cells = _Cells(values, role, marks or {}, padding, tuple(windows), heat, largest)
    layout, sheets = _layout(cells, rows, columns, axes if indices else None), min(behind, 3)
    while layout.width > room and len(columns) > 1:  # fewer columns may have larger letters
        columns = _part(columns, min(layout.columns_in(room), len(columns) - 1), focus[1])
        layout = _layout(cells, rows, columns, axes if indices else None)
    elements = [
        *_sheets(layout, role, sheets),
        *_ground(cells, layout, name, prefix),
        *_meanings(cells, layout),
        *_heats(cells, layout),
        *(_number(cells, layout, at) for at in layout.positions if written[at]),
        *_outlines(cells, layout),
        *(_axes(layout, axes, padding) if indices else ()),
    ]
    scene = Scene(layout.width + SHEET * sheets, layout.height + SHEET * sheets, tuple(elements))
    scene = scene.titled(title) if title else scene
    cropped = values.shape != (len(rows), len(columns))
    return noted(scene, _omission(values, layout, padding)) if cropped or not values.size else scene


def _part(whole: range, count: int, focus: int) -> range:
    """So many of some indices, the focus and one before it among them; it moves by half of them, and rests between."""
    step = max(1, count // 2)
    start = whole.start + (focus - whole.start) // step * step - (count > 1)
    start = max(whole.start, min(start, whole.stop - count))
    return range(start, min(whole.stop, start + count))


@dataclass(frozen=True, slots=True)
class _Cells:
    """The numbers, and what each of them is."""

    values: Values
    role: Role
    marks: Mapping[Position, Role]
    padding: Edges
    windows: tuple[Window, ...]
    heat: bool
    largest: float

    def role_of(self, at: Position) -> Role:
        """What the caller marks, else part of a window, else padding, else what the whole is."""
        if at in self.marks:
            return self.marks[at]
        for window in self.windows:
            if at[0] in window.rows and at[1] in window.columns:
                return window.role
        return self.ground_of(at)

    def ground_of(self, at: Position) -> Role:
        """What a cell is where nothing marks it."""
        return "padding" if self.is_padding(at) else self.role

    def is_padding(self, at: Position) -> bool:
        (row, column), (rows, columns), edges = at, self.values.shape, self.padding
        return not (edges.top <= row < rows - edges.bottom and edges.left <= column < columns - edges.right)

    def text(self, at: Position) -> str:
        value = self.values[at]
        return str(value) if self.values.dtype.kind == "U" else numeral(value)

    def part(self, at: Position) -> float:
        """A number as a part of the largest one, from -1 to 1; 0 for what is not finite."""
        number = float(self.values[at])
        return number / self.largest if np.isfinite(number) and self.largest else 0.0


@dataclass(frozen=True, slots=True)
class _Layout:
    """Where the cells stand."""

    rows: range
    columns: range
    top: float
    left: float
    right: float
    cell: float
    size: float

    @property
    def width(self) -> float:
        return self.left + len(self.columns) * self.cell + self.right

    @property
    def height(self) -> float:
        return self.top + len(self.rows) * CELL + self.top

    def columns_in(self, room: float) -> int:
        """How many columns have room, at least one."""
        return max(1, int((room - self.left - self.right) // self.cell))

    @property
    def positions(self) -> list[Position]:
        return [(row, column) for row in self.rows for column in self.columns]

    def x(self, column: int) -> float:
        return self.left + (column - self.columns.start) * self.cell

    def y(self, row: int) -> float:
        return self.top + (row - self.rows.start) * CELL

    def rect(self, rows: range, columns: range, style: Style, inset: float = 0.0, cell: Cell | None = None) -> Rect:
        """A rectangle around the cells of these rows and columns."""
        x, y = self.x(columns.start) + inset, self.y(rows.start) + inset
        w, h = len(columns) * self.cell - 2 * inset, len(rows) * CELL - 2 * inset
        return Rect(x, y, w, h, style, cell=cell)

    def rects(self, places: Iterable[Position], style: Style, inset: float = 0.0) -> Rects:
        """A rectangle around each of these cells."""
        return Rects(tuple(self.box(row, range(column, column + 1), inset) for row, column in places), style)

    def box(self, row: int, columns: range, inset: float = 0.0) -> tuple[float, float, float, float]:
        """Where cells of a row stand: x, y, width, height."""
        return (
            self.x(columns.start) + inset,
            self.y(row) + inset,
            len(columns) * self.cell - 2 * inset,
            CELL - 2 * inset,
        )

    def has(self, at: Position) -> bool:
        return at[0] in self.rows and at[1] in self.columns


def _largest(values: Values) -> float:
    """The largest size of a finite number."""
    sizes = np.abs(numbers_of(values))
    return float(np.max(sizes, initial=0.0, where=np.isfinite(sizes)))


def _layout(cells: _Cells, rows: range, columns: range, axes: tuple[str, str] | None) -> _Layout:
    texts = [cells.text((row, column)) for row in rows for column in columns]
    widest = max((width(text, NUMBER) for text in texts), default=0.0)
    size = NUMBER if widest <= 1.9 * CELL else LABEL
    cell = max(CELL, widest * size / NUMBER + 10)
    if axes is None:
        return _Layout(rows, columns, EDGE, EDGE, EDGE, cell, size)
    left = max(width(str(rows.stop), LABEL), width(axes[0], LABEL)) + 10
    return _Layout(rows, columns, TOP, left, width(axes[1], LABEL) + 12, cell, size)


def _sheets(layout: _Layout, role: Role, count: int) -> Iterator[Rect]:
    """The sheets behind, the last one first."""
    for sheet in range(count, 0, -1):
        front = layout.rect(layout.rows, layout.columns, Style(tint_of(role), line_of(role)))
        yield replace(front, x=front.x + SHEET * sheet, y=front.y + SHEET * sheet)


def _ground(cells: _Cells, layout: _Layout, name: str | None, prefix: tuple[int, ...]) -> Iterator[Element]:
    """The cells where nothing is marked: the same in all frames of an animation, so that they are written once."""
    for at in layout.positions:
        cell = None if name is None else Cell(name, (*prefix, *at))
        tint = "paper" if cells.heat else tint_of(cells.ground_of(at))
        yield layout.rect(*_only(at), Style(tint, "grid"), cell=cell)
    padding = [at for at in layout.positions if cells.is_padding(at)]
    yield from _hatches(layout, {cells.role: [at for at in layout.positions if at not in padding], "padding": padding})


def _meanings(cells: _Cells, layout: _Layout) -> Iterator[Element]:
    """The colours and the hatches of cells that are marked or under a window, over their ground."""
    places: dict[Role, list[Position]] = {}
    for at in layout.positions:
        role = cells.role_of(at)
        if role != cells.ground_of(at):
            places.setdefault(role, []).append(at)
    if not cells.heat:
        for role, marked in places.items():
            yield layout.rects(marked, Style(tint_of(role), "grid"))
    yield from _hatches(layout, places)
    yield from _hatches(
        layout, {"padding": [at for marked in places.values() for at in marked if cells.is_padding(at)]}
    )


def _heats(cells: _Cells, layout: _Layout) -> Iterator[Rect]:
    """The colour of each cell by its number."""
    for at in layout.positions if cells.heat else ():
        part = cells.part(at)
        if part:
            colour: Colour = "positive" if part > 0 else "negative"
            yield layout.rect(*_only(at), Style(colour, opacity=0.08 + 0.4 * abs(part)), 0.5)


def _hatches(layout: _Layout, places: Mapping[Role, Sequence[Position]]) -> Iterator[Rects]:
    """The hatches of cells, of neighbours in a row as one."""
    for role, marked in places.items():
        if marked and CUES[role].hatch:
            style = Style(stroke=line_of(role), width=0, hatch=CUES[role].hatch)
            yield Rects(tuple(layout.box(row, columns) for row, columns in _runs(marked)), style)


def _runs(places: Iterable[Position]) -> Iterator[tuple[int, range]]:
    """Cells as stretches of rows."""
    stretch: tuple[int, range] | None = None
    for row, column in sorted(places):
        if stretch is not None and (row, column) == (stretch[0], stretch[1].stop):
            stretch = (row, range(stretch[1].start, column + 1))
        else:
            if stretch is not None:
                yield stretch
            stretch = (row, range(column, column + 1))
    if stretch is not None:
        yield stretch


def _only(at: Position) -> tuple[range, range]:
    """The rows and columns of one cell."""
    return range(at[0], at[0] + 1), range(at[1], at[1] + 1)


def _number(cells: _Cells, layout: _Layout, at: Position) -> Text:
    quiet = cells.role_of(at) in ("padding", "dropped", "skipped")
    x, y = layout.x(at[1]) + layout.cell / 2, layout.y(at[0]) + CELL / 2
    return Text(x, y, cells.text(at), layout.size, "muted" if quiet else "ink")


def _outlines(cells: _Cells, layout: _Layout) -> Iterator[Element]:
    """The outline of the whole, of marked cells, and of windows."""
    rows, columns = layout.rows, layout.columns
    inside = (
        _inner(rows, cells.values.shape[0], cells.padding.top, cells.padding.bottom),
        _inner(columns, cells.values.shape[1], cells.padding.left, cells.padding.right),
    )
    if all(inside) and cells.role != "plain":
        yield layout.rect(*inside, _outline(cells.role))
    for window in cells.windows:
        yield from _window(window, layout)
    for role in dict.fromkeys(cells.marks.values()):
        marked = [at for at, own in cells.marks.items() if own == role and layout.has(at)]
        if marked and CUES[role].width > 1:
            yield layout.rects(marked, _outline(role), inset=1)
            if CUES[role].double:
                yield layout.rects(marked, Style(stroke=line_of(role)), inset=4)


def _outline(role: Role) -> Style:
    return Style(stroke=line_of(role), width=CUES[role].width, dash=DASHED if CUES[role].dashed else ())


def _inner(drawn: range, size: int, before: int, after: int) -> range:
    return range(max(drawn.start, before), min(drawn.stop, size - after))


def _window(window: Window, layout: _Layout) -> Iterator[Element]:
    """One outline; where the window has gaps, one around each cell that it reads and a dashed one around all."""
    rows = [row for row in window.rows if row in layout.rows]
    columns = [column for column in window.columns if column in layout.columns]
    if not rows or not columns:
        return
    around = (range(min(rows), max(rows) + 1), range(min(columns), max(columns) + 1))
    gaps = len(rows) < len(around[0]) or len(columns) < len(around[1])
    yield layout.rect(
        *around, Style(stroke=line_of(window.role), width=1.5 if gaps else 3, dash=DASHED if gaps else ())
    )
    if gaps:
        yield layout.rects(product(rows, columns), Style(stroke=line_of(window.role), width=2), inset=1)


def _axes(layout: _Layout, axes: tuple[str, str], padding: Edges) -> Iterator[Element]:
    """An index at each row and column, and the names of the axes."""
    for row in layout.rows:
        yield Text(layout.left - 8, layout.y(row) + CELL / 2, numeral(row - padding.top), LABEL, "muted", "end")
    for column in layout.columns:
        middle = layout.x(column) + layout.cell / 2
        yield Text(middle, TOP / 2 - 1, numeral(column - padding.left), LABEL, "muted")
    yield Text(layout.left - 8, layout.height - TOP / 2 + 1, axes[0], LABEL, "ink", "end")
    yield Text(layout.x(layout.columns.stop) + 8, TOP / 2 - 1, axes[1], LABEL, "ink", "start")


def _omission(values: Values, layout: _Layout, padding: Edges) -> Words:
    """What is left out, by the indices that stand beside rows and columns."""
    rows, columns = values.shape[0] - padding.top - padding.bottom, values.shape[1] - padding.left - padding.right
    if not values.size:
        return sentence("draw.empty", rows=rows, columns=columns)
    (top, bottom), (left, right) = (
        (numeral(kept.start - before), numeral(kept.stop - 1 - before))
        for kept, before in ((layout.rows, padding.top), (layout.columns, padding.left))
    )
    if len(layout.rows) == values.shape[0]:
        return sentence("draw.cropped_columns", left=left, right=right, columns=columns)
    if len(layout.columns) == values.shape[1]:
        return sentence("draw.cropped_rows", top=top, bottom=bottom, rows=rows)
    return sentence("draw.cropped", top=top, bottom=bottom, rows=rows, left=left, right=right, columns=columns)
