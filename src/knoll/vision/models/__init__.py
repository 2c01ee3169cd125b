"""Networks that are ready to be trained."""

from __future__ import annotations

from knoll.vision.models.practice import Practice, practice
from knoll.vision.models.registry import get_model, list_models

__all__ = ["Practice", "get_model", "list_models", "practice"]
