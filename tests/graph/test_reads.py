"""The ways in which results see an axis of an operand."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest

from knoll.graph import Array, Op, Spec, Value, Window
from knoll.graph.reads import ALL, Groups, Slide, Transposed, Whole, stretch
from knoll.ops.elementwise.arithmetic import add
from knoll.ops.resample.axes import Adaptive, Linear, Nearest, Padded

FLOAT = np.dtype(np.float32)


@pytest.mark.parametrize(
    ("slide", "size", "seen"),
    [
        (Transposed(Window(2, stride=3), 5), 2, [[0], [0], [-1], [1], [1]]),
        (Transposed(Window(3, before=1, after=1), 3), 3, [[0, 1, -1], [0, 1, 2], [1, 2, -1]]),
        (Whole(), 2, [[0, 1]]),
        (Groups(2, 2), 4, [[0, 1], [2, 3]]),
        (stretch(7, 1, 3, step=2), 7, [[1], [3], [5]]),
        (stretch(7, 3, 0), 7, []),
    ],
    ids=str,
)
def test_what_is_seen(slide: Slide, size: int, seen: list[list[int]]) -> None:
    assert slide.seen(size).tolist() == seen


@pytest.mark.parametrize(
    ("slide", "size"),
    [
        (Window(3, 2, 1, 1, 2), 9),
        (Transposed(Window(5, 2, 2, 1), 8), 4),
        (Nearest(12), 4),
        (Nearest(5), 12),
        (Linear(9), 3),
        (Linear(7, corners=True), 4),
        (Adaptive(3), 7),
        (Padded(1, 2, "constant"), 4),
        (Groups(3, 6), 9),
    ],
    ids=str,
)
def test_the_formula_covers_what_is_seen(slide: Slide, size: int) -> None:
    reach = slide.reach(size)
    for result, places in enumerate(slide.seen(size)):
        first = Fraction(reach.start + result * reach.stride, reach.per)
        assert all(first <= place <= first + Fraction(reach.extent, reach.per) - 1 for place in places[places >= 0])


def test_an_operation_that_says_nothing_may_read_everything() -> None:
    def meaning(x: Array) -> tuple[Array]:
        return (np.asarray(x.sum()),)

    silent = Op("silent", lambda x: (x.with_shape(),), meaning)
    assert silent.node(Value(Spec((2, 3), FLOAT))).reads() == ((ALL, ALL),)


def test_operands_that_broadcast() -> None:
    rows, image = Value(Spec((3, 1), FLOAT)), Value(Spec((2, 3, 4), FLOAT))
    assert [[read.axis for read in reads] for reads in add.node(rows, image).reads()] == [[1, None], [0, 1, 2]]
