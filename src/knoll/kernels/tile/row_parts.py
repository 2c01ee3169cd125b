"""Parts that compute whole rows of a result: which rows each computes, and which rows of its operands it reads."""

from __future__ import annotations

from dataclasses import dataclass, replace

from knoll.graph.sizes import ceil_div


@dataclass(frozen=True)
class RowWindow:
    """The rows of an operand that row i of the result reads: `extent` of them from i · `stride` + `start` on.

    >>> RowWindow(stride=2, start=-1, extent=3).under(range(0, 2))
    range(-1, 4)
    """

    stride: int = 1
    start: int = 0
    extent: int = 1

    def under(self, rows: range) -> range:
        """The rows under some rows of the result; those outside of the image are its padding."""
        return range(rows.start * self.stride + self.start, (rows.stop - 1) * self.stride + self.start + self.extent)


@dataclass(frozen=True)
class RowParts:
    """Runs of `height` rows of a result with `rows` rows, in order, each in `groups` parts.

    `result` is the place of the result among the arrays of a kernel; `operands` are the places of the arrays that it
    reads by rows. It reads others as a whole. The last run may overlap the one before.

    >>> parts = RowParts(7, 2, 3, result=2, operands=((0, RowWindow(start=-1, extent=3)),))
    >>> parts.of_rows(range(1, 3)), parts.computed(range(9, 12))
    (range(0, 6), range(5, 7))
    """

    rows: int
    height: int
    groups: int
    result: int
    operands: tuple[tuple[int, RowWindow], ...]

    def of_longer(self, rows: int) -> RowParts:
        """The same parts in rows of images, where each row of the kernel is several of them that were joined."""
        times = rows // self.rows
        return self if times == 1 else replace(self, rows=rows, height=self.height * times)

    @property
    def runs(self) -> int:
        """How many runs of rows there are."""
        return ceil_div(self.rows, self.height)

    def of_rows(self, rows: range) -> range:
        """The parts that compute some rows; none for rows outside of the image.

        >>> RowParts(7, 2, 3, result=1, operands=()).of_rows(range(-5, -3))
        range(0, 0)
        """
        first, last = min(max(rows.start, 0) // self.height, self.runs), ceil_div(rows.stop, self.height)
        return range(first * self.groups, max(first, min(last, self.runs)) * self.groups)

    def computed(self, parts: range) -> range:
        """The rows that some parts compute."""
        first, last = parts.start // self.groups, ceil_div(parts.stop, self.groups)
        return range(max(min(first * self.height, self.rows - self.height), 0), min(last * self.height, self.rows))
