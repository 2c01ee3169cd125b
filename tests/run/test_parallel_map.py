"""Work in several threads: results in order, the first error raised when all threads are done."""

from __future__ import annotations

import threading

import pytest

from knoll.run.parallel_map import parallel_map


@pytest.mark.parametrize("threads", [1, 2, 3, 9])
@pytest.mark.parametrize("count", [0, 1, 2, 50])
def test_results_come_in_order(threads: int, count: int) -> None:
    assert parallel_map(lambda item: 2 * item, range(count), threads) == [2 * item for item in range(count)]


def test_two_threads_work_at_the_same_time() -> None:
    both = threading.Barrier(2, timeout=30)
    assert sorted(parallel_map(lambda _: both.wait(), range(2), threads=2)) == [0, 1]


def test_an_error_ends_the_work_of_all_threads() -> None:
    """What another thread is at is finished first, and what nobody has begun is left."""
    begun, failed, finished = threading.Event(), threading.Event(), list[int]()

    def work(item: int) -> None:
        if item == 0:
            begun.wait(30)
            failed.set()
            raise KeyboardInterrupt("stopped")
        begun.set()
        failed.wait(30)
        finished.append(item)

    with pytest.raises(KeyboardInterrupt, match=r"^stopped$"):
        parallel_map(work, range(100), threads=2)
    assert finished in ([1], [1, 2])
    assert not [thread for thread in threading.enumerate() if thread.name == "knoll-compiler"]


def test_where_no_thread_can_be_started_the_caller_works_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(self: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(threading.Thread, "start", refuse)
    assert parallel_map(lambda _: threading.get_ident(), range(3), threads=4) == 3 * [threading.get_ident()]
