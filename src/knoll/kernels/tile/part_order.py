"""The order of parts that are polyphase components times groups of outputs times rows of tiles.

A thread gets parts that follow each other. With rows outermost it reads what it has written itself in the layer before,
but for the rows at the border of its share: what another core has written comes from that core's cache, which can be as
far away as memory. Components of a row, whose outputs lie side by side, then follow each other. With components and
groups outermost each thread reads its own weights only.
"""

from __future__ import annotations

from dataclasses import dataclass

from knoll.llvm.builder import KernelBuilder
from knoll.llvm.registers import Integer, IntRegister


@dataclass(frozen=True)
class PartOrder:
    """Whether rows are outermost or innermost, where one thread does all parts alone and where threads share them."""

    groups: int
    rows: int
    by_rows_alone: bool
    by_rows_shared: bool
    components: int = 1

    @property
    def parts(self) -> int:
        """Components times groups times rows."""
        return self.groups_of_row * self.rows

    @property
    def groups_of_row(self) -> int:
        """The groups of all components."""
        return self.components * self.groups

    def place(self, k: KernelBuilder, part: IntRegister) -> tuple[Integer, IntRegister, IntRegister]:
        """The component, the group and the row of a part. A thread is alone where its call does all parts."""
        group, row = self._group_and_row(k, part)
        return (0, group, row) if self.components == 1 else (group // self.groups, group % self.groups, row)

    def _group_and_row(self, k: KernelBuilder, part: IntRegister) -> tuple[IntRegister, IntRegister]:
        """The number of the group among those of all components, and the row."""
        by_rows = part % self.groups_of_row, part // self.groups_of_row
        by_groups = part // self.rows, part % self.rows
        if self.by_rows_alone == self.by_rows_shared:
            return by_rows if self.by_rows_alone else by_groups
        alone, shared = (by_rows, by_groups) if self.by_rows_alone else (by_groups, by_rows)
        count = k.last_part - k.first_part
        group, row = (k.where_equal(count, self.parts, a, b) for a, b in zip(alone, shared, strict=True))
        return group, row
