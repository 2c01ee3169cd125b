"""Losses joined with a network in one program, and which losses are compiled alone."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import knoll
from against_meaning import close, examples, machines, value
from knoll import nn
from knoll.graph import Graph, Value
from knoll.machine import Machine
from knoll.ops.differentiate import differentiate
from knoll.ops.elementwise.arithmetic import absolute, square, subtract
from knoll.ops.linear_algebra.linear import linear
from knoll.ops.loss.cross_entropy import cross_entropy
from knoll.run.build import build
from knoll.run.compiled import CompiledProgram
from knoll.run.reference import ReferenceProgram
from losses import numbers, over_everything


def test_a_loss_alone_is_compiled() -> None:
    for side in (1, 128):
        x = knoll.zeros(1, 3, side, side, requires_grad=True)
        loss = nn.CrossEntropyLoss()(x, knoll.zeros(1, side, side, dtype=knoll.int64))
        assert isinstance(loss._edge.node.program, CompiledProgram)
        np.testing.assert_allclose(loss.item(), np.log(3), rtol=1e-6)


def test_a_loss_without_a_kernel_runs_in_numpy_whatever_its_size() -> None:
    x = np.random.default_rng(0).standard_normal(1 << 15)
    scores = knoll.tensor(x, requires_grad=True)
    loss = nn.CrossEntropyLoss()(scores, knoll.tensor(3))
    loss.backward()
    np.testing.assert_allclose(loss.item(), np.log(np.exp(x).sum()) - x[3], rtol=1e-12)
    assert scores.grad is not None
    np.testing.assert_allclose(scores.grad[3].item(), np.exp(x[3]) / np.exp(x).sum() - 1, rtol=1e-12)


def test_the_weights_of_many_labels_are_summed_exactly() -> None:
    random = np.random.default_rng(0)
    x, labels = random.standard_normal((4, 3, 24, 24)).astype(np.float32), random.integers(0, 3, (4, 24, 24))
    weights = np.array([0.3, 2.1, 1.0], np.float32)
    losses = [
        nn.CrossEntropyLoss(knoll.tensor(weights.astype(kind)))(knoll.tensor(x.astype(kind)), knoll.tensor(labels))
        for kind in (np.float32, np.float64)
    ]
    np.testing.assert_allclose(losses[0].item(), losses[1].item(), rtol=3e-7)


def network(n: int, classes: int, loss: Callable[[Value, Value], Value], target: Value) -> Graph:
    x, w, b = value("float32", n, 12), value("float32", classes, 12), value("float32", classes)
    y = linear(x, w, b)
    return Graph((x, w, b, target), (y, loss(y, target)))


@machines
@examples(5)
@given(st.integers(1, 20), st.integers(1, 20), st.sampled_from(["cross_entropy", "mse", "l1"]))
def test_a_network_and_its_loss_are_one_program(machine: Machine, n: int, classes: int, kind: str) -> None:
    if kind == "cross_entropy":
        graph = network(n, classes, lambda y, t: over_everything(cross_entropy(y, t), "mean"), value("int64", n))
    else:
        op = square if kind == "mse" else absolute
        graph = network(
            n, classes, lambda y, t: over_everything(op(subtract(y, t)), "mean"), value("float32", n, classes)
        )
    program, arrays, wrt = build(graph, (0, 1, 2), machine), numbers(graph, classes), (0, 1, 2)
    assert isinstance(program, CompiledProgram)
    reference = ReferenceProgram(graph, differentiate(graph, wrt))
    outputs, saved = program.forward(arrays)
    truths, known = reference.forward(arrays)
    seeds = [np.zeros((n, classes), np.float32), np.float32(2)]
    for mine, truth in zip(outputs, truths, strict=True):
        close(mine, np.asarray(truth))
    for mine, truth in zip(program.backward(saved, seeds), reference.backward(known, seeds), strict=True):
        close(mine, truth)


class Trained(nn.Module):
    """A network that knows its loss."""

    def __init__(self, loss: nn.Module) -> None:
        super().__init__()
        self.net, self.loss = nn.Sequential(nn.Linear(6, 9), nn.ReLU(), nn.Linear(9, 5)), loss

    def forward(self, x: Any, target: Any) -> Any:
        return self.loss(self.net(x), target)


LOSSES = [
    nn.CrossEntropyLoss(), nn.CrossEntropyLoss(reduction="sum"), nn.MSELoss(), nn.L1Loss(reduction="sum"),
    nn.SmoothL1Loss(), nn.HuberLoss(delta=0.5), nn.BCEWithLogitsLoss(),
    nn.CrossEntropyLoss(np.arange(1, 6, dtype=np.float32), ignore_index=1, label_smoothing=0.2),
]  # fmt: skip


@pytest.mark.parametrize("loss", LOSSES, ids=lambda loss: f"{type(loss).__name__}-{loss.reduction}")
@pytest.mark.parametrize("n", [0, 1, 7])
@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_joined_equals_apart(loss: nn.Module, n: int) -> None:
    generator = np.random.default_rng(0)
    x = knoll.tensor(generator.standard_normal((n, 6)).astype(np.float32))
    target = generator.integers(0, 5, n) if isinstance(loss, nn.CrossEntropyLoss) else generator.standard_normal((n, 5))
    whole, y = Trained(loss), knoll.tensor(target if target.ndim == 1 else target.astype(np.float32))
    results = []
    for call in (lambda: whole(x, y), lambda: loss(whole.net(x), y)):
        for parameter in whole.parameters():
            parameter.grad = None
        found = call()
        found.backward()
        results.append([found.detach().numpy(), *(p.grad.numpy() for p in whole.parameters() if p.grad is not None)])
    assert len(results[0]) == 5
    for one, other in zip(*results, strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-5, atol=1e-6)


def test_graphs_without_kernels_still_run() -> None:
    x = knoll.tensor(np.arange(12, dtype=np.float32).reshape(4, 3), requires_grad=True)
    layer = nn.Linear(3, 3)
    for found in (layer(x).mean(0), (layer(x) - layer(x).mean()).sum(1), layer(x).sum(0).relu(), layer(x).mean() * 2):
        found.sum().backward()
        assert found.detach().numpy().shape in ((3,), (4,), ())


class Rows(nn.Module):
    """A sum over samples inside a recording."""

    def __init__(self) -> None:
        super().__init__()
        self.layer = nn.Linear(3, 2)

    def forward(self, x: Any) -> Any:
        return self.layer(x).sum(0)


@pytest.mark.parametrize("n", [0, 1, 5])
def test_a_sum_over_samples_can_be_an_output(n: int) -> None:
    rows, x = Rows(), np.random.default_rng(0).standard_normal((n, 3)).astype(np.float32)
    found = rows(knoll.tensor(x)).detach().numpy()
    truth = (x @ rows.layer.weight.detach().numpy().T + rows.layer.bias.detach().numpy()).sum(0)
    assert found.shape == (2,)
    np.testing.assert_allclose(found, truth, rtol=1e-5, atol=1e-5)
