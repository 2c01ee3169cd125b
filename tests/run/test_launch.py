"""Launches: laid out once for a workspace, they give the same with other arrays, parameters and threads."""

from __future__ import annotations

import numpy as np
import pytest

import knoll
from knoll import nn
from knoll.graph import Array
from knoll.run import program_for
from knoll.run.compiled import CompiledProgram
from knoll.run.launch import Launch
from knoll.run.threads import _Setting
from knoll.tensor.record import traced


def _program(layer: nn.Module, *shape: int) -> tuple[CompiledProgram, list[Array]]:
    graph, leaves = traced(layer, knoll.zeros(*shape))
    program = program_for(graph, tuple(range(1, len(leaves))))
    assert isinstance(program, CompiledProgram)
    return program, [leaf.detach().numpy() for leaf in leaves]


def test_calls_of_the_same_size_share_a_launch(monkeypatch: pytest.MonkeyPatch) -> None:
    program, (_, *parameters) = _program(nn.Conv2d(2, 5, 3), 3, 2, 7, 6)
    laid_out: list[int] = []
    begin = Launch.__init__

    def counted(self: Launch, *given: object) -> None:
        laid_out.append(1)
        begin(self, *given)

    monkeypatch.setattr(Launch, "__init__", counted)
    results = []
    for _ in range(3):
        (y,), saved = program.forward([np.ones((3, 2, 7, 6), np.float32), *parameters])
        results.append([y, *program.backward(saved, [np.ones_like(y)])])
        del saved
    for again in results[1:]:
        for one, other in zip(results[0], again, strict=True):
            np.testing.assert_array_equal(one, other)
    assert len(laid_out) == 3  # parameters packed, forward, backward: once each


def test_calls_that_wait_for_their_backward_have_their_own_memory() -> None:
    program, (_, *parameters) = _program(nn.Conv2d(2, 5, 3), 3, 2, 7, 6)
    x = np.random.default_rng(0).standard_normal((3, 2, 7, 6)).astype(np.float32)
    (y,), first = program.forward([x, *parameters])
    _, second = program.forward([2 * x, *parameters])
    dweight = program.backward(first, [np.ones_like(y)])[0]
    dtwice = program.backward(second, [np.ones_like(y)])[0]
    np.testing.assert_array_equal(2 * dweight, dtwice)


def test_parameters_that_change_are_read_anew_with_any_number_of_threads(monkeypatch: pytest.MonkeyPatch) -> None:
    layer = nn.Sequential(nn.Conv2d(3, 8, 3), nn.Flatten(), nn.Linear(72, 2))
    x = knoll.randn(5, 3, 5, 5)
    for step in range(4):
        with knoll.no_grad():
            for parameter in layer.parameters():
                parameter.add_(0.1)
            expected = knoll.compile(layer, x)(x.numpy())
            monkeypatch.setattr(_Setting, "threads", 1 + step % 2)
            np.testing.assert_array_equal(layer(x).numpy(), expected)
