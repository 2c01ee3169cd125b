"""Plans of small graphs, and what stands in them: nothing is compiled or run."""

from __future__ import annotations

import numpy as np

from knoll.graph import Graph, Spec, Value
from knoll.kernels.convolution.taps import Taps
from knoll.kernels.layout.copy import Copy
from knoll.machine import NAMED
from knoll.ops.differentiate import differentiate
from knoll.plan.convolution.clipped_window import ClippedWindow
from knoll.plan.lower import lower, lower_differentiated
from knoll.plan.lowering_state import Lowering
from knoll.plan.passes import simplify
from knoll.plan.plan import Plan, Step
from knoll.plan.roles.batch_axis import batched_values

MACHINE = NAMED["x86-64-v4"]  # whatever the tests run on
LANES = MACHINE.lanes(np.dtype(np.float32))
SLIDE = {"stride": (1, 1), "padding": ((1, 1), (1, 1)), "dilation": (1, 1), "groups": 1}
POOL = {"kernel": (2, 2), "stride": (2, 2), "padding": (0, 0), "dilation": (1, 1), "ceil": False}


def value(*shape: int, dtype: str = "float32") -> Value:
    """An input of a graph."""
    return Value(Spec(shape, np.dtype(dtype)))


def plan_of(graph: Graph, *wanted: int) -> Plan:
    """The plan of a graph; with the gradients of the inputs that are wanted, if any."""
    graph = simplify(graph, bool(wanted))
    if not wanted:
        return lower(graph, batch(graph), MACHINE)
    both = differentiate(graph, wanted)
    return lower_differentiated(both, batch(both.joint), MACHINE)


def batch(graph: Graph) -> frozenset[Value]:
    """The values with one entry for each sample."""
    found = batched_values(graph)
    assert found is not None, "no kernel for this graph"
    return found


def lowering_of(graph: Graph) -> Lowering:
    """A lowering that has not begun, where the inputs lie as the caller gives them."""
    from knoll.plan.lower import _inputs

    lowering = Lowering(graph, batch(graph), frozenset(), MACHINE)
    _inputs(lowering)
    return lowering


def whole_window(*weights: int) -> ClippedWindow:
    """A window of (k, c / groups, r, s) weights all of whose taps meet pixels."""
    return ClippedWindow(weights, (0, 0), Taps((0, 0), (1, 1), (weights[2], weights[3]), (1, 1)))


def steps_of(plan: Plan) -> list[Step]:
    """All steps in order."""
    return [step for phase in plan.phases for step in phase.steps]


def kernels_of(plan: Plan) -> list[str]:
    """The kinds of kernels in order; copies by what they do."""
    kernels = [step.kernel for step in steps_of(plan)]
    return [kernel.label if isinstance(kernel, Copy) else type(kernel).__name__ for kernel in kernels]
