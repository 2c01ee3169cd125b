"""Integers and truth values as floats: machine code against NumPy."""

from __future__ import annotations

import numpy as np
import pytest

from against_meaning import elements, machines, value
from knoll.graph import Array, Graph
from knoll.machine import Machine
from knoll.ops.elementwise.arithmetic import multiply
from knoll.ops.shapes.reshape import convert
from knoll.run.build import compile_graph


def numbers_of(random: np.random.Generator, dtype: str, shape: tuple[int, ...]) -> Array:
    """Integers of any size, or truth values."""
    if dtype == "bool":
        return random.integers(0, 2, shape).astype(bool)
    info = np.iinfo(dtype)
    return random.integers(info.min, info.max, shape, dtype)


@machines
@elements
@pytest.mark.parametrize("given_", ["int32", "int64", "bool"])
def test_integers_as_floats(machine: Machine, dtype: str, given_: str) -> None:
    random = np.random.default_rng(0)
    for shape in ((3, 37), (2, 3, 400), (5,)):
        x, y = value(given_, *shape), value(dtype, *shape)
        program = compile_graph(Graph((x, y), (multiply(convert(x, dtype=dtype), y),)), (1,), machine)
        assert program is not None
        numbers = numbers_of(random, given_, shape)
        (found,), saved = program.forward([numbers, np.ones(shape, dtype)])
        np.testing.assert_array_equal(found, numbers.astype(dtype))
        np.testing.assert_array_equal(program.backward(saved, [np.ones(shape, dtype)])[0], numbers.astype(dtype))
