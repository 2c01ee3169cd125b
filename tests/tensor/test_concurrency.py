"""Threads that share tensors: what waits in the recording of one of them is asked for, changed and read by another."""

from __future__ import annotations

import copy
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

import knoll
from knoll import Tensor, nn
from knoll.tensor import concurrency, recording
from knoll.tensor.record import state


def together(*functions: Callable[[], object]) -> list[object]:
    """What functions give that run in threads of their own at one time."""
    with ThreadPoolExecutor(len(functions)) as threads:
        return [future.result(timeout=60) for future in [threads.submit(function) for function in functions]]


@pytest.fixture(params=[5e-3, 1e-6], ids=["slow", "fast"])
def _switching(request: pytest.FixtureRequest) -> Iterator[None]:
    before = sys.getswitchinterval()
    sys.setswitchinterval(request.param)
    yield
    sys.setswitchinterval(before)


class Meets(nn.Module):
    """Two normalisations, in either order, and what is called between them."""

    def __init__(self, *layers: nn.Module) -> None:
        super().__init__()
        self.first, self.second = layers
        self.between: Callable[[], object] = lambda: None

    def forward(self, x: Tensor) -> Tensor:
        y = self.first(x)
        self.between()
        return self.second(y)


def batch() -> Tensor:
    return knoll.tensor(np.random.default_rng(0).standard_normal((8, 3)).astype(np.float32))


def means(network: nn.Module) -> list[list[float]]:
    return [buffer.tolist() for name, buffer in network.named_buffers() if "running_mean" in name]


def until_one_waits() -> None:
    for _ in range(10_000):
        if concurrency._awaited:
            return
        threading.Event().wait(1e-3)
    raise AssertionError("no thread waits")


@pytest.mark.parametrize("training", [True, False])
def test_a_layer_waits_for_the_statistics_of_a_call_in_another_thread(training: bool) -> None:
    x, network = batch(), Meets(nn.BatchNorm1d(3), nn.ReLU())
    expected, other = copy.deepcopy(network), copy.deepcopy(network.first)
    expected(x)
    begun = threading.Event()

    def between() -> None:
        begun.set()
        until_one_waits()

    def second() -> list[float]:
        begun.wait()
        other._buffers.update(network.first._buffers)
        y: Tensor = other.train(training)(x)
        result: list[float] = y.tolist()
        return result

    network.between = between
    _, result = together(lambda: network(x), second)
    assert result == expected.first.train(training)(x).tolist()
    assert means(network) == means(expected)


@pytest.mark.parametrize("ask", [
    lambda layer: layer.running_mean.tolist(),
    lambda layer: layer.state_dict()["running_mean"].numpy().tolist(),
    lambda layer: copy.deepcopy(layer).running_mean.tolist(),
    lambda layer: [*(layer.running_mean[:2] * 1).tolist(), layer.running_mean[2].item()],
])  # fmt: skip
def test_a_thread_that_another_one_waits_for_runs_its_recording(
    ask: Callable[[nn.Module], list[float]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(concurrency, "PATIENCE", 0.01)
    x, network, barrier = batch(), Meets(nn.BatchNorm1d(3), nn.ReLU()), threading.Barrier(2)

    def between() -> None:
        barrier.wait()
        barrier.wait()

    def second() -> list[float]:
        barrier.wait()
        found = ask(network.first)
        barrier.wait()
        return found

    network.between = between
    y, found = together(lambda: network(x), second)
    np.testing.assert_allclose(found, 0.1 * x.numpy().mean(0), rtol=1e-5)
    assert means(network) == [found]
    assert isinstance(y, Tensor)
    assert y.requires_grad
    y.sum().backward()
    assert network.first.weight.grad is not None


def test_two_threads_that_wait_for_each_other_go_on() -> None:
    x, barrier = batch(), threading.Barrier(2)
    one, two = nn.BatchNorm1d(3, affine=False), nn.BatchNorm1d(3, affine=False)
    networks = Meets(one, two), Meets(two, one)
    for network in networks:
        network.between = barrier.wait
    together(*[lambda network=network: network(x) for network in networks])
    assert one.num_batches_tracked.item() == two.num_batches_tracked.item() == 2
    assert one.running_var.tolist() == pytest.approx(two.running_var.tolist(), rel=1e-4)
    assert not concurrency._awaited


class Averages(nn.Module):
    """A network whose author keeps averages by hand, in both ways."""

    def __init__(self) -> None:
        super().__init__()
        self.layers = nn.Sequential(nn.Linear(3, 4), nn.BatchNorm1d(4), nn.ReLU(), nn.Linear(4, 2), nn.BatchNorm1d(2))
        self.register_buffer("changed", knoll.zeros(3))
        self.register_buffer("assigned", knoll.zeros(3))

    def forward(self, x: Tensor) -> Tensor:
        self.changed.mul_(0.9).add_(0.1 * x.mean(0))
        self.assigned = 0.9 * self.assigned + 0.1 * x.mean(0)
        return self.layers(x + self.changed - self.assigned)


@pytest.mark.usefixtures("_switching")
def test_threads_that_share_a_network_do_not_fail() -> None:
    x, network = batch(), Averages()
    optimiser = knoll.optim.SGD(network.parameters(), lr=1e-4)

    def train() -> None:
        network(x)

    def learn() -> None:
        with knoll.no_grad():
            network(x)
        optimiser.step()

    def evaluate() -> None:
        network.eval()
        assert np.isfinite(network(x).detach().numpy()).all()
        network.train()

    def look() -> None:
        assert all(np.isfinite(each.numpy()).all() for each in network.state_dict().values())
        assert np.isfinite(copy.deepcopy(network)(x).detach().numpy()).all()

    def often(function: Callable[[], None]) -> Callable[[], None]:
        return lambda: [function() for _ in range(8)] and None

    together(*map(often, (train, train, learn, evaluate, look)))
    assert state.recorder is None
    assert not concurrency._awaited


@pytest.mark.usefixtures("_switching")
def test_no_gradient_and_no_count_is_lost() -> None:
    x, network, often = batch(), nn.Sequential(nn.Linear(3, 2), nn.BatchNorm1d(2)), 20

    def train() -> None:
        for _ in range(often):
            (network(x) * knoll.tensor([1.0, 2.0])).square().sum().backward()

    once = copy.deepcopy(network)
    (once(x) * knoll.tensor([1.0, 2.0])).square().sum().backward()
    together(train, train)
    assert network[1].num_batches_tracked.item() == 2 * often
    for ours, one in zip(network.parameters(), once.parameters(), strict=True):
        np.testing.assert_allclose(ours.grad.numpy(), 2 * often * one.grad.numpy(), rtol=1e-4, atol=1e-3)


def test_tensors_made_in_one_thread_are_used_in_another() -> None:
    x, w = knoll.ones(3, requires_grad=True), knoll.ones(3, requires_grad=True)
    made: list[Tensor] = []
    with recording():
        made.append(x * 2)
        reader = threading.Thread(target=lambda: made.append(made[0] * w))
        reader.start()
        until_one_waits()
    reader.join()
    made[1].sum().backward()
    assert x.grad is not None
    assert x.grad.tolist() == [2, 2, 2]


def test_what_a_failed_call_has_left_is_computed_by_another_thread() -> None:
    made: list[Tensor] = []

    def fails() -> None:
        with recording():
            made.append(knoll.ones(3) * 2)
            raise ValueError("enough")

    with pytest.raises(ValueError, match="enough"):
        fails()
    assert together(made[0].tolist) == [[2, 2, 2]]
