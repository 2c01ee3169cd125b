"""`torch.utils.benchmark`: how long statements take, measured often enough to be told apart from noise.

https://pytorch.org/docs/stable/benchmark_utils.html
"""

from __future__ import annotations

import math
import sys
import timeit
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from textwrap import dedent, indent
from time import perf_counter
from typing import Any

import numpy as np

from knoll.calls import advise
from knoll.errors import ArgumentError, UnsupportedError
from knoll.messages import say
from knoll.run.threads import get_num_threads, set_num_threads

__all__ = ["Measurement", "TaskSpec", "Timer", "select_unit"]

SHORTEST = 1e-9  # seconds: no call of a timer takes less
MOST_RUNS = 2**31 - 1  # of a statement in one measurement
OVERHEAD = 1e-4  # share of a measurement that the timer itself may take
NOISY, VERY_NOISY = 0.1, 0.25  # shares of the median that the range between quartiles is warned of from
UNITS = {"ns": 1e-9, "us": 1e-6, "ms": 1e-3, "s": 1.0}


@dataclass(frozen=True)
class TaskSpec:
    """What is measured: a statement, what is done before it, and what it is called."""

    stmt: str
    setup: str
    global_setup: str = ""
    label: str | None = None
    sub_label: str | None = None
    description: str | None = None
    env: str | None = None
    num_threads: int = 1

    @property
    def title(self) -> str:
        """The label, or the statement itself."""
        if self.label is None and "\n" in self.stmt:
            beside = f" ({self.sub_label})" if self.sub_label else ""
            return f"stmt:{beside}\n{indent(self.stmt, '  ')}"
        beside = f": {self.sub_label}" if self.sub_label else ""
        return f"{self.stmt if self.label is None else self.label}{beside}"

    def summarize(self) -> str:
        """The title, the description and what is done before."""
        before = "" if self.setup in ("", "pass") else f"setup: {self.setup}"
        if "\n" in before:
            before = f"setup:\n{indent(self.setup, '  ')}"
        parts = [part for part in (self.title, self.description or "", before) if part]
        return "\n".join(f"{part}\n" if "\n" in part else part for part in parts)


@dataclass(repr=False)
class Measurement:
    """Times of a statement in seconds, each of `number_per_run` runs of it.

    >>> from knoll.utils.benchmark import Measurement, TaskSpec
    >>> found = Measurement(10, [20.0, 30.0, 40.0], TaskSpec("work()", "pass"))
    >>> found.times, found.median, found.iqr
    ([2.0, 3.0, 4.0], 3.0, 1.0)
    """

    number_per_run: int
    raw_times: list[float]
    task_spec: TaskSpec
    metadata: dict[Any, Any] | None = None

    def __getattr__(self, name: str) -> Any:
        if name in TaskSpec.__dataclass_fields__:
            return getattr(self.task_spec, name)
        raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")

    @property
    def times(self) -> list[float]:
        """The seconds of one run in each measurement."""
        return [time / self.number_per_run for time in self.raw_times]

    @cached_property
    def _quartiles(self) -> tuple[float, float, float]:
        low, middle, high = np.quantile(self.times, (0.25, 0.5, 0.75)).tolist()
        return low, middle, high

    @property
    def median(self) -> float:
        """The time in the middle."""
        return self._quartiles[1]

    @property
    def mean(self) -> float:
        """The mean of the times."""
        return float(np.mean(self.times))

    @property
    def iqr(self) -> float:
        """The range between the quartiles."""
        return self._quartiles[2] - self._quartiles[0]

    @property
    def significant_figures(self) -> int:
        """How many digits of the median can be trusted, by the times between the quartiles: 1 to 5."""
        count = len(self.raw_times)
        inner = sorted(self.times)[count // 4 : math.ceil(3 * count / 4)]
        interval = max(1.645 * float(np.std(inner)) / math.sqrt(len(inner)), 25e-9)  # 90 % of a normal distribution
        return min(max(math.floor(math.log10(self.median / interval)), 1), 5)

    @property
    def has_warnings(self) -> bool:
        """Whether the times lie far apart."""
        return bool(self._warning)

    @property
    def title(self) -> str:
        """What was measured."""
        return self.task_spec.title

    @property
    def as_row_name(self) -> str:
        """The name of a row in a table."""
        return self.task_spec.sub_label or self.task_spec.stmt or "[Unknown]"

    def meets_confidence(self, threshold: float = NOISY) -> bool:
        """Whether the range between the quartiles is below this share of the median."""
        return self.iqr / self.median < threshold

    @property
    def _warning(self) -> str:
        if self.meets_confidence(NOISY):
            return ""
        gross = not self.meets_confidence(VERY_NOISY)
        environment, fluctuation = "significant environmental influence", "system fluctuation"
        reason = f"This suggests {environment}." if gross else f"This could indicate {fluctuation}."
        share = self.iqr / self.median * 100
        return f"  WARNING: Interquartile range is {share:.1f}% of the median measurement.\n           {reason}"

    def __repr__(self) -> str:
        count, threads = len(self.raw_times), self.task_spec.num_threads
        unit, scale = select_unit(self.median)
        low, middle, high = (time / scale for time in self._quartiles)
        many = count > 1
        lines = [
            object.__repr__(self),
            self.task_spec.summarize(),
            f"  {'Median: ' if many else ''}{middle:.2f} {unit}",
            *([f"  IQR:    {high - low:.2f} {unit} ({low:.2f} to {high:.2f})"] if count > 3 else []),
            f"  {count} measurement{'s' * many}, {self.number_per_run} runs "
            f"{'per measurement,' if many else ','} {threads} thread{'s' * (threads > 1)}",
            self._warning,
        ]
        return "\n".join(lines).strip()

    @staticmethod
    def merge(measurements: Iterable[Measurement]) -> list[Measurement]:
        """Those of the same statement as one, of single runs."""
        times: dict[TaskSpec, list[float]] = {}
        for each in measurements:
            times.setdefault(each.task_spec, []).extend(each.times)
        return [Measurement(1, found, spec) for spec, found in times.items()]


def select_unit(t: float) -> tuple[str, float]:
    """The unit in which a time in seconds is told, and how many seconds it is.

    >>> from knoll.utils.benchmark import select_unit
    >>> select_unit(0.002)
    ('ms', 0.001)
    """
    unit = {-3: "ns", -2: "us", -1: "ms"}.get(int(math.log10(t) // 3), "s")
    return unit, UNITS[unit]


class Timer:
    """Timer of a statement: a text that is run many times, with warm caches and a number of threads that is known.

    - `stmt`: the statement, of one line or several.
    - `setup`: what is done once before each measurement.
    - `timer`: a clock in seconds.
    - `globals`: the names that both know, beside `knoll`, which is also `torch`.
    - `label`, `sub_label`, `description`, `env`: what is told of it.
    - `num_threads`: of the computations, one unless given.
    - `global_setup`, `language`: "python" alone.

    Raises ArgumentError. Source: https://pytorch.org/docs/stable/benchmark_utils.html

    >>> import knoll
    >>> from knoll.utils.benchmark import Timer
    >>> timer = Timer("x @ x", globals={"x": knoll.ones(8, 8)})
    >>> timer.timeit(100).number_per_run
    100
    """

    def __init__(
        self,
        stmt: str = "pass",
        setup: str = "pass",
        global_setup: str = "",
        timer: Callable[[], float] = perf_counter,
        globals: dict[str, Any] | None = None,  # noqa: A002 (PyTorch's)
        label: str | None = None,
        sub_label: str | None = None,
        description: str | None = None,
        env: str | None = None,
        num_threads: int = 1,
        language: str = "python",
    ) -> None:
        if not isinstance(stmt, str):
            raise ArgumentError("Currently only a `str` stmt is supported.")
        if language not in ("py", "python"):
            if language in ("cpp", "c++"):
                raise UnsupportedError(say("nn.no_cpp_timer"))
            raise ArgumentError(f"Invalid language `{language}`.")
        if global_setup:
            raise ArgumentError(
                f"global_setup is C++ only, got `{global_setup}`. Most likely this code can simply be moved to `setup`."
            )
        stmt, setup = (dedent(text).removeprefix("\n").rstrip() for text in (stmt, setup))
        knoll = sys.modules["knoll"]
        names = {"knoll": knoll, "torch": knoll, **(globals or {})}
        self._timer = timeit.Timer(stmt, setup, timer, globals=names)
        self._task_spec = TaskSpec(stmt, setup, global_setup, label, sub_label, description, env, num_threads)

    def timeit(self, number: int = 1000000) -> Measurement:
        """One measurement of so many runs, after a hundredth of them that does not count."""
        with _threads(self._task_spec.num_threads):
            self._timed(max(number // 100, 2))
            return self._found(number, [self._timed(number)])

    def blocked_autorange(
        self, callback: Callable[[int, float], object] | None = None, min_run_time: float = 0.2
    ) -> Measurement:
        """Measurements of so many runs that the timer itself does not count, for at least `min_run_time` seconds.

        `callback` is called after each with the number of runs and the seconds.
        """
        with _threads(self._task_spec.num_threads):
            number, times = self._enough_runs(min_run_time), list[float]()
            while not times or sum(times) < min_run_time:
                times.append(self._timed(number))
                if callback is not None:
                    callback(number, times[-1])
        return self._found(number, times)

    def adaptive_autorange(
        self,
        threshold: float = 0.1,
        *,
        min_run_time: float = 0.01,
        max_run_time: float = 10.0,
        callback: Callable[[int, float], object] | None = None,
    ) -> Measurement:
        """As `blocked_autorange`, until the range between the quartiles is below `threshold` of the median."""
        with _threads(self._task_spec.num_threads):
            number, times = self._enough_runs(0.05), list[float]()
            while sum(times) <= max_run_time:
                times.append(self._timed(number))
                if callback is not None:
                    callback(number, times[-1])
                enough = len(times) > 3 and sum(times) >= min_run_time
                if enough and self._found(number, times).meets_confidence(threshold):
                    break
        return self._found(number, times)

    def _timed(self, number: int) -> float:
        return max(self._timer.timeit(number), SHORTEST)

    def _found(self, number: int, times: list[float]) -> Measurement:
        return Measurement(number, times, self._task_spec)

    def _enough_runs(self, min_run_time: float) -> int:
        """A power of ten of runs, which take long beside the timer; counting them warms the caches."""
        overhead, number = float(np.median([self._timed(0) for _ in range(5)])), 1
        while True:
            time = self._timed(number)
            is_long = overhead / time <= OVERHEAD and time >= min_run_time / 1000
            if is_long or time > min_run_time or number * 10 > MOST_RUNS:
                return number
            number *= 10


@contextmanager
def _threads(count: int) -> Iterator[None]:
    """So many threads for what is computed meanwhile."""
    before = get_num_threads()
    set_num_threads(count)
    try:
        yield
    finally:
        set_num_threads(before)


advise(__name__)
