"""How layer, group, instance and root mean square normalisation make a number: by mean and variance of its group."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np

from knoll.analysis.cell import Cell, Normalisation
from knoll.graph.spec import DType
from knoll.nn import GroupNorm, InstanceNorm1d, InstanceNorm2d, LayerNorm, Module, RMSNorm

_OF_ROWS, _OF_CHANNELS = (LayerNorm, RMSNorm), (GroupNorm, InstanceNorm1d, InstanceNorm2d)
_ROUNDING = 1e-3  # of the largest number; what is further off was not made so


def standardised(layer: Module, cell: Cell, dtype: DType) -> Cell | None:
    """A number with the statistics of the elements that it depends on; None where it is not made so."""
    places = [term.source for term in cell.terms]
    if not isinstance(layer, _OF_ROWS + _OF_CHANNELS) or cell.index not in places:
        return None
    values = np.array([term.value for term in cell.terms], np.float64)
    centre = 0.0 if isinstance(layer, RMSNorm) else float(values.mean())
    epsilon = np.finfo(dtype).eps if layer.eps is None else layer.eps
    variance = float(np.square(values - centre).mean())
    scale, shift = (_learned(layer, name, cell) for name in ("weight", "bias"))
    centred = not isinstance(layer, RMSNorm)
    made = Normalisation(centre, variance, float(epsilon), 1.0 if scale is None else scale, shift or 0.0, centred)
    chosen = places.index(cell.index)
    is_close = math.isclose(made.of(values[chosen]), cell.result, rel_tol=_ROUNDING, abs_tol=_ROUNDING)
    return replace(cell, rule="normalise", chosen=chosen, normalisation=made) if is_close else None


def _learned(layer: Module, name: str, cell: Cell) -> float | None:
    """The number of a learned scale or shift that belongs to a place of the output."""
    learned = getattr(layer, name, None)
    if learned is None:
        return None
    at = cell.index[1:2] if isinstance(layer, _OF_CHANNELS) else cell.index[len(cell.index) - learned.ndim :]
    return float(learned.detach().numpy()[at])
