"""The line to write instead: the same layer with other arguments."""

from __future__ import annotations

from knoll.analysis import variant
from knoll.analysis.written import written
from knoll.errors import KnollError
from knoll.nn import Module


def instead(layer: Module | None, **changes: object) -> str:
    """How one types a layer like this with other arguments; nothing without a layer, or if it cannot be made.

    >>> from knoll import nn
    >>> instead(nn.Conv2d(3, 8, 3), bias=False)
    'nn.Conv2d(3, 8, 3, bias=False)'
    """
    try:
        return f"nn.{written(variant(layer, **changes))}" if layer is not None else ""
    except (KnollError, TypeError):
        return ""
