"""The formulas of layers whose numbers are made of several others by a function of their own."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import numpy as np

from knoll.analysis import Cells
from knoll.analysis.cell import Cell
from knoll.draw.numerals import numeral
from knoll.explain.calculation import joined
from knoll.nn import GLU, CosineSimilarity, LocalResponseNorm, LPPool1d, LPPool2d, Module, PairwiseDistance


def formula_of(cells: Cells, cell: Cell) -> str | None:
    """What a number is, written with the numbers that it is made of; None for layers that have no formula here."""
    write = next((FORMULAS[kind] for kind in type(cells.layer).__mro__ if kind in FORMULAS), None)
    return write(cells, cell) if write and cell.terms else None


def _gate(_cells: Cells, cell: Cell) -> str | None:
    if len(cell.terms) != 2:
        return None
    value, gate = (numeral(term.value) for term in cell.terms)
    return f"{value} · sigmoid({gate})"


def _of_neighbours(cells: Cells, cell: Cell) -> str:
    """A number over what the squares at its place in neighbouring channels come to."""
    layer = cells.layer
    own = next(numeral(term.value) for term in cell.terms if term.source == cell.index)
    mean = f"({joined([_power(term.value, 2) for term in cell.terms])}) / {layer.size}"
    base = f"({numeral(layer.k)} + {numeral(layer.alpha)} · {mean})"
    return f"{own} / {base}^{numeral(layer.beta)}"


def _power_mean(cells: Cells, cell: Cell) -> str | None:
    """The norm of the numbers under a window; where it hangs over the edge, they stand for all of its places."""
    taps = cells.layer.kernel_size
    size = math.prod((taps,) * (cells.output.spec.rank - 2) if isinstance(taps, int) else taps)
    scale = f" · {size} / {len(cell.terms)}" if len(cell.terms) < size else ""
    return _norm([term.value for term in cell.terms], float(cells.layer.norm_type), scale)


def _distance(cells: Cells, cell: Cell) -> str | None:
    """The norm of the differences, where both inputs have one shape; the ε that is added to each is not written."""
    pairs = _pairs(cells, cell)
    return _norm([a - b for a, b in pairs], float(cells.layer.norm)) if pairs else None


def _cosine(cells: Cells, cell: Cell) -> str | None:
    """The sum of the products over the lengths of both vectors."""
    pairs = _pairs(cells, cell)
    if not pairs:
        return None
    products = [f"{numeral(a)}·{f'({numeral(b)})' if b < 0 else numeral(b)}" for a, b in pairs]
    lengths = [numeral(math.sqrt(math.fsum(each * each for each in vector))) for vector in zip(*pairs, strict=True)]
    return f"({joined(products)}) / ({' · '.join(lengths)})"


def _pairs(cells: Cells, cell: Cell) -> list[tuple[float, float]]:
    """The numbers of both inputs that a number is made of; none where one input stands for several of the other."""
    first, second = (cells.array(value) for value in cells.trace.inputs[:2])
    places = [term.source for term in cell.terms if term.source is not None]
    return [(float(first[place]), float(second[place])) for place in places] if first.shape == second.shape else []


def _norm(values: Sequence[float], p: float, scale: str = "") -> str | None:
    """The p-th root of the sum of the p-th powers, which is scaled before; None where a power has no such formula."""
    if p == 1 and min(values) >= 0:
        return _scaled(joined([*map(numeral, values)]), scale)
    if not (2 <= p < math.inf and p.is_integer() and np.isfinite(values).all()) or (p % 2 and min(values) < 0):
        return None
    powered = _scaled(joined([_power(value, int(p)) for value in values]), scale)
    return f"√({powered})" if p == 2 else f"({powered})^(1/{int(p)})"


def _scaled(total: str, scale: str) -> str:
    return f"({total}){scale}" if scale and " " in total else f"{total}{scale}"


def _power(value: float, p: int) -> str:
    text = numeral(value)
    base = f"({text})" if text.startswith("−") or "e" in text else text
    return base + {2: "²", 3: "³"}.get(p, f"^{p}")


FORMULAS: dict[type[Module], Callable[[Cells, Cell], str | None]] = {
    GLU: _gate,
    LocalResponseNorm: _of_neighbours,
    LPPool1d: _power_mean,
    LPPool2d: _power_mean,
    PairwiseDistance: _distance,
    CosineSimilarity: _cosine,
}
