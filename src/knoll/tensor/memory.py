"""What tensors over the same numbers know together."""

from __future__ import annotations


class Memory:
    """How often numbers were changed in place, and whether somebody outside can change them unseen.

    A tensor, its views, its `detach()` and its `data` share one.
    """

    __slots__ = ("shared", "version")
    version: int
    shared: bool

    def __init__(self) -> None:
        self.version, self.shared = 0, False
