"""Tests of what glibc's allocator is told."""

from __future__ import annotations

import os
import platform
import subprocess
import sys

import pytest

from knoll.run import allocator

HAS_GLIBC = sys.platform == "linux" and "glibc" in platform.libc_ver()

STEPS = """
import resource
import knoll
from knoll import nn

knoll.set_num_threads(1)
layer, x, dy = nn.ELU(), knoll.ones(8, 64, 32, 32, requires_grad=True), knoll.ones(8, 64, 32, 32)

def step():
    x.grad = None
    layer(x).backward(dy)

for _ in range(3):
    step()
before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
for _ in range(10):
    step()
print(resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before)
"""


def faults(**environment: str) -> int:
    """Pages that ten steps of a layer, whose arrays have 512 pages each, get anew from the system."""
    ran = subprocess.run(
        [sys.executable, "-c", STEPS], capture_output=True, text=True, check=True, env=os.environ | environment
    )
    return int(ran.stdout)


@pytest.mark.skipif(not HAS_GLIBC, reason="another C library")
def test_results_and_gradients_lie_in_memory_that_was_used_before() -> None:
    assert faults() < 512


@pytest.mark.skipif(not HAS_GLIBC, reason="another C library")
def test_what_the_user_chose_stays() -> None:
    assert faults(MALLOC_TRIM_THRESHOLD_="131072", MALLOC_MMAP_THRESHOLD_="131072") > 5000


def test_memory_is_given_back_where_the_system_can() -> None:
    allocator.give_back()
    assert callable(allocator._function("malloc_trim")) or not HAS_GLIBC


def test_another_c_library_is_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(allocator, "_function", lambda name: None)  # noqa: ARG005 (no library has it)
    allocator.keep_freed.__wrapped__()
    allocator.give_back()
