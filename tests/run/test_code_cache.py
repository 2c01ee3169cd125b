"""The code of kernels lives with the programs that hold it; what nobody holds is kept up to a number of bytes."""

from __future__ import annotations

import gc

import pytest

from knoll.kernels.layout.copy import Copy, Nest
from knoll.llvm.code import Code
from knoll.llvm.compile import object_code
from knoll.machine import Machine, host
from knoll.run import code_cache
from knoll.run.code_cache import CodeCache


def kernel(number: int) -> Copy:
    return Copy(host(), "float32", (Nest(((4, 1, 1), (3, 7, 5))),), (0, 0), f"held_{number}")


def code(cache: CodeCache, number: int) -> Code:
    one = kernel(number)
    return cache.get([one])[one.specification]


def test_code_is_kept_by_its_holders_and_otherwise_up_to_a_limit() -> None:
    size = code(CodeCache(0), 0).bytes
    recent = CodeCache(limit=4 * size)
    held = code(recent, 0)
    for number in range(1, 12):
        code(recent, number)
    gc.collect()
    assert recent.bytes == 4 * size
    assert len(recent) == 4 + 1
    assert code(recent, 0) is held


def test_what_was_not_asked_for_longest_goes_first() -> None:
    size = code(CodeCache(0), 0).bytes
    recent = CodeCache(limit=2 * size)
    first, second = id(code(recent, 0)), id(code(recent, 1))
    assert id(code(recent, 0)) == first
    third = id(code(recent, 2))
    assert {first, third} == {id(code(recent, 0)), id(code(recent, 2))}
    assert len(recent) == 2
    assert second


def test_kernels_that_are_asked_for_together_are_compiled_together(monkeypatch: pytest.MonkeyPatch) -> None:
    """Those of one specification once, what is held not at all, each for the caller that holds it."""
    written: list[str] = []

    def counted(text: str, machine: Machine) -> bytes:
        written.append(text)
        return object_code(text, machine)

    monkeypatch.setattr(code_cache, "object_code", counted)
    monkeypatch.setattr(code_cache, "stored", lambda *_: None)
    recent = CodeCache(limit=0)
    held = code(recent, 20)
    kernels = [kernel(number) for number in (20, 21, 22, 21, 23, 24)]
    codes = recent.get(kernels, threads=3)
    assert set(codes) == {each.specification for each in kernels}
    assert codes[kernel(20).specification] is held
    assert len(written) == len(set(written)) == 5
    assert all(codes[each.specification].address(each.name) for each in kernels)
