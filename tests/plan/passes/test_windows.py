"""Windows stay an axis behind the samples: window attention is one program, with the same numbers."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import knoll
from against_meaning import check, machines, value
from knoll import nn
from knoll.graph import Graph, Value, evaluate
from knoll.machine import Machine, host
from knoll.ops.activation.softmax import softmax
from knoll.ops.convolution.conv import conv2d
from knoll.ops.elementwise.arithmetic import add, exp, multiply
from knoll.ops.linear_algebra.linear import linear, matmul
from knoll.ops.reduction.reduce import mean, sum_
from knoll.ops.shapes.reshape import concatenate, permute, reshape, split
from knoll.plan.passes import simplify
from knoll.plan.passes.windows import windows_to_axis
from knoll.run.build import build
from knoll.run.compiled import CompiledProgram
from planned import SLIDE

N, SIDE, WIDE, CHANNELS, HEADS = 3, 2, 4, 6, 2  # windows of 2 × 2 in an image of 4 × 4
COUNT, ROWS = (WIDE // SIDE) ** 2, SIDE**2


def cut(x: Value, samples: int = N) -> Value:
    """(n, h, w, c) → (n · k, rows, c)."""
    tiles = reshape(x, shape=(samples, WIDE // SIDE, SIDE, WIDE // SIDE, SIDE, CHANNELS))
    return reshape(permute(tiles, axes=(0, 1, 3, 2, 4, 5)), shape=(samples * COUNT, ROWS, CHANNELS))


def joined(x: Value, samples: int = N) -> Value:
    """(n · k, rows, c) → (n, h, w, c)."""
    tiles = reshape(x, shape=(samples, WIDE // SIDE, WIDE // SIDE, SIDE, SIDE, CHANNELS))
    return reshape(permute(tiles, axes=(0, 1, 3, 2, 4, 5)), shape=(samples, WIDE, WIDE, CHANNELS))


def attention(samples: int = N) -> Graph:
    """Window attention with a bias for each pair of places and a mask for each window."""
    x, w, v = value("float64", samples, WIDE, WIDE, CHANNELS), value("float64", 18, CHANNELS), value("float64", 6, 6)
    bias, mask = value("float64", 1, HEADS, ROWS, ROWS), value("float64", 1, COUNT, 1, ROWS, ROWS)
    windows = cut(x, samples)
    count = samples * COUNT
    mixed = reshape(linear(windows, w), shape=(count, ROWS, 3, HEADS, 3))
    parts = split.node(mixed, axis=2, sizes=(1, 1, 1)).outputs
    q, k, u = (permute(reshape(part, shape=(count, ROWS, HEADS, 3)), axes=(0, 2, 1, 3)) for part in parts)
    scores = add(matmul(q, permute(k, axes=(0, 1, 3, 2))), bias)
    scores = add(reshape(scores, shape=(samples, COUNT, HEADS, ROWS, ROWS)), mask)
    shares = softmax(reshape(scores, shape=(count, HEADS, ROWS, ROWS)), axis=3)
    mixed = reshape(permute(matmul(shares, u), axes=(0, 2, 1, 3)), shape=(count, ROWS, CHANNELS))
    return Graph((x, w, v, bias, mask), (add(x, joined(linear(mixed, v), samples)),))


def reduced() -> Graph:
    """Normalised windows, and others that stand side by side with them."""
    x, scale = value("float64", N, WIDE, WIDE, CHANNELS), value("float64", CHANNELS)
    windows = cut(x)
    centred = add(windows, multiply(mean(windows, axes=(2,), keep=True), mean(windows, axes=(1, 2), keep=True)))
    both = concatenate(multiply(centred, scale), exp(windows), axis=1)
    return Graph((x, scale), (reshape(sum_(both, axes=(1,), keep=False), shape=(N, COUNT, CHANNELS)),))


def patches() -> Graph:
    """Patches of images whose channels and half of whose rows are taken for samples, then the places of each patch."""
    x, w = value("float64", N, CHANNELS, WIDE, WIDE), value("float64", CHANNELS, CHANNELS)
    tiles = reshape(exp(x), shape=(N * CHANNELS * WIDE // SIDE, SIDE, WIDE // SIDE, SIDE))
    places = reshape(permute(tiles, axes=(0, 2, 1, 3)), shape=(N, CHANNELS, COUNT, ROWS))
    rows = reshape(permute(places, axes=(0, 3, 2, 1)), shape=(N * ROWS, COUNT, CHANNELS))
    mixed = matmul(softmax(matmul(rows, permute(rows, axes=(0, 2, 1))), axis=2), linear(rows, w))
    back = permute(reshape(mixed, shape=(N, ROWS, COUNT, CHANNELS)), axes=(0, 3, 2, 1))
    tiles = reshape(back, shape=(N * CHANNELS * WIDE // SIDE, WIDE // SIDE, SIDE, SIDE))
    return Graph((x, w), (add(x, reshape(permute(tiles, axes=(0, 2, 1, 3)), shape=x.spec.shape)),))


@machines
@pytest.mark.parametrize("make", [attention, reduced, patches])
def test_windows_are_one_program(machine: Machine, make: Any) -> None:
    graph = make()
    check(graph, machine, wrt=tuple(range(len(graph.inputs)))[:4])  # a mask has no gradient


def test_a_batch_of_one_is_one_program_too() -> None:
    check(attention(1), host(), wrt=(0, 1, 2, 3))


def test_each_sample_is_computed_alone() -> None:
    program = build(attention(), (), host())
    assert isinstance(program, CompiledProgram)
    random = np.random.default_rng(0)
    arrays = [random.standard_normal(each.spec.shape) for each in program.graph.inputs]
    (together,) = program.forward(arrays)[0]
    alone = [program.forward([arrays[0][i : i + 1], *arrays[1:]])[0][0] for i in range(N)]
    np.testing.assert_array_equal(np.concatenate(alone), together)


def test_what_needs_windows_as_samples_gets_them() -> None:
    x, w = value("float64", 2, 3, 4, 5, 5), value("float64", 6, 4, 3, 3)
    frames = reshape(exp(x), shape=(6, 4, 5, 5))
    graph = Graph((x, w), (reshape(conv2d(frames, w, **SLIDE), shape=(2, 3, 6, 5, 5)),))
    after = windows_to_axis(graph)
    assert after is graph
    random = np.random.default_rng(0)
    arrays = [random.standard_normal(each.spec.shape) for each in graph.inputs]
    program = build(graph, (0, 1), host())
    np.testing.assert_allclose(program.forward(arrays)[0][0], evaluate(graph, arrays)[0], atol=1e-12)


def test_what_has_no_windows_is_left_alone() -> None:
    x = value("float64", 4, 6)
    flat = Graph((x,), (reshape(exp(x), shape=(24,)),))
    assert windows_to_axis(flat) is flat
    assert simplify(flat, False).outputs[0].spec.shape == (24,)


class WindowAttention(nn.Module):
    """A block of a Swin Transformer as programs write it."""

    def __init__(self) -> None:
        super().__init__()
        self.qkv, self.out, self.norm = nn.Linear(8, 24), nn.Linear(8, 8), nn.LayerNorm(8)
        self.bias = nn.Parameter(knoll.randn(9, HEADS))
        self.register_buffer("places", knoll.arange(16).reshape(4, 4) % 9)

    def forward(self, x: Any) -> Any:
        n, h, w, c = x.shape
        y = knoll.roll(self.norm(x), shifts=(-1, -1), dims=(1, 2))
        y = y.view(n, h // 2, 2, w // 2, 2, c).permute(0, 1, 3, 2, 4, 5).reshape(-1, 4, c)
        q, k, v = self.qkv(y).reshape(len(y), 4, 3, HEADS, 4).permute(2, 0, 3, 1, 4).unbind(0)
        bias = self.bias[self.places.view(-1)].view(4, 4, -1).permute(2, 0, 1).unsqueeze(0)
        scores = (q * 0.5) @ k.transpose(-2, -1) + bias
        y = self.out((scores.softmax(-1) @ v).transpose(1, 2).reshape(-1, 4, c))
        y = y.view(n, h // 2, w // 2, 2, 2, c).permute(0, 1, 3, 2, 4, 5).reshape(n, h, w, c)
        return x + knoll.roll(y, shifts=(1, 1), dims=(1, 2))


def test_a_block_of_a_swin_transformer_is_one_program(monkeypatch: pytest.MonkeyPatch) -> None:
    from knoll.run import build as building

    built: list[Any] = []
    make = building.build

    def seen(*arguments: Any) -> Any:
        built.append(make(*arguments))
        return built[-1]

    monkeypatch.setattr(building, "build", seen)
    knoll.manual_seed(0)
    net, x = WindowAttention(), knoll.randn(2, 8, 8, 8, requires_grad=True)
    net(x).square().sum().backward()
    assert built
    assert all(isinstance(program, CompiledProgram) for program in built)
    assert x.grad is not None
    assert net.bias.grad is not None
    gradient = x.grad.numpy().copy()
    for name, numbers in (("x", x), ("bias", net.bias)):  # slopes, by differences
        step, place = 1e-2, (0,) * numbers.ndim
        moved = numbers.detach().numpy()
        before, found = moved[place].copy(), numbers.grad.numpy()[place]
        ends = []
        for end in (before + step, before - step):
            moved[place] = end
            ends.append(float(net(x).square().sum()))
        moved[place] = before
        assert (ends[0] - ends[1]) / (2 * step) == pytest.approx(found, rel=2e-2, abs=2e-2), name
    assert np.isfinite(gradient).all()
