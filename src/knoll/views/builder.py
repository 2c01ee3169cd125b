"""From a network and the shapes of its inputs to a summary."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import get_args

from knoll.analysis import costs, receptive_fields, trace
from knoll.analysis.unchanged import copy_if_lazy
from knoll.errors import ArgumentError
from knoll.graph import Graph, Value
from knoll.messages import say
from knoll.nn import Module
from knoll.nn.inspection import Input
from knoll.run.measure import measured
from knoll.run.peak import bandwidth, peak
from knoll.run.program import Program
from knoll.run.program_cache import program_for
from knoll.tensor import zeros
from knoll.views.measurements import Measurements
from knoll.views.rows import rows_of
from knoll.views.summary import Mode, Summary


def summary(module: Module, *inputs: Input, mode: Mode = "eval", measure: bool = False, samples: int = 64) -> Summary:
    """The summary of a network for shapes of one sample (c, h, w) or of a batch (n, c, h, w), arrays or tensors.

    Nothing is computed, unless `measure` asks for the time of each step of the compiled network for a batch of so many
    `samples`. A network that fails is told up to the failure. Without
    inputs, the shape that a network of the library is made for. Raises ArgumentError for what is no input.

    >>> from knoll.views import summary
    >>> from knoll.vision.models import practice
    >>> found = summary(practice(), (3, 32, 32))
    >>> found.total.parameters, found.total.multiply_adds, found.total.flops
    (145578, 12354176, 24708352)
    >>> found.rows[1].layer, found.rows[1].outputs, found.rows[1].receptive_field
    ('MaxPool2d(2)', ((1, 32, 16, 16),), (6, 6))
    """
    if mode not in get_args(Mode):
        raise ArgumentError(say("views.mode"), expected="'train', 'eval'", got=repr(mode))
    given = inputs or _usual_input(module)
    found = trace(copy_if_lazy(module), *given, training=mode == "train", keep_error=True)
    if found.error is not None:  # what was computed before is what there is to tell
        found = replace(found, outputs=tuple(value for step in found.steps for value in step.node.outputs))
    cost = costs(found)
    rows = rows_of(found, cost, receptive_fields(found) if found.inputs else {})
    return Summary(
        type(module).__name__,
        tuple(value.spec.shape for value in found.inputs),
        all(isinstance(each, tuple | list) and len(each) <= 3 for each in given),
        mode,
        rows,
        cost.total,
        None if found.error is None else str(found.error),
        measurements(found.module, found.inputs, mode, samples) if measure and found.error is None else None,
    )


def _usual_input(module: Module) -> tuple[Input, ...]:
    """The shape that a network of the library is made for. Raises ArgumentError for another."""
    shape = getattr(module, "input_shape", None)
    if not isinstance(shape, tuple):
        raise ArgumentError(say("analysis.no_shape"), expected=say("analysis.shapes"), got="()")
    return (shape,)


@dataclass(frozen=True, eq=False)
class Compiled:
    """A network as it was recorded, the numbers of the inputs that get a gradient, and the program that it became."""

    graph: Graph
    wrt: tuple[int, ...]
    program: Program


def compiled(module: Module, inputs: Sequence[Value], mode: Mode, samples: int) -> Compiled:
    """The program of a network for so many samples of inputs like these; with backward in mode "train"."""
    batch: list[Input] = [zeros(samples, *value.spec.shape[1:], dtype=value.spec.dtype) for value in inputs]
    found = trace(module, *batch, training=mode == "train")
    leaves = found.graph.inputs
    learned = [i for i, value in enumerate(leaves) if value in found.tensors and found.tensors[value].requires_grad]
    wrt = tuple(learned) if mode == "train" else ()
    return Compiled(found.graph, wrt, program_for(found.graph, wrt))


def measurements(module: Module, inputs: Sequence[Value], mode: Mode, samples: int, rounds: int = 7) -> Measurements:
    """The times of a network for inputs like these, with so many samples in a batch; with backward in mode "train"."""
    program = compiled(module, inputs, mode, samples).program
    steps = tuple(step for part in program.compiled_programs() for step in measured(part, samples, rounds))
    return Measurements(samples, peak() if steps else 0.0, bandwidth() if steps else 0.0, steps)
