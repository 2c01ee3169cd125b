"""How work is shared out in native code, with kernels in Python that note which parts they were given."""

from __future__ import annotations

import os
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import pytest

import knoll
from counted_steps import Steps
from knoll import nn
from knoll.run import threads
from knoll.run.affinity import Affinity
from knoll.run.launch import WAKES
from knoll.run.threads import Pool, get_num_threads, set_num_threads

PATIENCE = 60.0


@pytest.fixture
def pool() -> Pool:
    return Pool()


@pytest.fixture
def nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    """Workers that the system never runs."""
    monkeypatch.setattr(Pool, "_worker_loop", lambda *_: None)


@pytest.fixture
def restored_threads() -> Iterator[None]:
    before = get_num_threads()
    yield
    set_num_threads(before)


@pytest.mark.parametrize("count", [1, 2, 3, 7])
def test_each_part_is_done_once_and_steps_keep_their_order(count: int, pool: Pool) -> None:
    steps = Steps([1, 2, 5, 16, 2000, 3])
    launch = steps.launch(count, groups=3, jobs=2)
    pool.start(count)
    for round_ in range(1, 6):
        pool.run(launch, [])
        assert steps.done == {(s, part): 6 * round_ for s, parts in enumerate(steps.parts) for part in range(parts)}
    assert not steps.overtaken


@pytest.mark.parametrize(("count", "groups"), [(1, 5), (2, 2), (2, 9), (3, 1000), (5, 3)])
def test_each_group_goes_through_all_steps_once(count: int, groups: int, pool: Pool) -> None:
    steps = Steps([4, 1])
    launch = steps.launch(count, groups, by_samples=True)
    pool.start(count)
    pool.run(launch, [])
    assert Counter(steps.calls) == {(0, 0, 4): groups, (1, 0, 1): groups}


@pytest.mark.parametrize(("count", "first", "groups"), [(1, 0, 3), (2, 2, 3), (3, 3, 5), (2, 4, 4)])
def test_steps_are_shared_from_a_group_on(count: int, first: int, groups: int, pool: Pool) -> None:
    steps = Steps([4, 1])
    launch = steps.launch(count, groups, first=first)
    pool.start(count)
    pool.run(launch, [])
    assert steps.done == Counter({(s, part): groups - first for s in (0, 1) for part in range(steps.parts[s])})


@pytest.mark.parametrize("by_samples", [False, True])
@pytest.mark.parametrize("count", [2, 4])
def test_the_caller_does_the_work_of_workers_that_never_come(
    count: int, by_samples: bool, pool: Pool, nobody: None
) -> None:
    steps = Steps([1, 2, 7, 600])
    launch = steps.launch(count, groups=11, by_samples=by_samples)
    assert pool.start(count) == count
    pool.run(launch, [])
    assert steps.done == {(s, part): 11 for s, parts in enumerate(steps.parts) for part in range(parts)}


@pytest.mark.parametrize("late", ["caller", "worker"])
def test_what_a_late_thread_has_not_begun_is_taken_over(late: str, pool: Pool) -> None:
    caller, others = threading.get_ident(), threading.Event()

    def meanwhile(_: int) -> None:
        if (threading.get_ident() == caller) == (late == "caller"):
            assert others.wait(PATIENCE)  # with one group, until all others are done
        elif len(steps.calls) + 1 == 8:
            others.set()

    steps = Steps([1], meanwhile)
    launch = steps.launch(2, groups=9, by_samples=True)
    pool.start(2)
    pool.run(launch, [])
    assert steps.calls == [(0, 0, 1)] * 9
    assert others.is_set()


def test_no_step_begins_before_the_last_is_done(pool: Pool) -> None:
    caller, begun = threading.get_ident(), threading.Event()

    def meanwhile(step: int) -> None:
        if step == 0 and threading.get_ident() != caller:
            begun.set()
        elif step == 0:
            begun.wait(0.05)  # the worker has had the time to go on, if it were allowed to

    steps = Steps([2, 2, 2], meanwhile)
    launch = steps.launch(2)
    pool.start(2)
    for _ in range(20):
        pool.run(launch, [])
    assert not steps.overtaken
    order = [step for step, *_ in steps.calls]
    assert [sorted(order[i : i + 6]) == order[i : i + 6] for i in range(0, len(order), 6)]


def test_a_launch_stays_as_long_as_a_worker_may_be_inside(pool: Pool, nobody: None) -> None:
    launch, other = Steps([2]).launch(2), Steps([3]).launch(2)
    inside = 3 * 8  # `workers.ll`
    pool.control[inside] = 1
    pool.run(launch, [])
    pool.run(other, [])
    assert pool._entered == {launch, other}
    pool.control[inside] = 0
    pool.run(other, [])
    assert not pool._entered


def test_sleeping_workers_are_woken_for_long_launches_and_in_series(
    pool: Pool, nobody: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    if pool._wait_method != "futex":
        pytest.skip("nobody is woken here")
    woken: list[bool] = []
    launch = Steps([2]).launch(2)
    monkeypatch.setattr(pool, "_call", lambda words: woken.append(bool(words[WAKES])) or [])
    for nanoseconds, since in ((np.inf, 10**9), (10, 10**9), (10**6, 10**9), (10, 0)):
        launch.nanoseconds = nanoseconds
        monkeypatch.setattr(threads, "perf_counter_ns", lambda since=since: pool._end + since)
        pool.run(launch, [])
        monkeypatch.setattr(pool, "_end", 0)
    assert woken == [True, False, True, True]


class System:
    """The cores that threads of a system may run on, as `os` tells and changes them."""

    def __init__(self, *cores: int) -> None:
        self.cores = set(cores)

    def get(self, _: int) -> set[int]:
        return set(self.cores)

    def set(self, _: int, cores: set[int]) -> None:
        if not cores:
            raise OSError(22, "Invalid argument")
        self.cores = set(cores)


@pytest.fixture
def system(monkeypatch: pytest.MonkeyPatch) -> System:
    made = System(0, 1, 2)
    monkeypatch.setattr(os, "sched_getaffinity", made.get, raising=False)
    monkeypatch.setattr(os, "sched_setaffinity", made.set, raising=False)
    return made


def test_a_worker_leaves_the_core_of_its_caller_and_may_come_back(system: System) -> None:
    affinity = Affinity()
    assert affinity.leave(1)
    assert system.cores == {0, 2}
    assert affinity.leave(2)  # the caller has moved
    assert system.cores == {0, 1}


def test_cores_that_others_took_away_are_not_taken_back(system: System) -> None:
    affinity = Affinity()
    assert affinity.leave(1)
    system.cores = {2}
    assert not affinity.leave(2)
    assert system.cores == {2}


def test_a_worker_stays_where_there_is_one_core(system: System, monkeypatch: pytest.MonkeyPatch) -> None:
    system.cores = {0}
    assert not Affinity().leave(0)
    monkeypatch.delattr(os, "sched_setaffinity")
    assert not Affinity().leave(0)


@pytest.mark.skipif(not hasattr(os, "sched_setaffinity"), reason="no affinity here")
def test_all_threads_on_one_core_give_the_same(restored_threads: None, monkeypatch: pytest.MonkeyPatch) -> None:
    net = nn.Sequential(nn.Conv2d(3, 16, 3), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(), nn.Linear(16 * 49, 5))
    x = np.random.default_rng(0).standard_normal((9, 3, 16, 16)).astype(np.float32)
    set_num_threads(1)
    truth = knoll.compile(net, x)(x)
    results = list[np.ndarray[Any, Any]]()

    def confined() -> None:
        os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})  # of this thread, and of workers that it starts
        program = knoll.compile(net, x)
        results.extend(program(x) for _ in range(20))

    monkeypatch.setattr(threads, "_pools", [])
    set_num_threads(3)
    thread = threading.Thread(target=confined)
    thread.start()
    thread.join()
    for result in results:
        np.testing.assert_array_equal(result, truth)
    assert len(results) == 20


@contextmanager
def held(pool: Pool) -> Iterator[None]:
    """Another thread has the workers within the block."""
    taken, done = threading.Event(), threading.Event()

    def other() -> None:
        with pool.lent(2):
            taken.set()
            done.wait(PATIENCE)

    thread = threading.Thread(target=other)
    thread.start()
    assert taken.wait(PATIENCE)
    yield
    done.set()
    thread.join()


def test_an_interruption_keeps_no_workers(pool: Pool, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(_: int) -> int:
        raise KeyboardInterrupt("now")

    with monkeypatch.context() as patched:
        patched.setattr(pool, "start", interrupted)
        with pytest.raises(KeyboardInterrupt, match="now"), pool.lent(2):
            pass
    with held(pool), pool.lent(2) as threads:
        assert threads == 1
    pool.lock.acquire()  # as an interruption between two lines leaves it
    with pool.lent(2) as threads:
        assert threads == 2


def test_bound_programs_that_many_threads_call_wait_for_no_worker(
    restored_threads: None, pool: Pool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A caller that finds the workers busy runs its program alone."""
    net, x = nn.Conv2d(3, 16, 3), np.ones((9, 3, 16, 16), np.float32)
    set_num_threads(2)
    program = knoll.compile(net, x)
    truth = program(x)
    monkeypatch.setattr(threads, "_pools", [pool])
    with held(pool):
        np.testing.assert_array_equal(program(x), truth)
