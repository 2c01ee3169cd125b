"""The run time under many callers, after a fork, and with any number of threads."""

from __future__ import annotations

import ctypes
import multiprocessing
import os
import platform
import sys
import threading
import time
from dataclasses import replace
from typing import Any
from unittest import mock

import llvmlite.binding as llvm
import numpy as np
import pytest

import knoll
from knoll.errors import ArgumentError
from knoll.llvm.link import linked
from knoll.machine import host
from knoll.run import threads
from knoll.run.threads import cores, get_num_threads, pool, set_num_threads
from knoll.run.waiting import WaitMethod, run_time


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
def test_a_forked_child_starts_its_own_workers() -> None:
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


@pytest.fixture
def new_pool(monkeypatch: pytest.MonkeyPatch) -> None:
    """No workers have been started yet."""
    monkeypatch.setattr(threads, "_pools", [])


def trained(net: knoll.nn.Module) -> list[np.ndarray[Any, Any]]:
    """An output, that of a bound program, and gradients."""
    net.zero_grad()
    result = net(knoll.tensor(images(1)))
    result.sum().backward()
    program = knoll.compile(net, knoll.tensor(images(1)))
    gradients = [p.grad.numpy().copy() for p in net.parameters() if p.grad is not None]
    return [result.detach().numpy(), program(images(1)), program(images(2, n=1)), *gradients]


def same(one: list[np.ndarray[Any, Any]], two: list[np.ndarray[Any, Any]]) -> None:
    for a, b in zip(one, two, strict=True):
        np.testing.assert_array_equal(a, b)


@pytest.mark.parametrize("begun", [0, 1])
def test_fewer_threads_do_where_the_system_has_no_more(
    begun: int, new_pool: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    net = network()
    truth = trained(net)
    monkeypatch.setattr(threads, "_pools", [])
    start, left = threading.Thread.start, [begun]

    def refusing(thread: threading.Thread) -> None:
        if not left[0]:
            raise RuntimeError("can't start new thread")
        left[0] -= 1
        start(thread)

    monkeypatch.setattr(threading.Thread, "start", refusing)
    set_num_threads(4)
    same(trained(net), truth)
    program = knoll.compile(net, knoll.tensor(images(1)))
    few = program(images(1))
    left[0] = 4  # now there are more
    np.testing.assert_array_equal(program(images(1)), few)
    assert pool().started == 4


@pytest.mark.parametrize("named", ["²", "two", "0", "-1", "257", "1.5", "1e2"])
def test_odd_numbers_of_threads_in_the_environment_are_told(named: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(threads._Setting, "threads", None)
    monkeypatch.setattr(threads, "_default", threads._default.__wrapped__)
    monkeypatch.setenv("KNOLL_THREADS", named)
    with pytest.raises(ArgumentError, match=r"KNOLL_THREADS.*256"):
        get_num_threads()


@pytest.mark.parametrize(("named", "count"), [("", cores()), (" 3 ", 3), ("٤", 4)])
def test_numbers_of_threads_in_the_environment_count(named: str, count: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(threads._Setting, "threads", None)
    monkeypatch.setattr(threads, "_default", threads._default.__wrapped__)
    monkeypatch.setenv("KNOLL_THREADS", named)
    assert get_num_threads() == min(count, threads.MAX_THREADS)


def test_workers_may_wait_on_a_condition(new_pool: None, monkeypatch: pytest.MonkeyPatch) -> None:
    net = network()
    truth = trained(net)
    monkeypatch.setattr(threads, "_pools", [])
    monkeypatch.setenv("KNOLL_WAIT", "condition")
    set_num_threads(4)
    for _ in range(3):
        same(trained(net), truth)
        time.sleep(0.4)  # long enough for workers to go to sleep
    test_many_callers_at_once()


def test_unknown_ways_to_wait_are_told(new_pool: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KNOLL_WAIT", "patiently")
    with pytest.raises(ArgumentError, match="futex, condition"):
        pool()


@pytest.mark.parametrize("processor", ["x86_64-pc-windows-msvc-elf", "x86_64-apple-macosx-elf", "x86_64-linux-gnu"])
@pytest.mark.parametrize("method", ["futex", "condition"])
def test_the_run_time_is_code_on_other_systems(processor: str, method: WaitMethod) -> None:
    llvm.initialize_all_targets()
    llvm.initialize_all_asmprinters()
    for triple in (processor, processor.replace("x86_64", "aarch64").replace("pc-windows-msvc", "apple-macosx")):
        target = llvm.Target.from_triple(triple).create_target_machine(reloc="pic", codemodel="small", jit=True)
        machine = replace(host(), x86=triple.startswith("x86"))
        with mock.patch("platform.machine", lambda triple=triple: triple.split("-")[0]):
            module = llvm.parse_assembly(run_time(machine, method))
        module.triple = triple
        image = linked(bytes(target.emit_object(module)), lambda _: 0)
        assert {"worker", "dispatch"} <= set(image.functions)


@pytest.mark.skipif(platform.machine() not in ("x86_64", "AMD64") or sys.platform != "linux", reason="names of x86's C")
@pytest.mark.parametrize("direction", [0x400, 0x800, 0xC00], ids=["down", "up", "to zero"])
def test_the_callers_rounding_reaches_no_kernel_and_is_left_as_it_was(direction: int) -> None:
    mathematics = ctypes.CDLL("libm.so.6")
    net, x = network(), images(5)
    truth = output(net, x)
    program = knoll.compile(net, knoll.tensor(x))
    try:
        assert not mathematics.fesetround(direction)
        rounded, bound = output(net, x), program(x)
        assert mathematics.fegetround() == direction
    finally:
        mathematics.fesetround(0)
    np.testing.assert_array_equal(rounded, truth)
    np.testing.assert_array_equal(bound, truth)
