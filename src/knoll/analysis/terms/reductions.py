"""The terms of sums and means, as losses end with."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from knoll.analysis.cell import Cell, Index, Term
from knoll.analysis.dependencies import dependencies
from knoll.analysis.run import Run
from knoll.analysis.terms.parts import cell_with, term
from knoll.graph import Node
from knoll.ops.reduction.reduce import mean, sum_


def reduced(run: Run, node: Node, at: Index, index: Index) -> Cell | None:
    """The terms of a sum or a mean: elements of the input, or the losses that were made of it."""
    (x,) = node.inputs
    mask = dependencies(run.trace, node.outputs[0], at, x)
    places = [tuple(map(int, place)) for place in np.argwhere(mask)]
    own = run.reaches(x)
    terms = tuple(term(run, x, place) if own else Term(place, run.number(x, place)) for place in places)
    divisor = float(len(terms)) if node.op is mean else None
    rule = "mean" if node.op is mean else "sum"
    return cell_with(run, node, at, index, rule=rule, terms=terms, divisor=divisor, of_losses=not own)


def divided(run: Run, node: Node, at: Index, index: Index) -> Cell | None:
    """A sum that is divided by what the labels count, or by the number of samples."""
    whole, count = node.inputs
    inner = whole.node
    if inner is None or inner.op is not sum_ or count.spec.size != 1:
        return None
    cell = reduced(run, inner, at, index)
    divisor = float(run.array(count).ravel()[0])
    return cell and replace(cell, rule="mean", divisor=divisor, result=run.number(node.outputs[0], at))
