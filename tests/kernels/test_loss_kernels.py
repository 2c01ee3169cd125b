"""Losses in machine code against their meaning: alone, over everything, and joined with a network."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import knoll
from against_meaning import (
    check,
    close,
    elements,
    examples,
    floats,
    in_machine_code,
    machines,
    same_with_any_threads,
    value,
)
from knoll import nn
from knoll.graph import Array, Graph, Value, gradient
from knoll.machine import Machine, host
from knoll.ops.binary_cross_entropy import logits_cross_entropy
from knoll.ops.cross_entropy import cross_entropy
from knoll.ops.elementwise import absolute, add, square, subtract
from knoll.ops.huber import huber, huber_slope
from knoll.ops.linear import linear
from knoll.ops.reduce import mean, sum_
from knoll.run.build import build, compiled
from knoll.run.compiled import Compiled
from knoll.run.reference import Reference

Loss = Callable[[int, int, str], Graph]


def over_everything(losses: Value, reduction: str) -> Value:
    if reduction == "none":
        return losses
    return (mean if reduction == "mean" else sum_)(losses, axes=tuple(range(losses.spec.rank)), keep=False)


def classification(n: int, classes: int, dtype: str, reduction: str = "mean") -> Graph:
    x, labels = value(dtype, n, classes), value("int64", n)
    return Graph((x, labels), (over_everything(cross_entropy(x, labels), reduction),))


def regression(shape: tuple[int, ...], dtype: str, reduction: str, squared: bool) -> Graph:
    x, y = value(dtype, *shape), value(dtype, *shape)
    return Graph((x, y), (over_everything((square if squared else absolute)(subtract(x, y)), reduction),))


def numbers(graph: Graph, classes: int = 1, seed: int = 0) -> list[Array]:
    generator = np.random.default_rng(seed)
    return [
        (3 * generator.standard_normal(v.spec.shape)).astype(v.spec.dtype)
        if v.spec.is_float
        else generator.integers(0, classes, v.spec.shape)
        for v in graph.inputs
    ]


def check_loss(graph: Graph, machine: Machine, classes: int = 1) -> None:
    """Compiled equals meaning for class numbers below `classes`."""
    check(graph, machine, numbers(graph, classes))


def test_large_losses_alone_are_compiled_and_small_ones_are_not() -> None:
    for side, kind in ((8, Reference), (128, Compiled)):
        x = knoll.zeros(1, 3, side, side, requires_grad=True)
        loss = nn.CrossEntropyLoss()(x, knoll.zeros(1, side, side, dtype=knoll.int64))
        assert isinstance(loss._edge.node.program, kind)
        np.testing.assert_allclose(loss.item(), np.log(3), rtol=1e-6)


@machines
@elements
@examples(7)
@given(
    st.one_of(
        st.tuples(st.integers(1, 20)),
        st.tuples(st.integers(1, 20), st.integers(1, 70)),
        st.tuples(st.integers(1, 5), st.integers(1, 9), st.integers(1, 17), st.integers(1, 17)),
    ),
    st.sampled_from(["mean", "sum"]),
    st.booleans(),
)
def test_differences(machine: Machine, dtype: str, shape: tuple[int, ...], reduction: str, squared: bool) -> None:
    check_loss(regression(shape, dtype, reduction, squared), machine)


@machines
@elements
@examples(4)
@given(
    st.sampled_from([(7,), (3, 37), (2, 3, 5, 7)]),
    st.sampled_from(["mean", "none"]),
    st.sampled_from(["huber", "smooth", "binary"]),
)
def test_losses_of_single_elements(
    machine: Machine, dtype: str, shape: tuple[int, ...], reduction: str, kind: str
) -> None:
    x, y = value(dtype, *shape), value(dtype, *shape)
    if kind == "binary":
        losses = logits_cross_entropy(x, y)
    else:
        losses = huber(subtract(x, y), delta=1.5, scale=1.0 if kind == "huber" else 1 / 1.5)
    graph = Graph((x, y), (over_everything(losses, reduction),))
    arrays = numbers(graph)
    check(graph, machine, [arrays[0], np.abs(arrays[1] / 10)])


@machines
@elements
def test_infinite_differences(machine: Machine, dtype: str) -> None:
    x = np.array([np.inf, -np.inf, np.nan, 1e30, 0, -0.5], dtype)
    for op in (huber, huber_slope):
        given_ = value(dtype, 1, len(x))
        program = compiled(Graph((given_,), (op(given_, delta=1.0, scale=2.0),)), (), machine)
        assert program is not None
        with np.errstate(all="ignore"):
            truth = op.meaning(x[None], delta=1.0, scale=2.0)[0]
        np.testing.assert_array_equal(program.forward([x[None]])[0][0], truth)


@machines
def test_long_samples_are_summed_in_stretches(machine: Machine) -> None:
    check_loss(regression((3, 5003), "float32", "mean", squared=True), machine)
    x = value("float32", 2, 1 << 20)
    program = compiled(Graph((x,), (over_everything(x, "mean"),)), (0,), machine)
    assert program is not None
    (mine,), _ = program.forward([np.full(x.spec.shape, 0.1, np.float32)])
    longest = 1024 / 4 + (1 << 20) / 1024  # additions one after the other, not the 2¹⁹ of a plain sum
    assert abs(float(mine) - 0.1) < 0.1 * longest * 2.0**-24


@machines
def test_one_program_serves_every_batch(machine: Machine) -> None:
    for reduction in ("mean", "sum"):
        programs = [compiled(classification(n, 10, "float32", reduction), (0,), machine) for n in (2, 3, 64)]
        assert len(set(programs)) == 1
        for n in (1, 2, 3, 64):
            check_loss(classification(n, 10, "float32", reduction), machine, 10)


def test_results_do_not_depend_on_threads() -> None:
    for graph in (classification(33, 37, "float32"), regression((33, 2100), "float32", "mean", squared=True)):
        program, arrays = in_machine_code(graph, floats(graph), host()), numbers(graph, 37)

        def run(program: Compiled = program, arrays: list[Array] = arrays) -> list[Array]:
            outputs, saved = program.forward(arrays)
            return [*outputs, *program.backward(saved, [np.float32(1)])]

        same_with_any_threads(run)


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
    program, arrays, wanted = build(graph, (0, 1, 2), machine), numbers(graph, classes), (0, 1, 2)
    assert isinstance(program, Compiled)
    reference = Reference(graph, gradient(graph, wanted, add))
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
