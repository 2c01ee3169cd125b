"""Integers as floats: machine code against NumPy."""

from __future__ import annotations

import numpy as np
import pytest

from against_meaning import (
    elements,
    machines,
    value,
)
from knoll.graph import Graph
from knoll.machine import Machine
from knoll.ops.elementwise import multiply
from knoll.ops.reshape import convert
from knoll.run.build import compile_graph


@machines
@elements
@pytest.mark.parametrize("given_", ["int32", "int64"])
def test_integers_as_floats(machine: Machine, dtype: str, given_: str) -> None:
    info, random = np.iinfo(given_), np.random.default_rng(0)
    for shape in ((3, 37), (2, 3, 400), (5,)):
        x, y = value(given_, *shape), value(dtype, *shape)
        program = compile_graph(Graph((x, y), (multiply(convert(x, dtype=dtype), y),)), (1,), machine)
        assert program is not None
        numbers = random.integers(info.min, info.max, shape, given_)
        (found,), saved = program.forward([numbers, np.ones(shape, dtype)])
        np.testing.assert_array_equal(found, numbers.astype(dtype))
        np.testing.assert_array_equal(program.backward(saved, [np.ones(shape, dtype)])[0], numbers.astype(dtype))
