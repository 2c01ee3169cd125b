"""Dropout: of everything, of the scores, and in evaluation too."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from knoll.analysis import Step
from knoll.analysis.layers import DROPOUTS
from knoll.check.evidence import Evidence, finding, site
from knoll.check.finding import Finding
from knoll.check.flow import Flow
from knoll.check.rules.writing import instead
from knoll.graph import Value


def dropout_of_everything(evidence: Evidence) -> Iterator[Finding]:
    """A dropout that sets every number to zero in training."""
    for name, module in evidence.module.named_modules():
        if isinstance(module, DROPOUTS) and module.p == 1:
            at = evidence.site_of(module)
            layer = f"{type(module).__name__} {name}".strip()
            yield finding("dropout_of_everything", "error", at, code=instead(module, p=0.5), values={"layer": layer})


def dropout_on_output(evidence: Evidence) -> Iterator[Finding]:
    """Scores of which dropout sets some to zero."""
    flow = evidence.training
    for step, x, _ in flow.dropouts() if flow else ():
        made = flow.made_by.get(_unshaped(flow, x)) if flow else None
        is_output = flow is not None and any(_unshaped(flow, y) in step.node.outputs for y in flow.outputs)
        if flow and is_output and made in flow.learned and _are_scores(evidence, flow, x):
            yield finding("dropout_on_output", "warning", site(flow, step), values={"dropout": flow.label(step)})


def _unshaped(flow: Flow, value: Value) -> Value:
    """What a value was before it was only reshaped."""
    while (step := flow.made_by.get(value)) is not None and step.node.op.name == "reshape":
        value = flow.operands(step)[0]
    return value


def _are_scores(evidence: Evidence, flow: Flow, x: Value) -> bool:
    """Whether an output is surely the scores of classes, and no features that another network goes on with."""
    if evidence.loss is not None or evidence.classes is not None:
        return True
    return x.spec.rank == 2 and any(value.spec.rank > 2 for value in flow.trace.inputs)


def dropout_in_evaluation(evidence: Evidence) -> Iterator[Finding]:
    """A function `dropout` that drops in evaluation mode too, as nobody told it the mode."""
    flow, again = evidence.evaluation, evidence.other
    for step, _, mask in flow.dropouts() if flow else ():
        if flow is not None and again is not None and _is_drawn(flow, step, mask, again):
            yield finding(
                "always_training", "error", site(flow, step), "dropout_in_evaluation", code="training=self.training"
            )


def _is_drawn(flow: Flow, step: Step, mask: Value, again: Flow) -> bool:
    """Whether a mask is drawn for each pass: another pass has one of another shape or with other numbers."""
    index = flow.trace.steps.index(step)
    if index >= len(again.trace.steps):
        return False
    here = flow.constants[mask]
    there = [again.constants.get(value) for value in again.operands(again.trace.steps[index])]
    return any(other is not None and not np.array_equal(here, other) for other in there)
