"""The terms of operations element by element, and of softmax."""

from __future__ import annotations

from knoll.analysis.cell import Cell, Index, Normalisation
from knoll.analysis.run import Run
from knoll.analysis.terms.parts import cell_with, term
from knoll.graph import Node


def batch_norm(run: Run, node: Node, at: Index, index: Index) -> Cell | None:
    """The number, and the statistics of its channel."""
    x, *channel = node.inputs
    if not run.reaches(x):
        return None
    mean_, variance, scale, shift = ([float(run.array(v)[at[1]]) for v in channel] + [1.0, 0.0])[:4]
    normalisation = Normalisation(mean_, variance, node.attributes["epsilon"], scale, shift)
    return cell_with(run, node, at, index, rule="normalise", terms=(term(run, x, at),), normalisation=normalisation)


def scale(run: Run, node: Node, at: Index, index: Index) -> Cell | None:
    """The product of an element and a number that does not come from the input: the mask of a dropout."""
    x, mask = node.inputs
    if not run.reaches(x) or mask.node is not None or mask.spec.shape != x.spec.shape:
        return None
    return cell_with(run, node, at, index, rule="scale", terms=(term(run, x, at, run.number(mask, at)),))


def softmax(run: Run, node: Node, at: Index, index: Index) -> Cell | None:
    """All numbers along the axis, and which of them the result belongs to."""
    (x,) = node.inputs
    if not run.reaches(x) or x.spec.rank == 0:
        return None
    axis = node.attributes["axis"] % x.spec.rank
    terms = tuple(term(run, x, (*at[:axis], i, *at[axis + 1 :])) for i in range(x.spec.shape[axis]))
    return cell_with(run, node, at, index, rule=node.op.name, terms=terms, chosen=at[axis])
