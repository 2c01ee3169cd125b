"""The version, and as in `torch.version` which libraries of graphics cards it was built for."""

from __future__ import annotations

__version__: str = "0.1.0"
cuda: str | None = None
hip: str | None = None
