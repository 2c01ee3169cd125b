"""The same work for many items, in several threads of Python: for work that does not hold its global lock."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Sequence
from typing import TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")


def parallel_map(work: Callable[[Item], Result], items: Sequence[Item], threads: int) -> list[Result]:
    """The results of `work`, in the order of `items`.

    The calling thread works, too, and does so alone where the system gives it no others. The first error that `work`
    raises is raised here, when all threads have finished what they were at.

    >>> parallel_map(abs, [-2, 1], threads=2)
    [2, 1]
    """
    todo, results, errors = deque(enumerate(items)), dict[int, Result](), list[BaseException]()

    def work_on() -> None:
        while todo:
            try:
                index, item = todo.popleft()
            except IndexError:  # another thread has taken the last one
                return
            try:
                results[index] = work(item)
            except BaseException as error:  # noqa: BLE001 (raised below, in the calling thread)
                errors.append(error)
                todo.clear()

    helpers = _started(work_on, min(threads, len(items)) - 1)
    try:
        work_on()
    finally:
        todo.clear()
        for helper in helpers:
            helper.join()
    if errors:
        raise errors[0]
    return [results[index] for index in range(len(items))]


def _started(work: Callable[[], None], count: int) -> list[threading.Thread]:
    """Up to `count` threads; fewer where the system refuses more, none while Python ends."""
    helpers: list[threading.Thread] = []
    for _ in range(count):
        helper = threading.Thread(target=work, name="knoll-compiler")
        try:
            helper.start()
        except (RuntimeError, MemoryError):
            break
        helpers.append(helper)
    return helpers
