"""What one loss is made of, and what is said of it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from knoll.analysis.cell import Index
from knoll.draw.text import Words
from knoll.graph import Array
from knoll.nn import Module


@dataclass(frozen=True, eq=False)
class Given:
    """One loss of a layer: the arrays that its `forward` takes by their names, the loss's index and its value."""

    layer: Module
    arrays: dict[str, Array]
    index: Index
    losses: Array

    def number(self, name: str) -> float:
        """The element of an array that belongs to this loss."""
        return float(np.broadcast_to(self.arrays[name], self.losses.shape)[self.index])

    def row(self, name: str, axis: int = -1) -> list[float]:
        """The elements of an array along the axis that the losses do not have."""
        return [float(x) for x in np.moveaxis(self.arrays[name], axis, -1)[self.index]]

    def weight(self, name: str = "weight") -> float | None:
        """The element of a weight of the layer that belongs to this loss; None where there is none."""
        own = getattr(self.layer, name, None)
        return None if own is None else float(np.broadcast_to(own.detach().numpy(), self.losses.shape)[self.index])


@dataclass(frozen=True, slots=True)
class Told:
    """A loss in signs: its `formula`, and the same `worked` out; `x`, `t` and further `letters` are its numbers.

    `worked` is empty where a number is not finite; `t` is None without one target. `is_ignored` says that the target
    is left out.
    """

    formula: str
    worked: str
    x: str = ""
    t: Words | None = None
    letters: tuple[tuple[str, str], ...] = ()
    is_ignored: bool = False
