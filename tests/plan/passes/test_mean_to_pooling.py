"""Means and sums over pixels stay in machine code, and mean the same."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from knoll.graph import Graph, Spec, Value
from knoll.machine import host
from knoll.ops.convolution.conv import conv2d
from knoll.ops.differentiate import differentiate
from knoll.ops.reduction.reduce import mean, sum_
from knoll.run.build import build
from knoll.run.compiled import CompiledProgram
from knoll.run.reference import ReferenceProgram


@pytest.mark.parametrize("keep", [True, False])
@pytest.mark.parametrize("op", [mean, sum_], ids=str)
def test_over_pixels(op: Any, keep: bool) -> None:
    x, w = (Value(Spec(shape, np.dtype(np.float64))) for shape in ((3, 4, 7, 6), (20, 4, 3, 3)))
    y = conv2d(x, w, stride=(1, 1), padding=((1, 1), (1, 1)), dilation=(1, 1), groups=1)
    graph = Graph((x, w), (op(y, axes=(2, 3), keep=keep),))
    program, reference = build(graph, (0, 1), host()), ReferenceProgram(graph, differentiate(graph, (0, 1)))
    assert isinstance(program, CompiledProgram)
    generator = np.random.default_rng(0)
    arrays = [generator.standard_normal(v.spec.shape) for v in graph.inputs]
    (mine,), saved = program.forward(arrays)
    (truth,), known = reference.forward(arrays)
    np.testing.assert_allclose(mine, truth, atol=1e-11)
    seed = [generator.standard_normal(truth.shape)]
    for one, other in zip(program.backward(saved, seed), reference.backward(known, seed), strict=True):
        np.testing.assert_allclose(one, other, atol=1e-10)
