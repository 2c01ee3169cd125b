"""A library that PyTorch computes with, and Knoll does not: what programs ask of it."""

from __future__ import annotations


def is_available() -> bool:
    """Whether it is here: it is not."""
    return False


def is_built() -> bool:
    """Whether it is part of the library: it is not."""
    return False


def version() -> int | None:
    """Its version: none."""
    return None
