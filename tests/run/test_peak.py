"""The most that the machine can do; `test_benchmarks.py` looks at the loop's machine code."""

from __future__ import annotations

from knoll.machine import host
from knoll.run.peak import ITERATIONS, SUMS, loop, multiply_adds_alone, operations


def test_each_iteration_is_a_multiply_add_of_each_sum() -> None:
    assert multiply_adds_alone(host()).text().count("call") >= SUMS
    assert operations(host()) % (2 * SUMS * ITERATIONS) == 0


def test_the_loop_runs() -> None:
    assert loop(host())().size
