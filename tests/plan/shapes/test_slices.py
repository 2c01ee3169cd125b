"""Slices of each sample and constant padding, in blocks of channels and in contiguous arrays, forward and backward."""

from __future__ import annotations

from typing import Any

import pytest

from against_meaning import check, elements, machines, value
from knoll.graph import Graph, Value
from knoll.machine import Machine
from knoll.ops.convolution.conv import conv2d
from knoll.ops.elementwise.arithmetic import exp, square
from knoll.ops.indexing.index import frozen, pick
from knoll.ops.shapes.pad import pad
from knoll.ops.shapes.reshape import WHOLE, concatenate, split
from knoll.plan.roles.batch_axis import has_kernel
from planned import SLIDE, kernels_of, plan_of
from planned import value as planned

EVERY = slice(None)
KEYS = [
    (EVERY, slice(0, 16)), (EVERY, slice(16, None)), (EVERY, slice(3, 21)), (EVERY, slice(13, 37), slice(1, 4)),
    (EVERY, EVERY, slice(None, None, 2), slice(None, None, 2)), (EVERY, slice(16, 33), slice(1, None, 3), slice(2, 6)),
    (EVERY, slice(None, None, 2)), (EVERY, slice(1, None, 3), slice(2, 3), slice(0, None, 5)), (EVERY, slice(36, 37)),
]  # fmt: skip
PADDINGS = [
    ((0, 0), (8, 8), (0, 0), (0, 0)), ((0, 0), (16, 3), (0, 0), (0, 0)), ((0, 0), (-8, -8), (0, 0), (0, 0)),
    ((0, 0), (-16, 5), (2, -1), (-3, 1)), ((0, 0), (0, 0), (1, 1), (0, 2)), ((0, 0), (1, 0), (-1, 0), (0, 0)),
]  # fmt: skip


def sliced(x: Value, *key: Any) -> Value:
    return pick(x, key=frozen(key))


@machines
def test_slices_of_images(machine: Machine) -> None:
    x, k = value("float32", 2, 5, 6, 7), value("float32", 37, 5, 3, 3)
    y = exp(conv2d(x, k, **SLIDE))
    check(Graph((x, k), tuple(square(sliced(y, *key)) for key in KEYS)), machine)


@machines
@elements
def test_slices_of_arrays(machine: Machine, dtype: str) -> None:
    x, rows = value(dtype, 2, 37, 6, 7), value(dtype, 2, 19)
    of_rows = [(EVERY, slice(2, 9)), (EVERY, slice(None, None, 4))]
    check(
        Graph((x, rows), (*(square(sliced(x, *key)) for key in KEYS), *(exp(sliced(rows, *key)) for key in of_rows))),
        machine,
    )


@machines
@pytest.mark.parametrize("constant", [0.0, -1.5])
def test_padding(constant: float, machine: Machine) -> None:
    x, rows = value("float32", 2, 5, 6, 7), value("float32", 2, 19)
    k, w = value("float32", 37, 5, 3, 3), value("float32", 3, 56, 3, 3)
    y = exp(conv2d(x, k, **SLIDE))
    images = [square(pad(y, padding=padding, value=constant)) for padding in PADDINGS]
    again = conv2d(pad(y, padding=PADDINGS[1], value=constant), w, **SLIDE)
    wide = pad(exp(rows), padding=((0, 0), (3, -2)), value=constant)
    check(Graph((x, k, rows, w), (*images, again, wide, pad(x, padding=PADDINGS[0], value=constant))), machine)


@machines
def test_one_sample_alone(machine: Machine) -> None:
    x = value("float32", 1, 37, 6, 7)
    check(Graph((x,), tuple(square(sliced(exp(x), *key)) for key in KEYS)), machine)


@pytest.mark.parametrize("key", [(slice(1, None),), (slice(0, 1), slice(2))], ids=str)
def test_what_leaves_out_samples_is_taken_of_what_all_share(key: tuple[Any, ...]) -> None:
    node = pick.node(planned(2, 5, 3), key=frozen(key))
    assert has_kernel(node)
    assert node.roles == WHOLE


@pytest.mark.parametrize("key", [(0,), (EVERY, 3), (EVERY, None)], ids=str)
def test_other_indices_have_no_kernel(key: tuple[Any, ...]) -> None:
    assert not has_kernel(pick.node(planned(2, 5, 3), key=frozen(key)))


def test_samples_are_not_padded_and_something_is_left() -> None:
    x = planned(2, 5)
    assert has_kernel(pad.node(x, padding=((0, 0), (-4, 0)), value=0.0))
    assert not has_kernel(pad.node(x, padding=((1, 0), (0, 0)), value=0.0))
    assert not has_kernel(pad.node(x, padding=((0, 0), (-5, 2)), value=0.0))


def test_channels_of_whole_blocks_are_one_copy() -> None:
    x, k = planned(2, 16, 6, 6), planned(48, 16, 3, 3)
    kernels = kernels_of(plan_of(Graph((x, k), (conv2d(sliced(conv2d(x, k, **SLIDE), *KEYS[0]), k, **SLIDE),))))
    assert kernels.count("copy_region") == 1


@machines
def test_parts_of_parameters_are_one_program_with_what_reads_them(machine: Machine) -> None:
    """A network of octaves has convolutions with parts of one weight."""
    x, w = value("float64", 2, 4, 6, 6), value("float64", 9, 6, 3, 3)
    parts = split.node(pick(w, key=frozen((slice(1, 9), slice(0, 4)))), axis=1, sizes=(1, 3)).outputs
    weight = concatenate(parts[1], parts[0], axis=1)
    last = pick(weight, key=frozen((slice(None), slice(0, 4, 1), slice(0, 3, 2))))
    wide = conv2d(x, weight, **SLIDE)
    tall = conv2d(x, last, **(SLIDE | {"padding": ((0, 0), (1, 1))}))
    check(Graph((x, w), (wide, tall)), machine)
