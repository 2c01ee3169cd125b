"""`torch.cuda.amp`: mixed precision under its older name, without the kind of device.

https://pytorch.org/docs/stable/amp.html
"""

from __future__ import annotations

from typing import Any

from knoll import amp
from knoll.amp import custom_bwd, custom_fwd

__all__ = ["GradScaler", "autocast", "custom_bwd", "custom_fwd"]


class autocast(amp.autocast):  # noqa: N801 (PyTorch's name)
    """The block of `knoll.amp.autocast`."""

    def __init__(self, enabled: bool = True, dtype: Any = None, cache_enabled: bool = True) -> None:
        super().__init__("cpu", dtype, enabled, cache_enabled)


class GradScaler(amp.GradScaler):
    """The factor of `knoll.amp.GradScaler` for a device that is not there: it is not enabled."""

    def __init__(
        self,
        init_scale: float = 2.0**16,
        growth_factor: float = 2.0,
        backoff_factor: float = 0.5,
        growth_interval: int = 2000,
        enabled: bool = True,
    ) -> None:
        super().__init__("cuda", init_scale, growth_factor, backoff_factor, growth_interval, enabled)
