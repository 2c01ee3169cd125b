"""`torch.fx`: the graphs that PyTorch makes of programs. Knoll records every call itself.

https://pytorch.org/docs/stable/fx.html
"""

from __future__ import annotations

from typing import TypeVar

T = TypeVar("T")


def _assert(condition: object, message: str) -> None:
    """Refuse by Python's `assert`, which PyTorch's tracer would not see: `torch._assert`."""
    assert condition, message


def wrap(fn_or_name: T) -> T:
    """What it was given: a function, or its name, that a tracer would not look into.

    >>> from knoll import fx
    >>> fx.wrap(len) is len
    True
    """
    return fn_or_name
