"""Gated linear units in machine code: along every axis, on every kind of processor."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from against_meaning import elements, machines
from along_axis import close, run
from knoll.machine import Machine
from knoll.ops.activation.glu import glu, glu_dx

Array = np.ndarray[Any, Any]


RNG = np.random.default_rng(5)


pytestmark = [machines, elements]


@pytest.mark.parametrize(("shape", "axis"), [((3, 6), 1), ((2, 4, 7), 1), ((2, 3, 34), 2), ((2, 6, 5, 9), 1)])
def test_gates(shape: tuple[int, ...], axis: int, dtype: str, machine: Machine) -> None:
    x = RNG.standard_normal(shape).astype(dtype) * 3
    (y,) = glu.meaning(x, axis=axis)
    dy = RNG.standard_normal(y.shape).astype(dtype)
    close(run(glu, axis, [x], machine), y)
    close(run(glu_dx, axis, [dy, x], machine), glu_dx.meaning(dy, x, axis=axis)[0])
