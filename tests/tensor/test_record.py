"""Recordings: whenever numbers are asked for, results and gradients are the same."""

from __future__ import annotations

import threading
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import knoll
from knoll import Tensor
from knoll.errors import LabelError, ShapeError
from knoll.ops.loss.cross_entropy import cross_entropy
from knoll.run import light
from knoll.tensor import apply, recording, trace_cache
from knoll.tensor.record import Recorder, recorded_by, state

STEPS: list[Callable[[Tensor, Tensor], Tensor]] = [
    lambda h, w: h @ w,
    lambda h, _: h.relu() + 0.1,
    lambda h, _: h.reshape(-1).reshape(h.shape),
    lambda h, _: h - h.mean(0, keepdim=True),
    lambda h, _: h.t().contiguous().t(),
    lambda h, _: h.tanh() * h,
    lambda h, _: knoll.cat([h[:1], h[1:]]),
]
QUESTIONS: list[Callable[[Tensor], object]] = [
    repr, lambda h: h.sum().item(), lambda h: bool((h > 100).any()), lambda h: h.tolist(), lambda h: float(h[0, 0]),
    lambda h: h.detach().numpy(), lambda h: 0.5 in h, lambda h: [row.sum() for row in h], len,
]  # fmt: skip


@given(
    steps=st.lists(st.integers(0, len(STEPS) - 1), min_size=1, max_size=6),
    questions=st.lists(st.one_of(st.none(), st.integers(0, len(QUESTIONS) - 1)), min_size=6, max_size=6),
)
@settings(max_examples=60, deadline=None)
def test_questions_change_nothing(steps: list[int], questions: list[int | None]) -> None:
    def run(recorded: bool) -> tuple[list[float], list[float], list[float]]:
        rng = np.random.default_rng(0)
        x, w = (knoll.tensor(rng.standard_normal((3, 3)), requires_grad=True) for _ in range(2))

        def forward() -> Tensor:
            h = x
            for step, question in zip(steps, questions, strict=False):
                h = STEPS[step](h, w)
                if recorded and question is not None:
                    QUESTIONS[question](h)
            return (h * h).sum()

        if recorded:
            with recording():
                loss = forward()
        else:
            loss = forward()
        loss.backward()
        assert x.grad is not None
        return loss.item(), x.grad.tolist(), w.grad.tolist() if w.grad is not None else []

    for ours, plain in zip(run(True), run(False), strict=True):
        np.testing.assert_allclose(ours, plain, rtol=1e-9, atol=1e-9)


def test_pending_tensors_know_their_shape_and_type() -> None:
    with recording():
        y = knoll.ones(2, 3) @ knoll.ones(3, 4)
        assert y._array is None
        assert y.shape == (2, 4)
        assert y.size(1) == 4
        assert y.dtype == knoll.float32
        assert len(y) == 2
        assert y._array is None
    assert y._array is not None


def test_tensors_that_escape_are_computed() -> None:
    kept = []
    with recording():
        h = knoll.ones(2) * 3
        kept.append(h)
        y = h + 1
    assert kept[0].tolist() == [3, 3]
    assert y.tolist() == [4, 4]


def test_tensors_that_nobody_holds_are_not_outputs() -> None:
    x = knoll.ones(2, requires_grad=True)
    with recording():
        y = (x * 2).exp().sum()
    assert y._edge is not None
    assert len(y._edge.node.graph.outputs) == 1


def test_nested_recordings_join() -> None:
    x = knoll.ones(2, requires_grad=True)
    with recording():
        with recording():
            h = x * 2
        assert h._array is None
        y = h.sum()
    assert y._edge is not None
    assert h._edge is not None
    assert y._edge.node is h._edge.node


def test_no_grad_inside_stops_gradients() -> None:
    x = knoll.ones(2, requires_grad=True)
    with recording():
        with knoll.no_grad():
            scale = x * 3
        assert not scale.requires_grad
        y = (x * scale).sum()
    y.backward()
    assert x.grad is not None
    assert x.grad.tolist() == [3, 3]


def test_no_grad_around() -> None:
    x = knoll.ones(2, requires_grad=True)
    with knoll.no_grad(), recording():
        y = x * 2
    assert not y.requires_grad
    assert y._edge is None


def test_operations_without_gradient_stop_it() -> None:
    x = knoll.tensor([1.5, -2.5], requires_grad=True)
    with recording():
        y = (x * (x > 0).float()).sum() + (x // 1).sum()
    y.backward()
    assert x.grad is not None
    assert x.grad.tolist() == [1, 0]


def test_an_exception_leaves_nothing_behind() -> None:
    x = knoll.ones(2, requires_grad=True)
    kept: list[Tensor] = []

    def forward() -> None:
        kept.append(x * 2)
        x @ knoll.ones(3)

    with pytest.raises(ShapeError, match="inconsistent tensor size"), recording():
        forward()
    assert state.recorder is None
    assert (x + 1).tolist() == [2, 2]
    assert kept[0].tolist() == [2, 2]  # what was recorded can still be computed


def test_an_error_in_the_numbers_is_told_each_time() -> None:
    labels = knoll.tensor([5])
    losses = []
    with pytest.raises(LabelError, match="Target 5 is out of bounds"), recording():
        losses.append(apply(cross_entropy, knoll.ones(1, 3), labels)[0])
    assert state.recorder is None
    with pytest.raises(LabelError, match="Target 5 is out of bounds"):
        losses[0].item()


def test_threads_do_not_mix() -> None:
    wait = threading.Barrier(2)
    results: dict[int, list[float]] = {}

    def work(number: int) -> None:
        x = knoll.full((3,), float(number), requires_grad=True)
        with recording():
            y = x * 2
            wait.wait()
            with knoll.no_grad() if number else knoll.enable_grad():
                wait.wait()
                z = y + number
            wait.wait()
        assert z.requires_grad == (number == 0)
        results[number] = z.tolist()

    threads = [threading.Thread(target=work, args=(number,)) for number in (0, 1)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert results == {0: [0, 0, 0], 1: [3, 3, 3]}
    assert state.recorder is None
    assert state.grad


def test_results_that_are_views_lie_in_one_memory() -> None:
    x = knoll.ones(4)
    with recording():
        y = x * 2
        z, d, v, apart = y.reshape(2, 2), y.detach(), y[1:], y * 1
    array = v.numpy()
    y.zero_()
    assert z.tolist() == [[0, 0], [0, 0]]
    assert d.tolist() == [0, 0, 0, 0]
    assert v.tolist() == array.tolist() == [0, 0, 0]
    assert apart.tolist() == [2, 2, 2, 2]
    assert x.tolist() == [1, 1, 1, 1]


def test_arrays_in_any_layout_can_be_recorded() -> None:
    array = np.arange(12.0).reshape(3, 4)[:, ::-2]
    x = knoll.from_numpy(array).requires_grad_()
    with recording():
        y = (x @ x.t()).sum()
    y.backward()
    assert x.grad is not None
    np.testing.assert_allclose(x.grad.numpy(), 2 * np.broadcast_to(array.sum(0), array.shape))


def test_a_recording_that_was_made_before_is_made_of_the_same_nodes() -> None:
    def call() -> knoll.Tensor:
        with recorded_by(recorder := Recorder()):
            y = (knoll.ones(3, 4) * knoll.ones(3, 4)).exp()
        recorders.append(recorder)
        return y

    recorders: list[Recorder] = []
    first, second = call(), call()
    assert first._value is second._value
    assert recorders[0].graph_of([first])[0] is recorders[1].graph_of([second])[0]


def test_two_equal_operations_of_one_recording_are_two_nodes() -> None:
    x = knoll.ones(3, 4)
    with recorded_by(recorder := Recorder()):
        a, b = x.exp(), x.exp()
        assert a._value is not b._value
        recorder.finish()
    a.add_(1)
    assert b.tolist() == x.exp().tolist()


def test_shapes_that_change_all_the_time_are_not_kept_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trace_cache, "MOST_INTERNED", 100)
    layer = knoll.nn.Sequential(knoll.nn.Flatten(), knoll.nn.Threshold(0.5, 0.0))
    for rows in range(1, 200):
        assert layer(knoll.ones(rows, 2, 2)).shape == (rows, 4)
        assert trace_cache.trace_cache().size <= 110


def test_a_leaf_that_wants_a_gradient_only_now_and_then() -> None:
    x, w = knoll.ones(3), knoll.full((3,), 2.0)
    module = Product(w)
    for wants in (False, True, False, True):
        w.requires_grad_(wants)
        y = module(x)
        assert y.requires_grad is wants
        if wants:
            y.sum().backward()
    assert w.grad is not None
    assert w.grad.tolist() == [2, 2, 2]


class Product(knoll.nn.Module):
    """x times a tensor that is no parameter."""

    def __init__(self, w: knoll.Tensor) -> None:
        super().__init__()
        self.w = w

    def forward(self, x: knoll.Tensor) -> knoll.Tensor:
        """The product."""
        return x * self.w


def test_what_does_not_fit_is_refused_every_time_and_what_fits_is_not_kept_for_ever(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(light, "MOST_KNOWN", 20)
    monkeypatch.setattr(light, "_known", {})
    for _ in range(2):
        with pytest.raises(ShapeError, match="size of tensor a"):
            knoll.ones(3) + knoll.ones(4)
        assert (knoll.ones(3) + knoll.ones(3)).tolist() == [2, 2, 2]
    for rows in range(1, 100):
        assert (knoll.ones(rows) * 2).shape == (rows,)
        assert len(light._known) <= 20
