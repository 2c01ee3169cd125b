"""`torch.jit.annotations`: the names of `typing` that programs import from it."""

from __future__ import annotations

from typing import Any, Dict, List, Optional, Tuple, Union  # noqa: UP035 (PyTorch's)

__all__ = ["Any", "Dict", "List", "Optional", "Tuple", "Union"]
