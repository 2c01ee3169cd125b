"""Checks that every operation is put through."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np
import pytest

from knoll.graph import Array, Graph, Op, Value, evaluate, gradient, spec_of
from knoll.messages import set_language
from knoll.ops.elementwise import add


@pytest.fixture(autouse=True)
def _english() -> Iterator[None]:
    set_language("en")
    yield
    set_language(None)


def _gradients(
    op: Op, arrays: Sequence[Array], seed: Array, wanted: tuple[int, ...], attributes: dict[str, Any]
) -> list[Array]:
    inputs = tuple(Value(spec_of(array)) for array in arrays)
    graph = Graph(inputs, op.node(*inputs, **attributes).outputs[:1])
    return evaluate(gradient(graph, wanted, add).joint, [*arrays, seed])[1:]


def _check(op: Op, *arrays: Array, wanted: tuple[int, ...], **attributes: Any) -> None:
    """Compare the gradient of Σ seed · op(arrays) with differences, in float64."""
    random = np.random.default_rng(0)
    step = 1e-6
    seed = random.standard_normal(op.meaning(*arrays, **attributes)[0].shape)
    for i, found in zip(wanted, _gradients(op, arrays, seed, wanted, attributes), strict=True):
        assert found.shape == arrays[i].shape
        assert found.dtype == arrays[i].dtype
        expected = np.empty_like(arrays[i])
        for place in np.ndindex(arrays[i].shape):
            sums = []
            for sign in (1, -1):
                moved = [array.copy() for array in arrays]
                moved[i][place] += sign * step
                sums.append((op.meaning(*moved, **attributes)[0] * seed).sum())
            expected[place] = (sums[0] - sums[1]) / (2 * step)
        np.testing.assert_allclose(found, expected, rtol=1e-6, atol=1e-7)


@pytest.fixture
def check_gradient() -> Callable[..., None]:
    """Compare an operation's gradient with differences."""
    return _check
