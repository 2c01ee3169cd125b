"""`torch.version`: which libraries of graphics cards it was built for."""

from __future__ import annotations

cuda: str | None = None
hip: str | None = None
