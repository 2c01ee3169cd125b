"""`torch.serialization`: which classes `knoll.load` may make models of.

https://pytorch.org/docs/stable/notes/serialization.html
"""

from __future__ import annotations

from knoll.interop.allowed import add_safe_globals, clear_safe_globals, get_safe_globals, safe_globals
from knoll.interop.saving import load, save

__all__ = ["add_safe_globals", "clear_safe_globals", "get_safe_globals", "load", "safe_globals", "save"]
