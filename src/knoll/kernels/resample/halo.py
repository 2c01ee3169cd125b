"""Padding in place: the halo around images is filled from the images, and a gradient's halo folded back into them.

Nothing moves but the halo. Columns are filled first and whole rows then, so that corners come along; the gradient goes
the other way round and leaves zeros.
"""

from __future__ import annotations

from dataclasses import dataclass

from knoll.kernels.kernel import Kernel
from knoll.kernels.layout.layout import Images
from knoll.llvm.builder import KernelBuilder
from knoll.llvm.registers import Integer, Pointer
from knoll.ops.axes import Padded

Pair = tuple[int, int | None]  # a place in the halo, and the place in the images that it shows, unless that is zero


@dataclass(frozen=True)
class Halo(Kernel):
    """The halo of `images`, which is as wide as `rows` and `columns` pad; with `back`, of their gradient."""

    images: Images
    rows: Padded
    columns: Padded
    back: bool = False

    @property
    def title(self) -> str:
        """What becomes of the halo, and the images."""
        return f"{'fold' if self.back else 'fill'}_halo_{self.images.c}x{self.images.h}x{self.images.w}"

    @property
    def pointers(self) -> int:
        """The images, read and written."""
        return 1

    @property
    def parts(self) -> int:
        """Blocks of channels."""
        return self.images.blocks

    def emit(self, k: KernelBuilder) -> None:
        """Samples, blocks, then the halo's columns and rows."""
        images, b = self.images, k.bytes
        with k.loop(0, k.count, name="n") as n, k.loop(k.first_part, k.last_part, name="block") as block:
            plane = k.pointers[0] + n * (images.size * b) + block * (images.plane * b)
            for step in (self._rows, self._columns) if self.back else (self._columns, self._rows):
                step(k, plane)

    def _columns(self, k: KernelBuilder, plane: Pointer) -> None:
        """A pixel at a time, beside every row of the images."""
        pairs = _pairs(self.columns, self.images.w)
        with k.loop(0, self.images.h if pairs else 0, name="i") as i:
            line = plane + i * (self.images.row * k.bytes)
            for halo, place in pairs:
                self._move(
                    k,
                    line,
                    self.images.at(0, halo),
                    None if place is None else self.images.at(0, place),
                    self.images.block,
                )

    def _rows(self, k: KernelBuilder, plane: Pointer) -> None:
        """A whole row at a time, from corner to corner."""
        left = -self.columns.before
        for halo, place in _pairs(self.rows, self.images.h):
            self._move(
                k,
                plane,
                self.images.at(halo, left),
                None if place is None else self.images.at(place, left),
                self.images.row,
            )

    def _move(self, k: KernelBuilder, plane: Pointer, halo: int, place: int | None, size: int) -> None:
        """So many neighbours into the halo, or out of it."""
        here, there = plane + halo * k.bytes, None if place is None else plane + place * k.bytes
        whole = size - size % k.lanes
        if whole:
            with k.loop(0, whole, k.lanes) as i:
                self._vector(k, here, there, i, k.lanes)
        if size % k.lanes:
            self._vector(k, here, there, whole, size % k.lanes)

    def _vector(self, k: KernelBuilder, halo: Pointer, place: Pointer | None, i: Integer, lanes: int) -> None:
        here = halo + i * k.bytes
        if self.back:
            if place is not None:
                total = k.load_lanes(place + i * k.bytes, lanes) + k.load_lanes(here, lanes)
                k.store_lanes(total, place + i * k.bytes, lanes)
            k.store_lanes(k.zero(), here, lanes)
        elif place is not None:
            k.store_lanes(k.load_lanes(place + i * k.bytes, lanes), here, lanes)


def _pairs(way: Padded, size: int) -> list[Pair]:
    """The places of the halo along one axis."""
    table = way.table(size)
    beyond = [*range(way.before), *range(way.before + size, table.results)]
    return [(place - way.before, int(table.firsts[place]) if table.counts[place] else None) for place in beyond]
