"""Channels side by side and apart again, compiled, against the meaning."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from against_meaning import check, examples, machines, value
from knoll.graph import Graph
from knoll.machine import Machine
from knoll.ops.conv import conv2d
from knoll.ops.elementwise import tanh
from knoll.ops.reshape import concatenate

SLIDE = {"stride": (1, 1), "padding": ((1, 1), (1, 1)), "dilation": (1, 1), "groups": 1}


@machines
@examples(6)
@given(st.lists(st.integers(1, 40), min_size=1, max_size=4), st.integers(1, 4), st.integers(1, 4))
def test_images(machine: Machine, channels: list[int], h: int, w: int) -> None:
    parts = [value("float64", 3, c, h, w) for c in channels]
    check(Graph(tuple(parts), (tanh(concatenate(*map(tanh, parts), axis=1)),)), machine)


@machines
@pytest.mark.parametrize("shape", [(3, 5), (3, 17), (2, 3, 7)])
def test_rows(machine: Machine, shape: tuple[int, ...]) -> None:
    parts = [value("float64", *shape), value("float64", *shape)]
    check(Graph(tuple(parts), (concatenate(*parts, axis=1),)), machine)


@machines
def test_shortcut_beside_a_convolution(machine: Machine) -> None:
    """As in a U-Net: what went down joins what comes up, and both are read by a convolution with padding."""
    x, w, v = value("float64", 2, 5, 6, 7), value("float64", 12, 5, 3, 3), value("float64", 4, 17, 3, 3)
    check(Graph((x, w, v), (conv2d(concatenate(x, conv2d(x, w, **SLIDE), axis=1), v, **SLIDE),)), machine)
