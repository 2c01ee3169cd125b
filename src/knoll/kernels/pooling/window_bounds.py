"""Bounds of pooling windows, computed at run time. Taps of a window are numbered from 0."""

from __future__ import annotations

from knoll.graph import AdaptiveWindow, AnyWindow, Window
from knoll.llvm.builder import KernelBuilder
from knoll.llvm.registers import Integer, IntRegister

MAX_TAPS = 16  # larger windows are not unrolled


def window_start(axis: AnyWindow, position: IntRegister) -> IntRegister:
    """The first element of a window; negative in the padding."""
    if isinstance(axis, AdaptiveWindow):
        return position * axis.size // axis.count
    return position * axis.stride - axis.before


def taps_inside(
    k: KernelBuilder, axis: AnyWindow, position: IntRegister, start: IntRegister, size: int
) -> tuple[Integer, Integer]:
    """The range of taps, end excluded, of a window beginning at `start` that are inside an axis of `size` elements."""
    if isinstance(axis, AdaptiveWindow):
        return 0, ((position + 1) * axis.size + (axis.count - 1)) // axis.count - start
    if axis.before == 0 and axis.after == 0 and not axis.ceil:
        return 0, axis.kernel
    d = axis.dilation
    missing = k.maximum(0 - start, 0)
    first = k.minimum((missing + (d - 1)) // d, axis.kernel)
    reach = k.maximum(size - start, 0)
    return first, k.minimum((reach + (d - 1)) // d, axis.kernel)


def windows_tile(rows: AnyWindow, columns: AnyWindow) -> bool:
    """Whether windows tile the image: adjacent, without padding, none over the border."""
    return all(isinstance(axis, Window) and axis.is_tiling and not axis.ceil for axis in (rows, columns))


def fits_registers(rows: AnyWindow, columns: AnyWindow) -> bool:
    """Whether a window is small enough to be unrolled."""
    return rows.kernel * columns.kernel <= MAX_TAPS
