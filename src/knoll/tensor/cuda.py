"""What programs ask before they choose a device: there is no graphics card here."""

from __future__ import annotations


def is_available() -> bool:
    """Whether Knoll computes on a graphics card: it does not.

    >>> "cuda" if is_available() else "cpu"
    'cpu'
    """
    return False


def device_count() -> int:
    """How many graphics cards Knoll computes on: none."""
    return 0
