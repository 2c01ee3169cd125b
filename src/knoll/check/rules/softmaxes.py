"""Softmax along the wrong axis."""

from __future__ import annotations

from collections.abc import Iterator

from knoll.analysis import Step
from knoll.check.evidence import Evidence, finding, site
from knoll.check.finding import Finding
from knoll.check.flow import Flow

_SOFTMAXES = frozenset({"softmax", "log_softmax"})


def softmax_axis(evidence: Evidence) -> Iterator[Finding]:
    """Softmax over the samples of a batch, over an axis with one element, or not over the classes of the loss."""
    flow = evidence.evaluation
    for step in flow.trace.steps if flow else ():
        if flow is None or step.node.op.name not in _SOFTMAXES or step not in flow.live:
            continue
        shape, axis = step.node.specs[0].shape, step.node.attributes["axis"]
        axes = _batch_axes(evidence, step)
        if axes == {axis % len(shape)} and len(shape) > 1:
            values = {"layer": flow.label(step), "axis": axis, "shape": str(shape)}
            yield finding("softmax_axis", "error", site(flow, step), "softmax_over_batch", code="dim=1", values=values)
        elif shape and shape[axis] == 1 and not axes & {axis % len(shape)}:
            values = {"layer": flow.label(step), "shape": str(shape)}
            yield finding(
                "softmax_axis", "error", site(flow, step), "softmax_of_one", code="nn.Sigmoid()", values=values
            )
        elif evidence.loss == "NLLLoss" and axis % len(shape) != 1 and step.node.outputs[0] in flow.outputs:
            values = {"layer": flow.label(step), "axis": axis, "shape": str(shape), "loss": evidence.loss}
            words = "softmax_not_over_classes"
            yield finding("softmax_axis", "error", site(flow, step), words, code="dim=1", values=values)


def _batch_axes(evidence: Evidence, step: Step) -> set[int]:
    """The axes of a result that are longer where there are more samples."""
    counterpart = counterpart_of(evidence.evaluation, evidence.other, step)
    if counterpart is None:
        return set()
    pairs = zip(step.node.specs[0].shape, counterpart.node.specs[0].shape, strict=False)
    return {axis for axis, (here, there) in enumerate(pairs) if here != there}


def counterpart_of(flow: Flow | None, other: Flow | None, step: Step) -> Step | None:
    """The same step of the pass with another number of samples; None if the passes went different ways."""
    if flow is None or other is None:
        return None
    ways = [[each.node.op.name for each in one.trace.steps] for one in (flow, other)]
    return other.trace.steps[flow.trace.steps.index(step)] if ways[0] == ways[1] else None
