"""A check of how many axes a tensor has."""

from __future__ import annotations

from knoll.errors import ArgumentError
from knoll.tensor import Tensor


def check_rank(tensor: Tensor, rank: int) -> None:
    """Refuse a tensor of another rank. Raises ArgumentError."""
    if len(tensor.shape) != rank:
        raise ArgumentError(f"Only tensors with {rank} dimensions are supported", got=f"{tensor.shape}")
