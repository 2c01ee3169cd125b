"""Column and Table: what a case has found, as plain numbers, and how each column is written."""

from __future__ import annotations

from dataclasses import dataclass

from knoll.messages import say

Value = str | float | None
Row = dict[str, Value]


@dataclass(frozen=True)
class Column:
    """One value of every row: its key, how many of its unit make one as written, its format."""

    key: str
    scale: float = 1
    form: str = ".2f"

    @property
    def is_text(self) -> bool:
        """Whether it holds names and not numbers."""
        return self.key in ("rival", "layer", "network", "best_name")

    @property
    def heading(self) -> str:
        """What stands above it."""
        return say(f"bench.column_{self.key}")

    def text(self, row: Row) -> str:
        """The value as written; a dash where there is none."""
        value = row.get(self.key)
        if value is None:
            return "–"
        return value if isinstance(value, str) else format(value * self.scale, self.form)


RIVAL = Column("rival")


@dataclass(frozen=True)
class Table:
    """The result of one case: rows with their raw values (seconds, bytes), and who could not take part and why."""

    case: str
    title: str
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    failed: dict[str, str]
