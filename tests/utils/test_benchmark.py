"""Times of statements: what is computed from them is PyTorch's, and what is measured is the statement."""

from __future__ import annotations

import re
import time
from typing import Any

import numpy as np
import pytest

import knoll
from knoll.errors import ArgumentError, UnsupportedError
from knoll.utils import benchmark

TIMES = np.random.default_rng(0).uniform(0.9, 1.4, 12)
CASES: dict[str, tuple[int, list[float], dict[str, Any]]] = {
    "one": (10, [3e-4], {"stmt": "x + 1", "setup": "pass"}),
    "two": (10, [3e-4, 4e-4], {"stmt": "x + 1", "setup": "x = 1", "num_threads": 2}),
    "noisy": (1, list(TIMES * 1e-6), {"stmt": "f(x)", "setup": "", "label": "call", "sub_label": "4x8"}),
    "very noisy": (1, [1.0, 1.5, 2.0, 4.0, 8.0], {"stmt": "f(x)", "setup": "pass", "description": "slow"}),
    "steady": (100, list(2 + TIMES * 0.01), {"stmt": "f(x)", "setup": "a = 1\nb = 2", "sub_label": "s"}),
    "lines": (1, [2e-3] * 5, {"stmt": "a\nb", "setup": "pass", "sub_label": "s"}),
}


@pytest.mark.parametrize("name", CASES)
def test_what_is_told_of_times_is_pytorchs(torch: Any, name: str) -> None:
    from torch.utils import benchmark as theirs

    runs, times, task = CASES[name]
    mine, truth = (library.Measurement(runs, times, library.TaskSpec(**task)) for library in (benchmark, theirs))
    for attribute in ("times", "median", "mean", "iqr"):
        assert getattr(mine, attribute) == pytest.approx(getattr(truth, attribute))
    for attribute in ("has_warnings", "significant_figures", "title", "as_row_name", "num_threads", "stmt", "label"):
        assert getattr(mine, attribute) == getattr(truth, attribute)
    assert mine.meets_confidence(0.05) == truth.meets_confidence(0.05)
    assert repr(mine).split("\n")[1:] == repr(truth).split("\n")[1:]
    assert re.match(r"<knoll\.utils\.benchmark\.Measurement object at 0x\w+>\n", repr(mine))
    both = [
        library.Measurement.merge([library.Measurement(runs, times, library.TaskSpec(**task))] * 2)[0]
        for library in (benchmark, theirs)
    ]
    assert both[0].times == pytest.approx(both[1].times)


@pytest.mark.parametrize("seconds", [3e-10, 5e-8, 1e-6, 2.5e-4, 0.4, 7, 90])
def test_units_are_pytorchs(torch: Any, seconds: float) -> None:
    from torch.utils.benchmark.utils.common import select_unit

    assert benchmark.select_unit(seconds) == select_unit(seconds)


def test_a_statement_is_run_as_often_as_told() -> None:
    calls: list[int] = []
    timer = benchmark.Timer("calls.append(1)", "calls.clear()", globals={"calls": calls})
    found = timer.timeit(500)
    assert (found.number_per_run, len(found.raw_times), len(calls)) == (500, 1, 500)


def test_a_sleep_takes_its_time() -> None:
    found = benchmark.Timer("sleep(0.002)", globals={"sleep": time.sleep}).blocked_autorange(min_run_time=0.03)
    assert found.median >= 0.002
    assert sum(found.raw_times) >= 0.03
    seen: list[tuple[int, float]] = []
    found = benchmark.Timer("x = 1").adaptive_autorange(min_run_time=0.001, callback=lambda *each: seen.append(each))
    assert [seconds for _, seconds in seen] == found.raw_times
    assert {runs for runs, _ in seen} == {found.number_per_run}


def test_statements_know_the_library_and_its_threads() -> None:
    before, seen = knoll.get_num_threads(), set[int]()
    statement = """
        y = torch.relu(x) + knoll.relu(x)
        seen.add(torch.get_num_threads())
    """
    timer = benchmark.Timer(statement, globals={"x": knoll.ones(3), "seen": seen}, num_threads=1)
    assert timer.timeit(3).task_spec.stmt.startswith("y = torch.relu")
    assert (seen, knoll.get_num_threads()) == ({1}, before)


def test_what_is_refused() -> None:
    for arguments, sentence in (
        ({"stmt": 3}, "Currently only a `str` stmt is supported"),
        ({"global_setup": "x"}, "global_setup is C\\+\\+ only, got `x`"),
        ({"language": "rust"}, "Invalid language `rust`"),
    ):
        with pytest.raises(ArgumentError, match=sentence):
            benchmark.Timer(**arguments)
    with pytest.raises(UnsupportedError, match="C\\+\\+"):
        benchmark.Timer(language="c++")
    with pytest.raises(AttributeError, match="has no attribute 'nothing'"):
        _ = benchmark.Measurement(1, [1.0], benchmark.TaskSpec("x", "")).nothing
