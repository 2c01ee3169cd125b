"""The order of parts that are groups of outputs times rows of tiles.

A thread gets parts that follow each other. With rows outermost it reads what it has written itself in the layer before,
but for the rows at the border of its share: what another core has written comes from that core's cache, which can be as
far away as memory. With groups outermost each thread reads its own weights only.
"""

from __future__ import annotations

from dataclasses import dataclass

from knoll.llvm.builder import KernelBuilder
from knoll.llvm.registers import IntRegister


@dataclass(frozen=True)
class PartOrder:
    """Whether rows or groups are outermost, where one thread does all parts alone and where threads share them."""

    groups: int
    rows: int
    by_rows_alone: bool
    by_rows_shared: bool

    @property
    def parts(self) -> int:
        """Groups times rows."""
        return self.groups * self.rows

    def place(self, k: KernelBuilder, part: IntRegister, total: int) -> tuple[IntRegister, IntRegister]:
        """The group and the row of a part. A thread is alone where its call does all parts of the kernel, `total`."""
        by_rows = part % self.groups, part // self.groups
        by_groups = part // self.rows, part % self.rows
        if self.by_rows_alone == self.by_rows_shared:
            return by_rows if self.by_rows_alone else by_groups
        alone, shared = (by_rows, by_groups) if self.by_rows_alone else (by_groups, by_rows)
        count = k.last_part - k.first_part
        group, row = (k.where_equal(count, total, a, b) for a, b in zip(alone, shared, strict=True))
        return group, row
