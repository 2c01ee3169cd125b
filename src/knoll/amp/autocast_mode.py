"""Blocks of fewer bits. Knoll computes in the type of the tensors, so they change nothing."""

from __future__ import annotations

from collections.abc import Callable
from types import TracebackType
from typing import Any, Self, TypeVar

F = TypeVar("F", bound=Callable[..., Any])


class autocast:  # noqa: N801 (PyTorch's name)
    """A block, or a function, that PyTorch computes in fewer bits where that is safe, and Knoll in float32.

    >>> import knoll
    >>> with knoll.amp.autocast("cpu", enabled=True):
    ...     y = knoll.ones(2, 2) @ knoll.ones(2, 2)
    >>> y.dtype == knoll.float32
    True
    """

    device: str
    fast_dtype: Any

    def __init__(
        self, device_type: str = "cpu", dtype: Any = None, enabled: bool = True, cache_enabled: bool | None = None
    ) -> None:
        self.device, self.fast_dtype = device_type, dtype

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        pass

    def __call__(self, func: F) -> F:
        """The function as it is."""
        return func


def is_autocast_available(device_type: str) -> bool:
    """Whether fewer bits are ever taken: they are not."""
    return False


def custom_fwd(fwd: Any = None, *, device_type: str = "cpu", cast_inputs: Any = None) -> Any:
    """A decorator that changes nothing, with or without brackets."""
    return (lambda function: function) if fwd is None else fwd


def custom_bwd(bwd: Any = None, *, device_type: str = "cpu") -> Any:
    """A decorator that changes nothing, with or without brackets."""
    return (lambda function: function) if bwd is None else bwd
