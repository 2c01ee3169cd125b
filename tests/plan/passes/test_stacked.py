"""Results that are stacked before the samples and reduced there are stacked behind them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import knoll
from against_meaning import check, machines, value
from knoll.graph import Graph, Value, evaluate
from knoll.machine import Machine
from knoll.ops.elementwise.arithmetic import exp
from knoll.ops.linear_algebra.linear import linear
from knoll.ops.reduction.reduce import mean, sum_
from knoll.ops.shapes.reshape import concatenate, reshape
from knoll.plan.passes.stacked import stack_behind_samples


def stacked(*parts: Value) -> Value:
    return concatenate(*(reshape(part, shape=(1, *part.spec.shape)) for part in parts), axis=0)


def heads(op: Any, dtype: str = "float64", rows: tuple[int, ...] = ()) -> Graph:
    x, one, two = value(dtype, 3, *rows, 6), value(dtype, 4, 6), value(dtype, 4, 6)
    joined = stacked(linear(x, one), exp(linear(x, two)), linear(x, two))
    return Graph((x, one, two), (op(joined, axes=(0,), keep=False),))


@machines
@pytest.mark.parametrize("op", [mean, sum_])
@pytest.mark.parametrize("rows", [(), (5,)])
def test_machine_code_gives_what_is_meant(op: Any, rows: tuple[int, ...], machine: Machine) -> None:
    graph = heads(op, rows=rows)
    after = stack_behind_samples(graph)
    assert all(node.attributes.get("axes", (1,)) == (1,) for node in after.nodes)
    numbers = [np.random.default_rng(0).standard_normal(v.spec.shape) for v in graph.inputs]
    np.testing.assert_allclose(evaluate(after, numbers)[0], evaluate(graph, numbers)[0], rtol=1e-12)
    check(graph, machine)


def test_what_is_reduced_otherwise_stays() -> None:
    x = value("float32", 3, 6)
    others = (
        mean(stacked(exp(x), x), axes=(0,), keep=True),
        mean(stacked(exp(x), x), axes=(1,), keep=False),
        mean(concatenate(exp(x), x, axis=0), axes=(0,), keep=False),
        sum_(concatenate(reshape(exp(x), shape=(2, 3, 3)), axis=0), axes=(0,), keep=False),
        exp(stacked(x, x)),
    )
    graph = Graph((x,), others)
    assert stack_behind_samples(graph) is graph


@pytest.mark.pytorch
def test_a_network_with_several_heads(torch: Any) -> None:
    def make(lib: Any) -> Any:
        class Heads(lib.nn.Module):
            def __init__(self) -> None:
                super().__init__()
                self.heads = lib.nn.ModuleList([lib.nn.Linear(6, 4) for _ in range(3)])

            def forward(self, x: Any) -> Any:
                return lib.stack([head(x).tanh() for head in self.heads], dim=0).mean(0)

        return Heads()

    ours, theirs = make(knoll), make(torch)
    ours.load_state_dict({key: knoll.tensor(part.numpy()) for key, part in theirs.state_dict().items()})
    x = np.random.default_rng(0).standard_normal((5, 6)).astype(np.float32)
    program = knoll.compile(ours.eval(), knoll.tensor(x))
    np.testing.assert_allclose(program(x), theirs(torch.tensor(x)).detach().numpy(), rtol=1e-5, atol=1e-6)
    for count in (5, 2):
        mine, other = ours(knoll.tensor(x[:count])), theirs(torch.tensor(x[:count]))
        np.testing.assert_allclose(mine.detach().numpy(), other.detach().numpy(), rtol=1e-5, atol=1e-6)
        ours.zero_grad(), theirs.zero_grad()
        mine.square().sum().backward(), other.square().sum().backward()
        for one, two in zip(ours.parameters(), theirs.parameters(), strict=True):
            np.testing.assert_allclose(one.grad.numpy(), two.grad.numpy(), rtol=1e-5, atol=1e-6)
