"""`no_grad` and the others: as context managers, as decorators, nested, and undone by exceptions."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator
from typing import Any

import pytest

import knoll

MODES: dict[str, tuple[Callable[[], Any], bool]] = {
    "no_grad": (knoll.no_grad, False),
    "enable_grad": (knoll.enable_grad, True),
    "inference_mode": (knoll.inference_mode, False),
    "set_grad_enabled(False)": (lambda: knoll.set_grad_enabled(False), False),
    "set_grad_enabled(True)": (lambda: knoll.set_grad_enabled(True), True),
}


@pytest.mark.parametrize("name", MODES)
@pytest.mark.parametrize("around", [True, False])
def test_as_context_and_as_decorator(name: str, around: bool) -> None:
    mode, enabled = MODES[name]
    with knoll.set_grad_enabled(around):
        with mode():
            assert knoll.is_grad_enabled() is enabled
        assert knoll.is_grad_enabled() is around

        @mode()
        def inner(x: int, *, y: int) -> tuple[int, int, bool]:
            """What it does."""
            return x, y, knoll.is_grad_enabled()

        assert knoll.is_grad_enabled() is around
        assert inner(1, y=2) == (1, 2, enabled)
        assert inner.__doc__ == "What it does."
        assert knoll.is_grad_enabled() is around
    assert knoll.is_grad_enabled()


def test_without_brackets() -> None:
    @knoll.no_grad
    def inner() -> bool:
        return knoll.is_grad_enabled()

    @knoll.inference_mode
    def other() -> bool:
        return knoll.is_grad_enabled()

    assert not inner()
    assert not other()


def test_exceptions_put_the_mode_back() -> None:
    with pytest.raises(ZeroDivisionError, match="inside"), knoll.no_grad():
        raise ZeroDivisionError("inside")
    assert knoll.is_grad_enabled()


def test_one_manager_can_be_entered_twice() -> None:
    mode = knoll.no_grad()
    with mode, knoll.enable_grad():
        with mode:
            assert not knoll.is_grad_enabled()
        assert knoll.is_grad_enabled()
    assert knoll.is_grad_enabled()


def test_at_once() -> None:
    knoll.set_grad_enabled(False)
    assert not knoll.is_grad_enabled()
    knoll.set_grad_enabled(True)
    assert knoll.is_grad_enabled()


def test_recursion() -> None:
    @knoll.no_grad()
    def count(n: int) -> int:
        return n if not n else count(n - 1)

    count(3)
    assert knoll.is_grad_enabled()


def test_inference_mode_can_be_off() -> None:
    with knoll.inference_mode(False):
        assert knoll.is_grad_enabled()
    with knoll.no_grad(), knoll.inference_mode(False):
        assert not knoll.is_grad_enabled()


@pytest.mark.parametrize("mode", ["no_grad", "enable_grad", "inference_mode"])
def test_a_generator_runs_in_the_mode_and_its_caller_does_not(mode: str) -> None:
    def told(lib: Any) -> list[Any]:
        seen: list[Any] = []

        @getattr(lib, mode)()
        def generator(start: int) -> Iterator[Any]:
            try:
                got = yield start, lib.is_grad_enabled()
                seen.append((got, lib.is_grad_enabled()))
                try:
                    yield lib.is_grad_enabled()
                except ValueError:
                    seen.append(("caught", lib.is_grad_enabled()))
                    yield "more"
                yield "never"
            finally:
                seen.append(("closed", lib.is_grad_enabled()))

        with lib.set_grad_enabled(mode != "enable_grad"):
            running = generator(4)
            seen += [next(running), lib.is_grad_enabled(), running.send("word"), lib.is_grad_enabled()]
            seen += [running.throw(ValueError()), lib.is_grad_enabled()]
            running.close()
            seen.append(lib.is_grad_enabled())
        seen.append(list(getattr(lib, mode)()(lambda: (yield from [1, 2]))()))
        return seen

    ours = told(knoll)
    assert (4, mode == "enable_grad") in ours
    assert ours == told(pytest.importorskip("torch"))


def test_a_generator_returns_its_value() -> None:
    @knoll.no_grad()
    def generator() -> Generator[int, None, str]:
        yield 1
        return "end"

    def caller() -> Iterator[Any]:
        yield (yield from generator())

    assert list(caller()) == [1, "end"]


def test_a_class_is_decorated_with_a_warning() -> None:
    with pytest.warns(FutureWarning, match="Decorating classes is deprecated"):

        @knoll.no_grad()
        class Model:
            def __init__(self) -> None:
                self.enabled = knoll.is_grad_enabled()

    assert not Model().enabled
