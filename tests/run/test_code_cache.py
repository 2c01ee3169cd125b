"""The code of kernels lives with the programs that hold it; what nobody holds is kept up to a number of bytes."""

from __future__ import annotations

import gc

from knoll.kernels.layout.copy import Copy, Nest
from knoll.machine import host
from knoll.run.code_cache import CodeCache


def kernel(number: int) -> Copy:
    return Copy(host(), "float32", (Nest(((4, 1, 1), (3, 7, 5 + number))),), (0, 0), "held")


def test_code_is_kept_by_its_holders_and_otherwise_up_to_a_limit() -> None:
    size = CodeCache(0).get(kernel(0)).bytes
    recent = CodeCache(limit=4 * size)
    held = recent.get(kernel(0))
    for number in range(1, 12):
        recent.get(kernel(number))
    gc.collect()
    assert recent.bytes == 4 * size
    assert len(recent) == 4 + 1
    assert recent.get(kernel(0)) is held


def test_what_was_not_asked_for_longest_goes_first() -> None:
    size = CodeCache(0).get(kernel(0)).bytes
    recent = CodeCache(limit=2 * size)
    first, second = id(recent.get(kernel(0))), id(recent.get(kernel(1)))
    assert id(recent.get(kernel(0))) == first
    third = id(recent.get(kernel(2)))
    assert {first, third} == {id(recent.get(kernel(0))), id(recent.get(kernel(2)))}
    assert len(recent) == 2
    assert second
