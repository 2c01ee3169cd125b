"""The directive that takes rows of the table of deviations: nothing of it is written twice.

```{deviations}
random numbers                     the beginnings of the first cells of the rows
```
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from pathlib import Path

from babel.messages.pofile import read_po
from directives import Computed
from docutils import nodes
from sphinx.application import Sphinx
from sphinx.errors import ExtensionError
from sphinx.util.typing import ExtensionMetadata

TABLE = Path(__file__).parent / "deviations.md"
CHINESE = Path(__file__).parent / "locale" / "zh_CN" / "LC_MESSAGES" / "deviations.po"


@cache
def _chinese() -> dict[str, str]:
    if not CHINESE.exists():
        return {}
    with CHINESE.open("rb") as file:
        return {str(message.id): str(message.string) for message in read_po(file) if message.id and message.string}


class DeviationsDirective(Computed):
    """Some rows of the table, in the language of the page."""

    def nodes(self) -> Iterator[nodes.Node]:
        """The table; none of it is looked up in the catalogue of the page."""
        self.env.note_dependency(str(TABLE))
        header, rule, *rows = [line for line in TABLE.read_text(encoding="utf-8").splitlines() if line.startswith("|")]
        lines = [self._said(header), rule, *(self._said(self._row(wanted, rows)) for wanted in self.content if wanted)]
        for node in self.parse_text_to_nodes("\n".join(lines)):
            for element in node.findall(nodes.TextElement):
                element.source = None
            yield node

    def _row(self, wanted: str, rows: list[str]) -> str:
        found = [row for row in rows if row.startswith(f"| {wanted}")]
        if len(found) != 1:
            raise ExtensionError(f"{self.get_location()}: {len(found)} deviations begin with {wanted!r}")
        return found[0]

    def _said(self, row: str) -> str:
        if self.spoken == "en":
            return row
        cells = [cell.strip() for cell in row.strip("| ").split(" | ")]
        return f"| {' | '.join(_chinese().get(cell, cell) for cell in cells)} |"


def setup(app: Sphinx) -> ExtensionMetadata:
    """Tell Sphinx the directive."""
    app.add_directive("deviations", DeviationsDirective)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
