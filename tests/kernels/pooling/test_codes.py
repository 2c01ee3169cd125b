"""Codes of winners in a pooling window: one byte or two, and which windows have any."""

from __future__ import annotations

import numpy as np
import pytest

from against_meaning import elements, machines, value
from knoll.graph import Graph, Spec, Value, Window
from knoll.kernels.layout.layout import Images
from knoll.kernels.pooling.codes import codes_of, have_codes
from knoll.machine import Machine, host
from knoll.ops.pooling.adaptive_max_pool import adaptive_max_pool2d
from knoll.ops.pooling.max_pool import max_pool2d
from knoll.ops.pooling.max_unpool import max_unpool2d
from knoll.run.build import compile_graph
from pooling import TILING, check


@machines
@elements
@pytest.mark.parametrize("kernel", [(15, 17), (16, 16)])
@pytest.mark.parametrize("stride", [1, 40])
def test_windows_of_many_taps_have_codes_of_two_bytes(
    machine: Machine, dtype: str, kernel: tuple[int, int], stride: int
) -> None:
    slide = {**TILING, "kernel": kernel, "stride": (stride, stride)}
    x = Value(Spec((2, 5, kernel[0] + 2, kernel[1] + 3), np.dtype(dtype)))
    y, index = max_pool2d.node(x, **slide).outputs
    graph = Graph((x,), (y, index, max_unpool2d(y, index, size=x.spec.shape[2:])))
    arrays = [np.random.default_rng(0).permutation(x.spec.size).reshape(x.spec.shape).astype(dtype)]
    program = check(graph, machine, arrays)
    assert [b.element for b in program.plan.buffers if b.note == "codes"] == [
        "uint8" if kernel == (15, 17) else "uint16"
    ]


def test_windows_of_too_many_taps_are_left_to_numpy() -> None:
    x = value("float32", 1, 1, 300, 300)
    assert compile_graph(Graph((x,), (adaptive_max_pool2d(x, size=(1, 1)),)), (0,), host()) is None


@pytest.mark.parametrize(("size", "bits"), [((15, 17), 8), ((16, 16), 16), ((255, 257), 16)])
def test_the_last_number_is_that_of_a_window_without_elements(size: tuple[int, int], bits: int) -> None:
    rows, columns = (Window(n) for n in size)
    codes = codes_of(rows, columns, Images(3, 4, 5, 16, ((1, 1), (1, 1))))
    assert (codes.bits, codes.none, codes.element) == (bits, 2**bits - 1, f"uint{bits}")
    assert codes.none >= size[0] * size[1]
    assert codes.images == Images(3, 4, 5, 16)
    assert have_codes(rows, columns)


def test_two_bytes_hold_no_more_elements() -> None:
    assert not have_codes(Window(256), Window(256))
    assert have_codes(Window(255), Window(257))
