"""The run time under many callers, after a fork, and with any number of threads."""

from __future__ import annotations

import multiprocessing
import os
import threading
from typing import Any

import numpy as np
import pytest

import knoll
from knoll.errors import ArgumentError
from knoll.run.threads import cores, get_num_threads, set_num_threads


@pytest.fixture(autouse=True)
def two_threads() -> Any:
    before = get_num_threads()
    set_num_threads(2)
    yield
    set_num_threads(before)


def network() -> knoll.nn.Module:
    knoll.manual_seed(0)
    nn = knoll.nn
    return nn.Sequential(
        nn.Conv2d(3, 16, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(), nn.Linear(16 * 64, 5)
    )


def output(net: knoll.nn.Module, images: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    with knoll.no_grad():
        return net(knoll.tensor(images)).numpy()


def images(seed: int, n: int = 9) -> np.ndarray[Any, Any]:
    return np.random.default_rng(seed).standard_normal((n, 3, 16, 16)).astype(np.float32)


@pytest.mark.parametrize("count", [0, -1, 257, True, 1.5, "2"])
def test_wrong_numbers_of_threads_are_refused(count: Any) -> None:
    with pytest.raises(ArgumentError, match="256"):
        set_num_threads(count)


def test_cores_respect_affinity() -> None:
    assert 1 <= cores() <= (os.cpu_count() or 1)


def test_many_callers_at_once() -> None:
    net = network()
    truth = [output(net, images(seed)) for seed in range(8)]
    wrong: list[int] = []

    def call(seed: int) -> None:
        wrong.extend(seed for _ in range(20) if not np.array_equal(output(net, images(seed)), truth[seed]))

    callers = [threading.Thread(target=call, args=(seed,)) for seed in range(8)]
    for caller in callers:
        caller.start()
    for caller in callers:
        caller.join()
    assert not wrong


def _in_child(queue: Any, net: knoll.nn.Module) -> None:
    queue.put(output(net, images(1)))


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork here")
@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # forking with threads is what is tested
def test_a_forked_child_hires_its_own_workers() -> None:
    net = network()
    truth = output(net, images(1))
    context = multiprocessing.get_context("fork")
    queue = context.SimpleQueue()
    child = context.Process(target=_in_child, args=(queue, net))
    child.start()
    child.join(60)
    assert child.exitcode == 0
    np.testing.assert_array_equal(queue.get(), truth)


def test_two_networks_of_one_shape_do_not_mix() -> None:
    """They share a program, but not their parameters: not even between forward and backward."""
    one, two = network(), network()
    with knoll.no_grad():
        for parameter in two.parameters():
            parameter.mul_(2.0)
    x = knoll.tensor(images(3))

    def gradients(net: knoll.nn.Module, other: knoll.nn.Module) -> list[np.ndarray[Any, Any]]:
        net.zero_grad()
        loss = net(x).sum()
        other(x)
        loss.backward()
        return [p.grad.numpy().copy() for p in net.parameters() if p.grad is not None]

    for mixed, alone in zip(gradients(one, two), gradients(one, one), strict=True):
        np.testing.assert_array_equal(mixed, alone)


def test_changed_parameters_are_seen() -> None:
    net, x = network(), images(4)
    before = output(net, x)
    with knoll.no_grad():
        for parameter in net.parameters():
            parameter.mul_(0.5)
    assert not np.array_equal(output(net, x), before)
    weight = next(iter(net.parameters())).detach().numpy()
    weight[...] = 0  # through shared memory, which no version counts
    silent = output(net, x)
    weight[...] = 1
    assert not np.array_equal(output(net, x), silent)


def test_denormals_are_flushed_inside_and_not_outside() -> None:
    output(network(), images(5))
    tiny = np.float32(1e-30) * np.float32(1e-12)
    assert tiny > 0
