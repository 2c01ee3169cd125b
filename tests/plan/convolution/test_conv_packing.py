"""Layouts of convolutions with groups: groups padded and unpadded, and nests merged into loops."""

from __future__ import annotations

from typing import Any

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from against_meaning import examples, machines
from copies import copied, expected
from knoll.kernels.layout.copy import Nest
from knoll.kernels.layout.layout import Images
from knoll.machine import Machine
from knoll.plan.convolution.conv_packing import merged, pad_groups, unpad_groups

Array = np.ndarray[Any, Any]


@machines
@examples(5)
@given(st.integers(2, 6), st.integers(1, 20), st.integers(1, 5), st.integers(1, 9))
def test_groups_are_padded_and_unpadded(machine: Machine, groups: int, outputs: int, h: int, w: int) -> None:
    lanes = machine.lanes(np.dtype(np.float32))
    padded = -(-outputs // lanes) * lanes
    images, spread = Images(groups * outputs, h, w, lanes), Images(groups * padded, h, w, lanes)
    x = np.arange(images.c * h * w, dtype=np.float32).reshape(1, images.c, h, w)
    apart = np.full((1, groups, padded, h, w), -1, np.float32)
    apart[:, :, :outputs] = x.reshape(1, groups, outputs, h, w)
    there = copied(machine, pad_groups(images, spread, groups), expected(x, images, 1), images, spread, 1, parts=False)
    np.testing.assert_array_equal(there, expected(apart.reshape(1, spread.c, h, w), spread, 1))
    back = copied(machine, unpad_groups(spread, images, groups), there, spread, images, 1, parts=False)
    np.testing.assert_array_equal(back, expected(x, images, 1))


def visited(nests: tuple[Nest, ...]) -> list[tuple[int, int]]:
    """Every (source, target) that nests copy."""
    pairs = []
    for nest in nests:
        starts = [(nest.source, nest.target)]
        for size, a, b in nest.loops:
            starts = [(source + i * a, target + i * b) for source, target in starts for i in range(size)]
        pairs += starts
    return sorted(pairs)


@settings(max_examples=50, deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 60), st.integers(0, 60), st.integers(1, 2)), min_size=1, max_size=30, unique=True)
)
def test_merging_changes_nothing(starts: list[tuple[int, int, int]]) -> None:
    nests = tuple(Nest(((size, 100, 1000),), source, target) for source, target, size in starts)
    fewer = merged(nests)
    assert len(fewer) <= len(nests)
    assert visited(fewer) == visited(nests)


def test_equal_distances_become_loops() -> None:
    nests = tuple(Nest(((4, 1, 1),), 100 * i + 10 * j, 40 * i + 8 * j) for i in range(5) for j in range(3))
    assert merged(nests) == (Nest(((5, 100, 40), (3, 10, 8), (4, 1, 1))),)
