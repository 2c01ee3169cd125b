"""Columns added up to images, and windows in columns, against their meaning."""

from __future__ import annotations

from typing import Any

import numpy as np
from hypothesis import assume, given
from hypothesis import strategies as st

from against_meaning import (
    arrays_for,
    check,
    elements,
    examples,
    in_machine_code,
    machines,
    same_with_any_threads,
    value,
)
from knoll.graph import Graph
from knoll.machine import Machine, host
from knoll.ops.convolution.unfold import blocks, fold2d, unfold2d
from knoll.ops.elementwise.arithmetic import add

few = st.tuples(st.integers(1, 3), st.integers(1, 3))
slides = st.fixed_dictionaries(
    {"kernel": few, "stride": few, "padding": st.tuples(st.integers(0, 2), st.integers(0, 2)), "dilation": few}
)


@machines
@elements
@examples(4)
@given(slides, st.integers(1, 18), st.tuples(st.integers(1, 9), st.integers(1, 40)))
def test_windows_to_columns_and_back(
    machine: Machine, dtype: str, slide: dict[str, Any], channels: int, size: tuple[int, int]
) -> None:
    assume(min(blocks(size, **slide)) > 0)
    x = value(dtype, 3, channels, *size)
    check(Graph((x,), (unfold2d(x, **slide),)), machine)
    columns = value(dtype, *unfold2d(x, **slide).spec.shape)
    check(Graph((columns,), (fold2d(columns, size=size, **slide),)), machine)


def test_an_image_with_two_paddings_is_read_with_the_larger_one() -> None:
    x = value("float64", 2, 3, 5, 6)
    wide: dict[str, Any] = {"kernel": (3, 3), "stride": (1, 1), "padding": (1, 1), "dilation": (1, 1)}
    wider = {**wide, "kernel": (5, 5), "padding": (2, 2)}
    both = Graph((x,), (unfold2d(x, **wider), unfold2d(x, **wide), unfold2d(add(x, x), **wide)))
    check(both, host())


def test_results_do_not_depend_on_threads() -> None:
    slide: dict[str, Any] = {"kernel": (3, 3), "stride": (1, 1), "padding": (1, 1), "dilation": (1, 1)}
    columns = value("float32", 2, 9 * 33, 24 * 20)
    graph = Graph((columns,), (fold2d(columns, size=(24, 20), **slide),))
    program, arrays = in_machine_code(graph, (), host()), arrays_for(graph)
    (mine,) = same_with_any_threads(lambda: program.forward(arrays)[0])
    np.testing.assert_array_equal(mine, fold2d.meaning(arrays[0], size=(24, 20), **slide)[0])  # in the same order
