"""Memory formats: arguments of PyTorch that say how elements lie. Knoll's compiler chooses layouts by itself.

https://pytorch.org/docs/stable/tensor_attributes.html#torch-memory-format
"""

from __future__ import annotations

from dataclasses import dataclass

from knoll.errors import StateError


@dataclass(frozen=True, slots=True)
class memory_format:  # noqa: N801 (as torch.memory_format)
    """How PyTorch would lay elements out; taken, and changes nothing.

    >>> channels_last
    knoll.channels_last
    """

    name: str

    def __repr__(self) -> str:
        return f"knoll.{self.name}"


contiguous_format: memory_format = memory_format("contiguous_format")
preserve_format: memory_format = memory_format("preserve_format")
channels_last: memory_format = memory_format("channels_last")
channels_last_3d: memory_format = memory_format("channels_last_3d")

RANKS = {channels_last: 4, channels_last_3d: 5}


def check_format(format: memory_format | None, rank: int) -> None:  # noqa: A002 (PyTorch's name)
    """Refuse a format that is none for so many axes. Raises StateError."""
    if format in RANKS and rank != RANKS[format]:
        raise StateError(f"required rank {RANKS[format]} tensor to use {format.name} format")
