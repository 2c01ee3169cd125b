"""Padding in place: the halo is filled from the image; in the gradient, the halo is added to the image and zeroed.

Columns are filled before whole rows, so that corners are filled with the rows; the gradient takes the reverse order.
"""

from __future__ import annotations

from dataclasses import dataclass

from knoll.kernels.layout.halo_kernel import HaloKernel
from knoll.llvm.builder import KernelBuilder
from knoll.llvm.registers import Integer, Pointer
from knoll.ops.resample.axes import Padded

Pair = tuple[int, int | None]  # index in the halo, and the index that is copied there; None for zero


@dataclass(frozen=True)
class Halo(HaloKernel):
    """Fill the halo of `images`, as wide as the padding `rows` and `columns`; with `back`, fold that of a gradient."""

    rows: Padded
    columns: Padded
    back: bool = False

    @property
    def title(self) -> str:
        """The operation and the images."""
        return f"{'fold' if self.back else 'fill'}_halo_{self.images.c}x{self.images.h}x{self.images.w}"

    def write(self, k: KernelBuilder, plane: Pointer) -> None:
        """The halo's columns and rows."""
        for step in (self._rows, self._columns) if self.back else (self._columns, self._rows):
            step(k, plane)

    def _columns(self, k: KernelBuilder, plane: Pointer) -> None:
        """Fill or fold the columns of the halo, beside each row of the image."""
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
        """Fill or fold the rows of the halo, corners included."""
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
        """Copy `size` contiguous elements into the halo, or add them from the halo and zero it."""
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


def _pairs(padding: Padded, size: int) -> list[Pair]:
    """The indices of the halo along one axis, with their sources."""
    table = padding.table(size)
    beyond = [*range(padding.before), *range(padding.before + size, table.results)]
    return [(place - padding.before, int(table.firsts[place]) if table.counts[place] else None) for place in beyond]
