"""What a kernel cannot refuse: the program looks at its guards, and the meaning raises."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import knoll
from against_meaning import value
from knoll import nn
from knoll.errors import ArgumentError, StateError
from knoll.graph import Graph
from knoll.machine import host
from knoll.ops.activation.relu_sigmoid_tanh import sigmoid
from knoll.ops.elementwise.arithmetic import multiply
from knoll.ops.loss.binary_cross_entropy import binary_cross_entropy
from knoll.ops.loss.likelihood import variance
from knoll.ops.reduction.reduce import mean
from knoll.run.build import compile_graph
from knoll.run.show import times


class Judged(nn.Module):
    """A network that knows its loss."""

    def __init__(self, activation: nn.Module, loss: nn.Module) -> None:
        super().__init__()
        self.layer, self.activation, self.loss = nn.Conv2d(2, 3, 1), activation, loss

    def forward(self, x: Any, y: Any) -> Any:
        return self.loss(self.activation(self.layer(x)), y)


def images(samples: int) -> tuple[np.ndarray, np.ndarray]:
    random = np.random.default_rng(0)
    return random.standard_normal((samples, 2, 4, 4)).astype(np.float32), random.random((samples, 3, 4, 4), np.float32)


@pytest.mark.parametrize("reduction", ["mean", "sum", "none"])
@pytest.mark.parametrize("samples", [1, 3, 5, 8])
def test_one_bad_number_in_a_batch_of_any_size(reduction: str, samples: int) -> None:
    net = Judged(nn.Sigmoid(), nn.BCELoss(np.full((4,), 2, np.float32), reduction=reduction))
    net(*images(4))
    x, y = images(samples)
    assert np.isfinite(net(x, y).sum().item())
    y[-1, 2, 3, 3] = 1.5
    with pytest.raises(StateError, match="all elements of target should be between 0 and 1"):
        net(x, y)
    y[-1], x[-1, 0, 0, 0] = 0, np.nan
    with pytest.raises(StateError, match=r"input should be between 0 and 1[\s\S]*where: Judged") as error:
        net(x, y)
    assert error.value.advice is not None


def test_scores_that_are_no_shares() -> None:
    with pytest.raises(StateError, match=r"got: -\d"):
        Judged(nn.Identity(), nn.BCELoss())(*images(3))


def test_a_compiled_program_refuses_them_too() -> None:
    net, (x, y) = Judged(nn.Sigmoid(), nn.BCELoss()), images(3)
    program = knoll.compile(net, x, y)
    for _ in range(2):
        np.testing.assert_allclose(program(x, y), net(x, y).item(), rtol=1e-6)
        with pytest.raises(StateError, match="target should be between 0 and 1"):
            program(x, y - 1)


def test_a_variance_may_be_no_number_but_not_negative() -> None:
    x, v = value("float32", 4, 3), value("float32", 4, 3)
    program = compile_graph(Graph((x, v), (multiply(x, variance(v, least=0.5)),)), (0, 1), host())
    assert program is not None
    variances = np.array([[0, 1, np.inf], [0.25, 0.5, 2]] * 2, np.float32)
    (found,), saved = program.forward([np.ones((4, 3), np.float32), variances])
    np.testing.assert_array_equal(found, np.maximum(variances, 0.5))
    assert len(program.backward(saved, [found])) == 2
    variances[1, 1] = np.nan
    np.testing.assert_array_equal(program.forward([np.ones((4, 3), np.float32), variances])[0][0][1], [0.5, np.nan, 2])
    variances[3, 2] = -1e-30
    with pytest.raises(ArgumentError, match="var has negative"):
        program.forward([np.ones((4, 3), np.float32), variances])


def test_a_mean_serves_as_the_witness_of_what_it_is_over() -> None:
    x, y = value("float32", 4, 3), value("float32", 4, 3)
    losses = binary_cross_entropy(sigmoid(x), y)
    alone = compile_graph(Graph((x, y), (mean(losses, axes=(0, 1), keep=False),)), (), host())
    each = compile_graph(Graph((x, y), (losses,)), (), host())
    assert alone is not None
    assert each is not None
    assert [len(program.outputs) for program in (alone, each)] == [2, 2]
    sums = [sum(node.op.name in ("sum", "mean") for node in program.graph.nodes) for program in (alone, each)]
    assert sums == [1, 1]


def test_steps_are_measured_without_witnesses() -> None:
    x, y = value("float32", 4, 3), value("float32", 4, 3)
    program = compile_graph(Graph((x, y), (binary_cross_entropy(x, y),)), (0, 1), host())
    assert program is not None
    assert "binary_cross_entropy_dx" in times(program, samples=4)
