"""Whether what backward needs is kept: `no_grad` and the others, as context managers and as decorators."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from types import TracebackType
from typing import Any, ParamSpec, TypeVar, cast, overload

from knoll.errors import warn
from knoll.tensor.arguments import truth
from knoll.tensor.record import state

__all__ = ["enable_grad", "inference_mode", "is_grad_enabled", "no_grad", "set_grad_enabled"]

P = ParamSpec("P")
R = TypeVar("R")


def is_grad_enabled() -> bool:
    """Whether operations keep what backward needs, in this thread.

    >>> import knoll
    >>> knoll.is_grad_enabled()
    True
    """
    return state.grad


class _Mode:
    """Sets the mode on entry, and puts back on exit what it found."""

    def __init__(self, enabled: bool) -> None:
        self._enabled = enabled
        self._before: list[bool] = []

    def __enter__(self) -> None:
        self._before.append(state.grad)
        state.grad = self._enabled

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        state.grad = self._before.pop()

    def __call__(self, function: Callable[P, R]) -> Callable[P, R]:
        if inspect.isclass(function):
            warn(
                "Decorating classes is deprecated and will be disabled in future versions. You should only decorate "
                "functions or methods. To preserve the current behavior of class decoration, you can directly decorate "
                "the `__init__` method and nothing else.",
                FutureWarning,
            )
        if inspect.isgeneratorfunction(function):
            return cast(Callable[P, R], self._generator(function))

        @functools.wraps(function)
        def inner(*args: P.args, **kwargs: P.kwargs) -> R:
            with _Mode(self._enabled):
                return function(*args, **kwargs)

        return inner

    def _generator(self, function: Callable[..., Any]) -> Callable[..., Any]:
        """A generator function that runs in this mode from one `yield` to the next, and not its caller."""

        @functools.wraps(function)
        def inner(*args: Any, **kwargs: Any) -> Any:
            generator = function(*args, **kwargs)
            step = functools.partial(generator.send, None)
            while True:
                try:
                    with _Mode(self._enabled):
                        given = step()
                except StopIteration as end:
                    return end.value
                try:
                    step = functools.partial(generator.send, (yield given))
                except GeneratorExit:
                    with _Mode(self._enabled):
                        generator.close()
                    raise
                except BaseException as error:  # noqa: BLE001 (whatever the caller throws is thrown into it)
                    step = functools.partial(generator.throw, error)

        return inner


class set_grad_enabled(_Mode):  # noqa: N801 (as torch.set_grad_enabled)
    """Keep what backward needs, or do not: at once, and until the end of the block if it opens one.

    >>> import knoll
    >>> with knoll.set_grad_enabled(False):
    ...     knoll.is_grad_enabled()
    False
    """

    def __init__(self, mode: bool) -> None:
        super().__init__(truth(mode, "set_grad_enabled", "enabled"))
        self._found = state.grad
        state.grad = self._enabled

    def __enter__(self) -> None:
        self._before.append(self._found)
        state.grad = self._enabled

    def __call__(self, function: Callable[P, R]) -> Callable[P, R]:
        """Run `function` in this mode, and leave the mode of its caller alone."""
        state.grad = self._found
        return super().__call__(function)


@overload
def no_grad(function: None = None) -> _Mode: ...
@overload
def no_grad(function: Callable[P, R]) -> Callable[P, R]: ...
def no_grad(function: Any = None) -> Any:
    """Keep nothing for backward; a context manager, and a decorator with or without brackets.

    Source: https://pytorch.org/docs/stable/generated/torch.no_grad.html

    >>> import knoll
    >>> with knoll.no_grad():
    ...     knoll.is_grad_enabled()
    False
    """
    return _mode(False, function)


@overload
def enable_grad(function: None = None) -> _Mode: ...
@overload
def enable_grad(function: Callable[P, R]) -> Callable[P, R]: ...
def enable_grad(function: Any = None) -> Any:
    """Keep what backward needs, also inside `no_grad`.

    >>> import knoll
    >>> with knoll.no_grad(), knoll.enable_grad():
    ...     knoll.is_grad_enabled()
    True
    """
    return _mode(True, function)


@overload
def inference_mode(mode: bool = True) -> _Mode: ...
@overload
def inference_mode(mode: Callable[P, R]) -> Callable[P, R]: ...
def inference_mode(mode: Any = True) -> Any:
    """As `no_grad`; with False it changes nothing.

    Source: https://pytorch.org/docs/stable/generated/torch.autograd.grad_mode.inference_mode.html

    >>> import knoll
    >>> x = knoll.ones(1, requires_grad=True)
    >>> with knoll.inference_mode():
    ...     y = x * 2
    >>> y.requires_grad
    False
    """
    if callable(mode):
        return _mode(False, mode)
    return _mode(not truth(mode, "inference_mode", "mode") and state.grad, None)


def _mode(enabled: bool, function: Any) -> Any:
    return _Mode(enabled) if function is None else _Mode(enabled)(function)
