"""What tensors over the same numbers know together."""

from __future__ import annotations


class Memory:
    """How often numbers were changed in place, and whether somebody outside can change them unseen.

    A tensor, its views, its `detach()` and its `data` share one.
    """

    version: int = 0
    shared: bool = False
