"""The most floating-point operations one core does in a second, as something that can race."""

from __future__ import annotations

from benchmarks.network import Task
from benchmarks.rivals.rival import Call
from knoll.machine import host
from knoll.run.peak import SUMS, loop, multiply_adds_alone, operations

__all__ = ["SUMS", "multiply_adds_alone", "operations", "prepare"]


def prepare(_: Task) -> Call:
    """The loop of multiply-adds on registers."""
    return loop(host())
