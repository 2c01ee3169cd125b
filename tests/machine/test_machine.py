"""The machine description follows the processor, or the one that is named."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from llvmlite.binding.targets import FeatureMap

from knoll.errors import ArgumentError
from knoll.machine import NAMED, host


@pytest.fixture(autouse=True)
def _fresh() -> None:
    host.cache_clear()


def test_a_named_machine_is_used(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KNOLL_MACHINE", "x86-64-v3")
    assert host() is NAMED["x86-64-v3"]
    assert host().lanes(np.dtype(np.float32)) == 8
    assert host().lanes(np.dtype(np.float64)) == 4
    host.cache_clear()


def test_an_unknown_machine_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KNOLL_MACHINE", "abacus")
    with pytest.raises(ArgumentError, match="x86-64-v4"):
        host()


@pytest.mark.parametrize("processor", ["x86_64", "aarch64"])
def test_a_larger_machine_than_the_processor_is_refused(processor: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("platform.machine", lambda: processor)
    monkeypatch.setattr("llvmlite.binding.get_host_cpu_features", FeatureMap)
    monkeypatch.setenv("KNOLL_MACHINE", "x86-64-v3")
    with pytest.raises(ArgumentError, match=r"x86-64-v2|aarch64"):
        host()


def test_the_host_has_vectors() -> None:
    assert host().vector_bytes in (16, 32, 64)
    assert host().registers in (16, 32)


def test_where_two_multiply_adds_begin_in_a_cycle_shared_numbers_are_broadcast_once() -> None:
    one, two = NAMED["x86-64-v4"], replace(NAMED["x86-64-v4"], multiply_adds=2)
    assert [one.multiplies_from_memory(vectors) for vectors in (1, 2)] == [True, True]
    assert [two.multiplies_from_memory(vectors) for vectors in (1, 2)] == [True, False]
    assert not NAMED["x86-64-v3"].multiplies_from_memory(1)
