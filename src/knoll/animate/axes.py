"""The letters of the axes of arrays that are no batches of images or rows."""

from __future__ import annotations

from knoll import nn
from knoll.nn import Module

TABLE = "ie"
"""Those of the table of an embedding: row numbers, and the numbers of a row."""


def axes_of(layer: Module, rank: int) -> str | None:
    """The axes of an input of this rank; None where they are the usual ones.

    >>> axes_of(nn.Embedding(5, 3), 2), axes_of(nn.Linear(5, 3), 2)
    ('nl', None)
    """
    if not isinstance(layer, nn.Embedding):
        return None
    return ("", " l", "nl")[rank] if rank < 3 else "n" + "·" * (rank - 3) + "ml"


def output_axes(layer: Module, rank: int) -> str | None:
    """The axes of an output of this rank; None where they are the usual ones.

    >>> output_axes(nn.Embedding(5, 3), 3), output_axes(nn.Embedding(5, 3), 2)
    ('nle', 'le')
    """
    own = axes_of(layer, rank - 1)
    return None if own is None else f"{own.strip()}e".rjust(2)
