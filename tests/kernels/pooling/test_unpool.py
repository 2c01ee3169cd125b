"""The way back of max pooling by the codes of winners, against its meaning."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from against_meaning import elements, examples, machines, value
from knoll.graph import Graph
from knoll.machine import Machine
from knoll.ops.elementwise.arithmetic import add
from knoll.ops.pooling.adaptive_max_pool import adaptive_max_pool2d
from knoll.ops.pooling.max_pool import max_pool2d
from knoll.ops.pooling.max_unpool import max_unpool2d
from pooling import check, shapes, slides


@machines
@elements
@examples(4)
@given(shapes, slides(dilated=False))
def test_pooled_and_unpooled_in_one_program(machine: Machine, dtype: str, shape: Any, case: Any) -> None:
    """Whatever the windows: where they overlap, the last of several values stays."""
    x = value(dtype, *shape, *case[1])
    y, index = max_pool2d.node(x, **case[0]).outputs
    z = value(dtype, *y.spec.shape)
    back = max_unpool2d(add(y, z), index, size=case[1])
    check(Graph((x, z), (back,)), machine)
    check(Graph((x, z), (back, index, y)), machine)


@machines
@examples(5)
@given(shapes, slides(dilated=False), st.integers(0, 3))
def test_unpooled_to_a_larger_image(machine: Machine, shape: Any, case: Any, more: int) -> None:
    """Indices then name other places; they are made, and no longer codes."""
    x = value("float32", *shape, *case[1])
    y, index = max_pool2d.node(x, **case[0]).outputs
    check(Graph((x,), (max_unpool2d(y, index, size=(case[1][0], case[1][1] + more)),)), machine)


@machines
def test_adaptive_windows_may_be_undone_too(machine: Machine) -> None:
    x = value("float32", 2, 5, 7, 10)
    y, index = adaptive_max_pool2d.node(x, size=(3, 4)).outputs
    check(Graph((x,), (max_unpool2d(y, index, size=(7, 10)),)), machine)
