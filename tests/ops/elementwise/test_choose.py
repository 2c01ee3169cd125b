"""Choices by truth values and by masks: gradients, and numbers that are not chosen leave no trace."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from against_meaning import check, elements, machines, value
from knoll.graph import Graph
from knoll.machine import Machine
from knoll.ops.elementwise.choose import choose, where_false, where_true

Check = Callable[..., None]
RNG = np.random.default_rng(7)


def test_gradient_of_choice(check_gradient: Check) -> None:
    condition = RNG.integers(0, 2, (3, 4)).astype(bool)
    check_gradient(choose, condition, RNG.uniform(0.3, 2.0, (3, 4)), np.asarray(1.5), wrt=(1, 2))


def test_choice_keeps_infinite_gradients_apart() -> None:
    dy = np.array([np.inf, np.inf])
    condition = np.array([True, False])
    assert where_true.meaning(condition, dy)[0].tolist() == [np.inf, 0]
    assert where_false.meaning(condition, dy)[0].tolist() == [0, np.inf]


@machines
@elements
@pytest.mark.parametrize("mask", [(3, 5, 4, 7), (3, 1, 4, 7), (4, 7), (3, 5, 1, 1), (1,)])
def test_machine_code_chooses_by_truth_values(machine: Machine, dtype: str, mask: tuple[int, ...]) -> None:
    truth, a, b = value("bool", *mask), value(dtype, 3, 5, 4, 7), value(dtype, 3, 5, 4, 7)
    other = RNG.standard_normal((3, 5, 4, 7)).astype(dtype)
    numbers = RNG.standard_normal((3, 5, 4, 7)).astype(dtype)
    numbers[0, 0, 0, 0] = np.inf
    held = RNG.integers(0, 2, mask).astype(bool)
    held.reshape(-1)[0] = False  # what is infinite is not chosen
    graph = Graph((truth, a, b), (choose(truth, a, b),))
    check(graph, machine, [held, numbers, other], wrt=(1, 2))
