"""What the tests of pooling kernels share: windows drawn at random, and exact comparison with the meaning."""

from __future__ import annotations

from typing import Any

import numpy as np
from hypothesis import strategies as st

from knoll.graph import Array, Graph
from knoll.machine import Machine
from knoll.ops.differentiate import differentiate
from knoll.run.build import build
from knoll.run.compiled import CompiledProgram
from knoll.run.reference import ReferenceProgram

TILING: dict[str, Any] = {"kernel": (2, 2), "stride": (2, 2), "padding": (0, 0), "dilation": (1, 1), "ceil": False}


def arrays_for(graph: Graph, last: int = 1) -> list[Array]:
    """Small whole numbers, so that windows have ties and sums are exact; indices below `last`."""
    random = np.random.default_rng(0)
    return [
        random.integers(-4, 5, v.spec.shape).astype(v.spec.dtype)
        if v.spec.is_float
        else random.integers(0, last, v.spec.shape)
        for v in graph.inputs
    ]


def check(graph: Graph, machine: Machine, arrays: list[Array] | None = None) -> CompiledProgram:
    """Compiled is meaning to the last bit: outputs, indices among them, and gradients."""
    arrays = arrays_for(graph) if arrays is None else arrays
    wrt = tuple(i for i, v in enumerate(graph.inputs) if v.spec.is_float)
    program, reference = build(graph, wrt, machine), ReferenceProgram(graph, differentiate(graph, wrt))
    assert isinstance(program, CompiledProgram), "no kernel for this graph"
    outputs, saved = program.forward(arrays)
    truths, known = reference.forward(arrays)
    random = np.random.default_rng(1)
    seeds = [random.integers(-4, 5, truth.shape).astype(truth.dtype) for truth in truths]
    gradients, true_gradients = program.backward(saved, seeds), reference.backward(known, seeds)
    for mine, truth in zip([*outputs, *gradients], [*truths, *true_gradients], strict=True):
        assert mine.dtype == truth.dtype
        np.testing.assert_array_equal(mine, truth)
    inference = build(graph, (), machine)
    assert isinstance(inference, CompiledProgram)
    for mine, truth in zip(inference.forward(arrays)[0], truths, strict=True):
        np.testing.assert_array_equal(mine, truth)
    return program


pairs = st.tuples(st.integers(1, 4), st.integers(1, 4))


shapes = st.tuples(st.integers(1, 4), st.integers(1, 70))


@st.composite
def slides(draw: st.DrawFn, dilated: bool = True) -> tuple[dict[str, Any], tuple[int, int]]:
    """How a window slides, and an image that it fits."""
    kernel, dilation = draw(pairs), draw(st.tuples(*[st.integers(1, 2 if dilated else 1)] * 2))
    spans = [d * (k - 1) + 1 for k, d in zip(kernel, dilation, strict=True)]
    padding = tuple(draw(st.integers(0, span // 2)) for span in spans)
    height, width = (draw(st.integers(max(1, span - 2 * p), span + 8)) for span, p in zip(spans, padding, strict=True))
    stride = draw(st.one_of(st.just(kernel), pairs))
    slide = {"kernel": kernel, "stride": stride, "padding": padding, "dilation": dilation, "ceil": draw(st.booleans())}
    return slide, (height, width)
