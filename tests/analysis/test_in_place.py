"""Networks that change tensors in place, looked at: what they give is told, and nothing of the user's is changed."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import knoll
from knoll import nn
from knoll.analysis import trace
from knoll.analysis.run import Run
from knoll.explain import explain

X = [[-2.0, -1.0, 0.0, 1.0]]


class Writes(nn.Module):
    """Writes into its input and its buffer in several ways."""

    def __init__(self) -> None:
        super().__init__()
        self.count: Any
        self.register_buffer("count", knoll.zeros(1))

    def forward(self, x: Any) -> Any:
        self.count += 1
        x.mul_(2)
        x[:, 0] = 5
        x.add_(self.count)
        return x


LAYERS = [
    *(kind(inplace=True) for kind in (nn.ReLU, nn.ReLU6, nn.LeakyReLU, nn.ELU, nn.SELU, nn.CELU, nn.SiLU, nn.Mish)),
    nn.Hardtanh(inplace=True),
    nn.Hardswish(inplace=True),
    nn.Hardsigmoid(inplace=True),
    nn.Threshold(0, 7, inplace=True),
    nn.Sequential(nn.ReLU(inplace=True), nn.Linear(4, 2), nn.ReLU(inplace=True)),
    Writes(),
]


def given(kind: type) -> Any:
    return np.array(X, np.float32) if kind is np.ndarray else knoll.tensor(X)


@pytest.mark.parametrize("kind", [np.ndarray, knoll.Tensor])
@pytest.mark.parametrize("layer", LAYERS, ids=str)
def test_the_output_is_told_and_the_input_kept(layer: nn.Module, kind: type) -> None:
    x = given(kind)
    run = Run(layer, x, training=False)
    np.testing.assert_array_equal(np.asarray(x), np.array(X, np.float32))
    told = run.array(run.trace.outputs[0])
    if isinstance(layer, Writes):
        assert layer.count.item() == 0
        np.testing.assert_array_equal(told, [[6, -1, 1, 3]])
    else:
        with knoll.no_grad():
            np.testing.assert_allclose(told, np.asarray(layer(knoll.tensor(X))), rtol=1e-6)
    assert run.trace.outputs[0].node is not None


def test_what_asks_for_numbers_on_the_way_changes_nothing_either() -> None:
    class Looks(nn.Module):
        def forward(self, x: Any) -> Any:
            x.relu_()
            return x + 1 if x.sum().item() > 0 else x - 1

    x = knoll.tensor(X)
    found = trace(Looks(), x)
    assert x.tolist() == X
    assert [step.node.op.name for step in found.steps][-1] == "add"


def test_explanations_speak_of_the_numbers_before() -> None:
    x = knoll.tensor(X)
    explain(nn.ReLU(inplace=True), x)
    assert x.tolist() == X
