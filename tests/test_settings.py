"""Switches of PyTorch: remembered, refused in its words, and without effect on numbers."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

import knoll
from knoll.errors import UnsupportedError


@pytest.fixture(autouse=True)
def as_before() -> Iterator[None]:
    yield
    knoll.use_deterministic_algorithms(False)
    knoll.set_float32_matmul_precision("highest")
    knoll.set_num_interop_threads(1)
    knoll.set_warn_always(False)


def state(lib: Any) -> tuple[Any, ...]:
    return (
        lib.are_deterministic_algorithms_enabled(),
        lib.is_deterministic_algorithms_warn_only_enabled(),
        lib.get_deterministic_debug_mode(),
        lib.get_float32_matmul_precision(),
        lib.is_warn_always_enabled(),
        str(lib.get_default_device()),
    )


SET: dict[str, Callable[[Any], Any]] = {
    "nothing": lambda _: None,
    "deterministic": lambda lib: lib.use_deterministic_algorithms(True),
    "warnings alone": lambda lib: lib.use_deterministic_algorithms(True, warn_only=True),
    "a level": lambda lib: lib.set_deterministic_debug_mode(1),
    "a level by name": lambda lib: lib.set_deterministic_debug_mode("error"),
    "fewer bits": lambda lib: lib.set_float32_matmul_precision("high"),
    "warnings": lambda lib: lib.set_warn_always(True),
    "the processor": lambda lib: lib.set_default_device("cpu"),
    "no device": lambda lib: lib.set_default_device(None),
    "a type": lambda lib: lib.set_default_tensor_type("torch.FloatTensor"),
    "a type by its class": lambda lib: lib.set_default_tensor_type(lib.FloatTensor),
}


@pytest.mark.filterwarnings("ignore:torch.set_default_tensor_type")
@pytest.mark.parametrize("name", SET)
def test_what_is_set_is_remembered(torch: Any, name: str) -> None:
    try:
        SET[name](torch)
        expected = state(torch)
    finally:
        torch.use_deterministic_algorithms(False)
        torch.set_float32_matmul_precision("highest")
        torch.set_warn_always(False)
    SET[name](knoll)
    assert state(knoll) == expected


REFUSED: dict[str, Callable[[Any], Any]] = {
    "a number": lambda lib: lib.set_float32_matmul_precision(1),
    "a level": lambda lib: lib.set_deterministic_debug_mode(7),
    "a word": lambda lib: lib.set_deterministic_debug_mode("x"),
    "a list": lambda lib: lib.set_deterministic_debug_mode([]),
    "one as truth": lambda lib: lib.use_deterministic_algorithms(1),
    "denormal": lambda lib: lib.set_flush_denormal(1),
    "no threads": lambda lib: lib.set_num_interop_threads(0),
    "always": lambda lib: lib.set_warn_always(1),
    "whole numbers": lambda lib: lib.set_default_tensor_type("torch.LongTensor"),
    "a card": lambda lib: lib.set_default_tensor_type("torch.cuda.FloatTensor"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_refusals_are_those_of_pytorch(torch: Any, name: str) -> None:
    with pytest.raises(Exception) as theirs:  # noqa: PT011 (whatever PyTorch raises)
        REFUSED[name](torch)
    with pytest.raises(type(theirs.value)) as ours:
        REFUSED[name](knoll)
    first = str(theirs.value).split("\n")[0]
    assert str(ours.value).split("\n")[0] == first.removesuffix(" to _set_deterministic_algorithms")


def test_what_is_not_there() -> None:
    with pytest.raises(UnsupportedError, match="runs on the CPU"):
        knoll.set_default_device("cuda")
    with pytest.raises(UnsupportedError, match="are float32 here"):
        knoll.set_default_tensor_type("torch.DoubleTensor")
    with pytest.warns(UserWarning, match="x is not one of"):
        knoll.set_float32_matmul_precision("x")
    assert knoll.get_float32_matmul_precision() == "highest"
    knoll.set_num_interop_threads(3)
    assert knoll.get_num_interop_threads() == 3
    assert knoll.set_flush_denormal(True)
