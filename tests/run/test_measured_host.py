"""What is measured of the processor: it is told by times, remembered, and not asked where a machine is named."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

import knoll
from knoll import nn
from knoll.llvm import disk_cache
from knoll.machine import NAMED, Machine, host
from knoll.run import build
from knoll.run import measured_host as module
from knoll.run.measured_host import measured_host, multiply_adds_in_a_cycle, processor

V4 = NAMED["x86-64-v4"]
A_PROCESSOR = replace(V4, cpu="znver4", features="+avx512f")


@pytest.fixture(autouse=True)
def _own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("KNOLL_CACHE", str(tmp_path))
    for remembered in (disk_cache.location, disk_cache._opened, measured_host):
        remembered.cache_clear()
    yield
    for remembered in (disk_cache.location, disk_cache._opened, measured_host):
        remembered.cache_clear()


def seconds_of(machine: Machine, slower: float) -> float:
    """The seconds of the loop where multiply-adds of 64 bytes take `slower` times as long as those of 32."""
    return 1e-3 * (slower if machine.vector_bytes == 64 else 1.0)


@pytest.mark.parametrize(("slower", "count"), [(1.0, 2), (1.25, 2), (1.9, 1), (2.0, 1), (2.2, 1)])
def test_the_time_of_wide_multiply_adds_tells_how_many_begin(
    slower: float, count: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "loop", lambda machine: machine)
    monkeypatch.setattr(module, "fastest", lambda machine: seconds_of(machine, slower))
    assert multiply_adds_in_a_cycle(V4) == count


@pytest.mark.skipif(host().vector_bytes < 64, reason="this processor has no multiply-adds of 64 bytes")
def test_this_processor_is_measured() -> None:
    assert multiply_adds_in_a_cycle(host()) in (1, 2)
    assert measured_host() in (replace(host(), multiply_adds=1), replace(host(), multiply_adds=2))


def test_it_is_measured_once_and_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[Machine] = []
    monkeypatch.setattr(module, "host", lambda: A_PROCESSOR)
    monkeypatch.setattr(module, "multiply_adds_in_a_cycle", lambda machine: asked.append(machine) or 2)
    for _ in range(3):  # as in three processes
        measured_host.cache_clear()
        assert measured_host() == replace(A_PROCESSOR, multiply_adds=2)
    assert asked == [A_PROCESSOR]


def test_another_processor_is_measured_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "host", lambda: A_PROCESSOR)
    for name, count in (("Gold", 2), ("Bronze", 1)):
        measured_host.cache_clear()
        monkeypatch.setattr(module, "processor", lambda name=name: name)
        monkeypatch.setattr(module, "multiply_adds_in_a_cycle", lambda _, count=count: count)
        assert measured_host().multiply_adds == count


@pytest.mark.parametrize("machine", [*NAMED.values(), replace(V4, name="generic", vector_bytes=16)], ids=str)
def test_a_named_machine_and_one_of_narrow_vectors_are_as_they_are(
    machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "host", lambda: machine)
    monkeypatch.setattr(module, "multiply_adds_in_a_cycle", lambda _: pytest.fail("was measured"))
    assert measured_host() is machine


def test_without_a_cache_it_is_measured_in_each_process(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KNOLL_CACHE", "off")
    disk_cache.location.cache_clear()
    monkeypatch.setattr(module, "host", lambda: A_PROCESSOR)
    monkeypatch.setattr(module, "multiply_adds_in_a_cycle", lambda _: 1)
    assert measured_host() == replace(A_PROCESSOR, multiply_adds=1)


def test_a_system_tells_its_processor(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    told = tmp_path / "cpuinfo"
    told.write_text("processor\t: 0\nmodel name\t: Some Processor @ 2.5 GHz\n")
    assert processor(told) == "Some Processor @ 2.5 GHz"
    told.write_text("processor\t: 0\n")
    assert processor(told) == ""
    monkeypatch.setattr("platform.processor", lambda: "i386")
    assert processor(tmp_path / "absent") == "i386"


def test_programs_are_compiled_for_the_measured_processor(monkeypatch: pytest.MonkeyPatch) -> None:
    one = replace(host(), multiply_adds=1)
    monkeypatch.setattr(module, "measured_host", lambda: one)
    seen: list[Machine] = []
    real = build.build
    monkeypatch.setattr(build, "build", lambda graph, wrt, machine: seen.append(machine) or real(graph, wrt, machine))
    with knoll.no_grad():
        nn.Conv2d(3, 5, 3)(knoll.ones(1, 3, 7, 11)).numpy()
    assert seen == [one]
