"""Networks that are ready to be trained."""

from __future__ import annotations

from knoll.vision.models.practice import Practice, practice

__all__ = ["Practice", "practice"]
