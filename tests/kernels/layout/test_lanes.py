"""Lanes that hold whole groups: which channels they read, and shuffles that take them."""

from __future__ import annotations

import numpy as np
import pytest

from against_meaning import machines
from knoll.kernels.layout.lanes import GroupLanes, shuffled, shuffled_inputs
from knoll.llvm.builder import KernelBuilder
from knoll.machine import Machine, host
from single_kernel import emitted


@pytest.mark.parametrize(("outputs", "inputs"), [(1, 1), (2, 1), (1, 2), (2, 2), (4, 2), (2, 8)])
def test_each_lane_reads_the_inputs_of_its_group(outputs: int, inputs: int) -> None:
    lanes = GroupLanes(outputs, inputs, 8)
    assert lanes.span == 8 // outputs * inputs
    for lane in range(8):
        group = lane // outputs
        assert [lanes.lane_sources(number)[lane] for number in range(inputs)] == [
            group * inputs + n for n in range(inputs)
        ]


@pytest.mark.parametrize(
    ("outputs", "inputs", "hold_whole_groups"),
    [(1, 1, True), (2, 2, True), (8, 8, False), (3, 1, False), (1, 3, True), (1, 8, False), (4, 16, True)],
)
def test_whole_groups_fill_a_vector(outputs: int, inputs: int, hold_whole_groups: bool) -> None:
    assert GroupLanes(outputs, inputs, 8).hold_whole_groups == hold_whole_groups


@machines
@pytest.mark.parametrize("stride", [1, 2, 3])
def test_lanes_are_taken_from_neighbouring_blocks(machine: Machine, stride: int) -> None:
    lanes = machine.lanes(np.dtype(np.float32))
    lane_sources = [lane * stride % (3 * lanes) for lane in range(lanes)]
    source, found = np.arange(3 * lanes, dtype=np.float32), np.empty(lanes, np.float32)

    def write(k: KernelBuilder) -> None:
        blocks = [k.load(k.pointers[0] + block * lanes * k.bytes) for block in range(3)]
        k.store(shuffled_inputs(k, blocks, lane_sources), k.pointers[1])

    emitted(machine, "float32", write, source, found)
    assert found.tolist() == lane_sources


def test_a_shuffle_numbers_the_lanes_of_both() -> None:
    lanes = host().lanes(np.dtype(np.float64))
    source, found = np.arange(2.0 * lanes), np.empty(lanes)

    def write(k: KernelBuilder) -> None:
        a, b = (k.load(k.pointers[0] + i * lanes * k.bytes) for i in range(2))
        k.store(shuffled(k, a, b, [2 * lane for lane in range(lanes)]), k.pointers[1])

    emitted(host(), "float64", write, source, found)
    assert found.tolist() == list(range(0, 2 * lanes, 2))
