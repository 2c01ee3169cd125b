"""`torch.accelerator`: what programs ask before they choose a device. There is none but the processor.

https://pytorch.org/docs/stable/accelerator.html
"""

from __future__ import annotations


def is_available() -> bool:
    """Whether Knoll computes on an accelerator: it does not.

    >>> from knoll import accelerator
    >>> accelerator.current_accelerator() if accelerator.is_available() else "cpu"
    'cpu'
    """
    return False


def device_count() -> int:
    """How many accelerators there are: none."""
    return 0


def current_accelerator(check_available: bool = False) -> None:
    """The accelerator: none."""


def synchronize() -> None:
    """Wait for an accelerator: there is nothing to wait for."""
