"""`torch.amp`: mixed precision. Knoll computes in the type of the tensors, so these change nothing.

https://pytorch.org/docs/stable/amp.html
"""

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


class GradScaler:
    """A factor that keeps the gradients of float16 from vanishing. In float32 none do, and it stays 1.

    >>> import knoll
    >>> scaler = knoll.amp.GradScaler()
    >>> scaler.scale(knoll.tensor(0.5)), scaler.is_enabled()
    (tensor(0.5000), False)
    """

    def __init__(
        self,
        device: str = "cpu",
        init_scale: float = 2.0**16,
        growth_factor: float = 2.0,
        backoff_factor: float = 0.5,
        growth_interval: int = 2000,
        enabled: bool = True,
    ) -> None:
        pass

    def scale(self, outputs: Any) -> Any:
        """The loss, or several, as they are."""
        return outputs

    def unscale_(self, optimizer: Any) -> None:
        """Nothing: gradients are not scaled."""

    def step(self, optimizer: Any, *args: Any, **kwargs: Any) -> Any:
        """A step of the optimiser, and what it returns."""
        return optimizer.step(*args, **kwargs)

    def update(self, new_scale: Any = None) -> None:
        """Nothing: the factor stays 1."""

    def get_scale(self) -> float:
        """The factor, which is 1."""
        return 1.0

    def is_enabled(self) -> bool:
        """Whether it scales: it does not."""
        return False

    def state_dict(self) -> dict[str, Any]:
        """Its state, which is empty as that of PyTorch's that is not enabled."""
        return {}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Nothing: there is no state."""


def is_autocast_available(device_type: str) -> bool:
    """Whether fewer bits are ever taken: they are not."""
    return False


def custom_fwd(fwd: Any = None, *, device_type: str = "cpu", cast_inputs: Any = None) -> Any:
    """A decorator that changes nothing, with or without brackets."""
    return (lambda function: function) if fwd is None else fwd


def custom_bwd(bwd: Any = None, *, device_type: str = "cpu") -> Any:
    """A decorator that changes nothing, with or without brackets."""
    return (lambda function: function) if bwd is None else bwd
