"""Pooling, its indices and its way back in machine code against their meaning."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from against_meaning import elements, examples, machines, value
from knoll.errors import ShapeError
from knoll.graph import Graph
from knoll.machine import Machine
from knoll.ops.pooling.adaptive_max_pool import adaptive_max_pool2d
from knoll.ops.pooling.max_pool import max_pool2d
from knoll.ops.pooling.max_unpool import max_unpool2d
from knoll.run.build import build, compile_graph
from pooling import TILING, arrays_for, check, shapes, slides


@machines
@elements
@examples(4)
@given(shapes, slides())
def test_values_and_indices(machine: Machine, dtype: str, shape: Any, case: Any) -> None:
    x = value(dtype, *shape, *case[1])
    check(Graph((x,), max_pool2d.node(x, **case[0]).outputs), machine)


@machines
@elements
@examples(4)
@given(shapes, st.tuples(st.integers(1, 12), st.integers(1, 12)), st.tuples(st.integers(1, 14), st.integers(1, 14)))
def test_adaptive_pooling(machine: Machine, dtype: str, shape: Any, image: Any, size: Any) -> None:
    x = value(dtype, *shape, *image)
    node = adaptive_max_pool2d.node(x, size=size)
    check(Graph((x,), node.outputs), machine)
    check(Graph((x,), node.outputs[:1]), machine)


@machines
def test_what_is_no_number_wins_and_is_found(machine: Machine) -> None:
    inf, nan = np.inf, np.nan
    rows = [[1, nan, 2, nan], [-inf] * 4, [-inf, nan, inf, 1], [3, 3, 1, 3], [-0.0, 0.0, 0.0, -0.0]]
    array = np.array(rows, np.float32).reshape(1, 5, 1, 4)
    x = value("float32", 1, 5, 1, 4)
    for slide in ({"kernel": (1, 4)}, {"kernel": (1, 2), "stride": (1, 1), "padding": (0, 1)}, {"kernel": (1, 2)}):
        node = max_pool2d.node(x, **{**TILING, "stride": slide["kernel"], **slide})
        check(Graph((x,), node.outputs), machine, [array])


@machines
def test_windows_that_see_only_padding(machine: Machine) -> None:
    x = value("float32", 2, 3, 1, 3)
    slide = {"kernel": (2, 2), "stride": (1, 1), "padding": (1, 1), "dilation": (2, 2), "ceil": False}
    y, index = max_pool2d.node(x, **slide).outputs
    program = check(Graph((x,), (y, index)), machine)
    assert -1 in program.forward(arrays_for(program.graph)[:1])[0][1]
    unpooled = Graph((x,), (max_unpool2d(y, index, size=(1, 3)),))
    assert compile_graph(unpooled, (0,), machine) is None
    with pytest.raises(ShapeError, match="invalid max index: -1"):
        build(unpooled, (0,), machine).forward(arrays_for(unpooled))


@machines
def test_one_program_serves_every_batch(machine: Machine) -> None:
    programs = set()
    for n in (1, 2, 17):
        x = value("float32", n, 5, 6, 6)
        y, index = max_pool2d.node(x, **TILING).outputs
        programs.add(check(Graph((x,), (y, index, max_unpool2d(y, index, size=(6, 6)))), machine))
    assert len(programs) == 1
