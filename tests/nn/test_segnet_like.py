"""Networks that pool, remember where, and unpool: one program, the same numbers as the meaning and as PyTorch."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
import pytest

import knoll
from knoll import nn
from knoll.graph import Array, Graph
from knoll.machine import host
from knoll.ops.differentiate import differentiate
from knoll.run.build import build
from knoll.run.compiled import CompiledProgram
from knoll.run.reference import ReferenceProgram
from knoll.tensor.record import traced


def network(nn: Any) -> Any:
    """An encoder that pools three times and a decoder that unpools three times, as SegNet, in few channels."""

    class Network(nn.Module):  # of whichever library is given
        def __init__(self, *, overlapping: bool = False) -> None:
            super().__init__()
            sizes = (3, 2, 1) if overlapping else (2,)
            self.pool, self.unpool = nn.MaxPool2d(*sizes, return_indices=True), nn.MaxUnpool2d(*sizes)
            channels = (3, 8, 19, 33)
            pairs = list(pairwise(channels))
            self.down = nn.ModuleList([nn.Conv2d(a, b, 3, padding=1) for a, b in pairs])
            self.up = nn.ModuleList([nn.Conv2d(b, a, 3, padding=1) for a, b in reversed(pairs)])

        def forward(self, x: Any) -> Any:
            kept = []
            for layer in self.down:
                size = x.shape
                x, indices = self.pool(layer(x).relu())
                kept.append((indices, size))
            for layer, (indices, size) in zip(self.up, reversed(kept), strict=True):
                x = layer(self.unpool(x, indices, (*x.shape[:2], *size[2:])))
            return x

    return Network


Network = network(nn)


def graph_of(model: nn.Module, x: Array) -> tuple[Graph, list[Array]]:
    """The graph of a call, and the arrays that it begins with."""
    graph, leaves = traced(model, knoll.tensor(x))
    return graph, [leaf.detach().numpy() for leaf in leaves]


@pytest.mark.parametrize("size", [(16, 24), (21, 29)])
@pytest.mark.parametrize("overlapping", [False, True])
def test_one_program_and_the_same_numbers_as_the_meaning(size: tuple[int, int], overlapping: bool) -> None:
    x = np.random.default_rng(0).standard_normal((3, 3, *size))
    graph, arrays = graph_of(Network(overlapping=overlapping).to(np.float64), x)
    wanted = tuple(range(len(graph.inputs)))
    program, reference = build(graph, wanted, host()), ReferenceProgram(graph, differentiate(graph, wanted))
    assert isinstance(program, CompiledProgram)
    assert isinstance(build(graph, (), host()), CompiledProgram)
    assert not any(buffer.element == "int64" for buffer in program.plan.buffers), "codes of one byte do"
    (y,), saved = program.forward(arrays)
    (truth,), known = reference.forward(arrays)
    np.testing.assert_allclose(y, truth, atol=1e-12)
    seed = np.random.default_rng(1).standard_normal(truth.shape)
    for one, other in zip(program.backward(saved, [seed]), reference.backward(known, [seed]), strict=True):
        np.testing.assert_allclose(one, other, atol=1e-10 * max(1, np.abs(other).max()))


@pytest.mark.parametrize("overlapping", [False, True])
def test_training_goes_as_in_pytorch(torch: Any, overlapping: bool) -> None:
    ours, theirs = Network(overlapping=overlapping).to(np.float64), network(torch.nn)(overlapping=overlapping).double()
    theirs.load_state_dict({name: torch.tensor(value.numpy()) for name, value in ours.state_dict().items()})
    mine, others = knoll.optim.SGD(ours.parameters(), 0.05), torch.optim.SGD(theirs.parameters(), 0.05)
    for step in range(3):
        x = np.random.default_rng(step).standard_normal((2, 3, 13, 18))
        results = []
        for model, optimizer, given in ((ours, mine, knoll.tensor(x)), (theirs, others, torch.tensor(x))):
            optimizer.zero_grad()
            loss = ((model(given) - given) ** 2).mean()
            loss.backward()
            optimizer.step()
            results.append(loss.item())
        assert results[0] == pytest.approx(results[1], rel=1e-10)


def test_a_network_may_give_its_indices() -> None:
    class Both(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.layer, self.pool = nn.Conv2d(3, 17, 3), nn.MaxPool2d(2, return_indices=True)

        def forward(self, x: Any) -> Any:
            y, indices = self.pool(self.layer(x))
            return y * 2, indices

    x = np.random.default_rng(0).standard_normal((2, 3, 11, 9))
    model = Both().to(np.float64)
    y, indices = model(x)
    values, truth = nn.functional.max_pool2d(model.layer(x).detach(), 2, return_indices=True)
    np.testing.assert_array_equal(indices.numpy(), truth.numpy())
    np.testing.assert_allclose(y.detach().numpy(), 2 * values.numpy())
    y.sum().backward()
    assert model.layer.weight.grad is not None
