"""`torch.nn.attention`: which algorithm computes the attention. Here there is one, and the choice changes nothing.

https://pytorch.org/docs/stable/nn.attention.html
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from enum import IntEnum

from knoll.calls import advise

__all__ = ["SDPBackend", "sdpa_kernel"]


class SDPBackend(IntEnum):
    """PyTorch's algorithms for the attention, with its numbers."""

    ERROR = -1
    MATH = 0
    FLASH_ATTENTION = 1
    EFFICIENT_ATTENTION = 2
    CUDNN_ATTENTION = 3
    OVERRIDEABLE = 4


@contextmanager
def sdpa_kernel(
    backends: SDPBackend | Sequence[SDPBackend],  # noqa: ARG001 (PyTorch's)
    set_priority: bool = False,  # noqa: ARG001 (PyTorch's)
) -> Iterator[None]:
    """A block in which PyTorch would choose among these algorithms.

    >>> from knoll.nn.attention import SDPBackend, sdpa_kernel
    >>> with sdpa_kernel(SDPBackend.MATH):
    ...     pass
    """
    yield


advise(__name__)
