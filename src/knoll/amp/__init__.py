"""`torch.amp`: mixed precision.

https://pytorch.org/docs/stable/amp.html
"""

from __future__ import annotations

from knoll.amp.autocast_mode import autocast, custom_bwd, custom_fwd, is_autocast_available
from knoll.amp.grad_scaler import GradScaler

__all__ = ["GradScaler", "autocast", "custom_bwd", "custom_fwd", "is_autocast_available"]
