"""Fast convolution: the same numbers as the plain sum, within the documented error, and only where it is allowed."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from against_meaning import examples, machines
from hot_loops import long_epilogue, loop_is_unchanged, on_two_machines, window
from knoll.graph import Graph, Spec, Value
from knoll.kernels.convolution.winograd import WinogradConvolution
from knoll.kernels.layout.layout import Images
from knoll.machine import Machine
from knoll.ops.conv import conv2d, meaning
from knoll.plan.lower import lower
from knoll.run.compiled import CompiledProgram

LIMIT = {3: 3e-6, 5: 8e-6}  # docs/accuracy.md: relative error in the mean square


def program(
    shape: tuple[int, int, int, int], k: int, r: int, machine: Machine, dtype: str = "float32"
) -> CompiledProgram:
    p = r // 2
    x, w = Value(Spec(shape, np.dtype(dtype))), Value(Spec((k, shape[1], r, r), np.dtype(dtype)))
    y = conv2d(x, w, stride=(1, 1), padding=((p, p), (p, p)), dilation=(1, 1), groups=1)
    graph = Graph((x, w), (y,))
    return CompiledProgram(graph, lower(graph, frozenset({x, y}), machine), 1)


def kernels(compiled: CompiledProgram) -> list[Any]:
    return [step.kernel for step in compiled.plan.forward[0].steps]


@machines
@pytest.mark.parametrize("r", [3, 5])
@examples(5)
@given(data=st.data())
def test_error_is_within_the_documented_limit(machine: Machine, r: int, data: st.DataObject) -> None:
    n, c, k = (data.draw(st.integers(*bounds)) for bounds in ((1, 5), (16, 40), (32, 40)))
    h, w = (data.draw(st.integers(7, 17)) for _ in "hw")
    compiled = program((n, c, h, w), k, r, machine)
    generator = np.random.default_rng(0)
    x = generator.standard_normal((n, c, h, w)).astype(np.float32)
    weights = generator.standard_normal((k, c, r, r)).astype(np.float32)
    y = compiled.forward([x, weights])[0][0]
    p = r // 2
    slide: dict[str, Any] = {"stride": (1, 1), "padding": ((p, p), (p, p)), "dilation": (1, 1), "groups": 1}
    truth = meaning(x.astype(np.float64), weights.astype(np.float64), **slide)[0]
    assert np.linalg.norm(y - truth) / np.linalg.norm(truth) < LIMIT[r]


@on_two_machines
@pytest.mark.parametrize("kernel", [3, 5])
def test_what_follows_leaves_its_loop_alone(machine: Machine, element: str, kernel: int) -> None:
    source, taps = window(32, 56, kernel, machine.lanes(np.dtype(element)))
    target = Images(32, 56, 56, source.block)
    loop_is_unchanged(
        WinogradConvolution(machine, element, source, target, taps, (56, 56), 32, epilogue=long_epilogue(target))
    )
