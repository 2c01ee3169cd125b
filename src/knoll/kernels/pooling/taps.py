"""Which elements of an axis a pooling window sees, worked out while a kernel runs; its taps are counted from 0."""

from __future__ import annotations

from knoll.graph import AdaptiveWindow, AnyWindow, Window
from knoll.llvm.builder import KernelBuilder
from knoll.llvm.registers import Integer, IntRegister

MAX_TAPS = 16  # more than this many pixels of a window are not worth holding in registers


def begin(axis: AnyWindow, position: IntRegister) -> IntRegister:
    """Where a window begins; in the padding that is before the first element."""
    if isinstance(axis, AdaptiveWindow):
        return position * axis.size // axis.count
    return position * axis.stride - axis.before


def inside(
    k: KernelBuilder, axis: AnyWindow, position: IntRegister, start: IntRegister, size: int
) -> tuple[Integer, Integer]:
    """The taps of a window beginning at `start` that lie on an axis of `size`: from the first up to the last."""
    if isinstance(axis, AdaptiveWindow):
        return 0, ((position + 1) * axis.size + (axis.count - 1)) // axis.count - start
    if axis.before == 0 and axis.after == 0 and not axis.ceil:
        return 0, axis.kernel
    d = axis.dilation
    missing = k.maximum(0 - start, 0)
    first = k.minimum((missing + (d - 1)) // d, axis.kernel)
    reach = k.maximum(size - start, 0)
    return first, k.minimum((reach + (d - 1)) // d, axis.kernel)


def tile(rows: AnyWindow, columns: AnyWindow) -> bool:
    """Whether windows stand side by side, all of them inside."""
    return all(isinstance(axis, Window) and axis.is_tiling and not axis.ceil for axis in (rows, columns))


def few(rows: AnyWindow, columns: AnyWindow) -> bool:
    """Whether the taps of a window fit the registers."""
    return rows.kernel * columns.kernel <= MAX_TAPS
