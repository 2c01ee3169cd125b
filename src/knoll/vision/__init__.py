"""Images: data sets of them, and what is done to them before a network sees them."""

from __future__ import annotations

from knoll.version import __version__ as __version__
from knoll.vision import datasets, io, models, ops, transforms, tv_tensors, utils

__all__ = ["datasets", "io", "models", "ops", "transforms", "tv_tensors", "utils"]
