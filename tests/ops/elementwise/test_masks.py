"""Masks of numbers: each is the truth value that it stands for, in machine code too."""

from __future__ import annotations

import inspect

import numpy as np
import pytest

from against_meaning import elements, in_machine_code, machines, value
from knoll.graph import Graph, Op, evaluate
from knoll.machine import Machine
from knoll.ops.elementwise.masks import COMPARISONS, CONNECTIVES
from knoll.run.light import evaluate_lightly

NUMBERS = [-np.inf, -1.5, -0.0, 0.0, 1.5, np.inf, np.nan]


def pairs(numbers: list[float], dtype: str) -> list[np.ndarray]:
    """Each number beside each other one."""
    return [np.ascontiguousarray(each.reshape(1, -1)).astype(dtype) for each in np.meshgrid(numbers, numbers)]


@elements
@pytest.mark.parametrize("shape", [(), (3,)])
@pytest.mark.parametrize("op", [*COMPARISONS.values(), *CONNECTIVES.values()], ids=lambda op: op.name)
def test_a_mask_that_is_computed_alone_has_its_element_type(op: Op, shape: tuple[int, ...], dtype: str) -> None:
    """Also of a single number, which no array was made for."""
    count = len(inspect.signature(op.shape).parameters)
    graph = Graph(tuple(value(dtype, *shape) for _ in range(count)), ())
    operands = [np.full(shape, 1, dtype) for _ in range(count)]
    node = op.node(*graph.inputs)
    known = dict(zip(graph.inputs, operands, strict=True))
    evaluate_lightly([node], known)
    (truth,) = op.meaning(*operands)
    assert (known[node.outputs[0]].dtype, truth.dtype) == (np.dtype(dtype), np.dtype(dtype))
    np.testing.assert_array_equal(known[node.outputs[0]], truth)


@machines
@elements
@pytest.mark.parametrize("truth", [*COMPARISONS, *CONNECTIVES], ids=str)
def test_a_mask_is_its_truth_value(machine: Machine, dtype: str, truth: Op) -> None:
    mask = {**COMPARISONS, **CONNECTIVES}[truth]
    operands = pairs(NUMBERS if truth in COMPARISONS else [0.0, 1.0], dtype)
    count = len(mask.roles.reads) if mask.roles else 1 if mask.name.startswith(("is_", "not_m")) else 2
    given = [array if truth in COMPARISONS else array.astype(bool) for array in operands[:count]]
    inputs = tuple(value(dtype, *array.shape) for array in operands[:count])
    graph = Graph(inputs, (mask(*inputs),))
    expected = truth.meaning(*given)[0].astype(dtype)
    np.testing.assert_array_equal(evaluate(graph, operands[:count])[0], expected)
    np.testing.assert_array_equal(in_machine_code(graph, (), machine).forward(operands[:count])[0][0], expected)
