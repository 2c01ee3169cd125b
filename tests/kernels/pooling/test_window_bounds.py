"""Which elements a pooling window sees, worked out while a kernel runs, against the windows themselves."""

from __future__ import annotations

import numpy as np
import pytest

from knoll.graph import AdaptiveWindow, AnyWindow, Window
from knoll.kernels.pooling.window_bounds import MAX_TAPS, fits_registers, taps_inside, window_start, windows_tile
from knoll.llvm.builder import KernelBuilder
from knoll.llvm.registers import Register
from knoll.machine import host
from single_kernel import emitted

SIZE = 9
AXES: list[AnyWindow] = [
    Window(3, 2), Window(3, 1, 1, 1), Window(2, 3, 1, 0, ceil=True), Window(3, 2, 2, 2, dilation=2), Window(9),
    AdaptiveWindow(SIZE, 4), AdaptiveWindow(SIZE, 12), AdaptiveWindow(SIZE, 3),
]  # fmt: skip


@pytest.mark.parametrize("axis", AXES, ids=repr)
def test_taps_are_those_that_the_window_sees(axis: AnyWindow) -> None:
    seen = axis.seen() if isinstance(axis, AdaptiveWindow) else axis.seen(SIZE)
    found = np.empty((len(seen), 3), np.int64)

    def write(k: KernelBuilder) -> None:
        with k.loop(0, k.count) as position:
            start = window_start(axis, position)
            for place, number in enumerate((start, *taps_inside(k, axis, position, start, SIZE))):
                k.store(Register(k, "i64", str(number)), k.pointers[0] + position * 24 + 8 * place)

    emitted(host(), "float32", write, found, count=len(seen))
    taps = [[start + tap * axis.dilation for tap in range(first, last)] for start, first, last in found.tolist()]
    assert taps == [[place for place in row if place >= 0] for row in seen.tolist()]


def test_windows_side_by_side_tile_and_few_taps_fit_registers() -> None:
    even, overlapping = Window(2, 2), Window(3, 2)
    assert windows_tile(even, even)
    assert not windows_tile(even, overlapping)
    assert not windows_tile(even, Window(2, 2, ceil=True))
    assert not windows_tile(even, AdaptiveWindow(8, 4))
    assert fits_registers(Window(4), Window(MAX_TAPS // 4))
    assert not fits_registers(Window(4), Window(MAX_TAPS // 4 + 1))
