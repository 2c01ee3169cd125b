"""Probabilities and their logarithms, of which a distribution is given one."""

from __future__ import annotations

from typing import Any

from knoll.errors import ArgumentError
from knoll.tensor import Tensor
from knoll.tensor.dtypes import finfo


def probs_or_logits(probs: Any, logits: Any) -> tuple[str, Any]:
    """The one that is given, and its name. Raises ArgumentError."""
    if (probs is None) == (logits is None):
        raise ArgumentError("Either `probs` or `logits` must be specified, but not both.")
    return ("logits", logits) if probs is None else ("probs", probs)


def within(probs: Tensor) -> Tensor:
    """Probabilities that are neither 0 nor 1, so that their logarithms are finite."""
    least = finfo(probs.dtype).eps
    return probs.clamp(min=least, max=1 - least)


def log_odds(probs: Tensor) -> Tensor:
    """ln(p / (1 − p))."""
    inside = within(probs)
    return inside.log() - (-inside).log1p()
