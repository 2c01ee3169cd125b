"""What the loss expects of the network's output."""

from __future__ import annotations

from collections.abc import Iterator

from knoll.analysis import Step
from knoll.check.evidence import Evidence, Site, Values, finding, site
from knoll.check.finding import Finding, Severity
from knoll.check.flow import Flow
from knoll.graph import Value

FROM_SCORES = frozenset({"CrossEntropyLoss", "BCEWithLogitsLoss"})
FROM_LOGARITHMS = frozenset({"NLLLoss", "KLDivLoss"})
OF_CLASSES = frozenset({"CrossEntropyLoss", "NLLLoss"})
_IN_THE_GRAPH = {"cross_entropy": "CrossEntropyLoss", "nll": "NLLLoss", "logits_cross_entropy": "BCEWithLogitsLoss",
                 "binary_cross_entropy": "BCELoss"}  # fmt: skip
_WORDS = {
    ("softmax", "CrossEntropyLoss"): "softmax_before_cross_entropy",
    ("log_softmax", "CrossEntropyLoss"): "log_softmax_before_cross_entropy",
    ("sigmoid", "CrossEntropyLoss"): "sigmoid_before_cross_entropy",
    ("sigmoid", "BCEWithLogitsLoss"): "sigmoid_before_logits_loss",
    ("relu", ""): "relu_before_loss",
}
_FLOORS = frozenset({"gelu", "silu", "elu", "celu", "selu", "mish", "hardswish", "softplus"})  # bounded from below
_BOUNDS = frozenset({"softmax", "sigmoid", "relu", "tanh", "log_softmax", "hardtanh", "hardsigmoid", "softsign"})


def _scores(evidence: Evidence) -> Iterator[tuple[Flow, str, Value]]:
    """What losses read, each with the name of the loss: the output of the network, and losses within it."""
    flow = evidence.evaluation
    if flow is None:
        return
    if evidence.loss is not None and len(flow.outputs) == 1:
        yield flow, evidence.loss, flow.outputs[0]
    for step in flow.trace.steps:
        if step.node.op.name in _IN_THE_GRAPH and step in flow.live:
            yield flow, _IN_THE_GRAPH[step.node.op.name], flow.operands(step)[0]


def _maker(flow: Flow, value: Value) -> Step | None:
    """The step that made a value, before it was only reshaped."""
    step = flow.made_by.get(value)
    while step is not None and step.node.op.name in ("reshape", "pick"):
        step = flow.made_by.get(flow.operands(step)[0])
    return step


def activation_before_loss(evidence: Evidence) -> Iterator[Finding]:
    """An activation on scores that a loss takes as they are."""
    for flow, loss, value in _scores(evidence):
        step = _maker(flow, value)
        name = step.node.op.name if step else ""
        if step is None or loss not in FROM_SCORES or name not in _BOUNDS | _FLOORS or not _trains(evidence, step):
            continue
        other = "floored_before_loss" if name in _FLOORS else "bounded_before_loss"
        words = _WORDS.get((name, loss)) or _WORDS.get((name, "")) or other
        severity: Severity = "warning" if words == "log_softmax_before_cross_entropy" else "error"
        values: Values = {"layer": flow.label(step), "loss": loss}
        yield finding("activation_before_loss", severity, site(flow, step), words, values=values)


def _trains(evidence: Evidence, step: Step) -> bool:
    """Whether a step of the evaluation is one of the training too: some networks give probabilities only there."""
    flow = evidence.training
    return flow is None or any((each.place, each.node.op) == (step.place, step.node.op) for each in flow.live)


def relu_on_scores(evidence: Evidence) -> Iterator[Finding]:
    """ReLU on the scores of classes, whatever the loss is."""
    flow = evidence.evaluation
    if flow is None or evidence.loss is not None or evidence.classes is None or len(flow.outputs) != 1:
        return
    step = _maker(flow, flow.outputs[0])
    before = flow.made_by.get(flow.operands(step)[0]) if step is not None and step.node.op.name == "relu" else None
    if step is not None and before is not None and flow.is_learned(before):
        values: Values = {"layer": flow.label(step)}
        yield finding("activation_before_loss", "error", site(flow, step), "relu_on_scores", values=values)


def loss_input(evidence: Evidence) -> Iterator[Finding]:
    """Scores for a loss that takes probabilities or their logarithms."""
    for flow, loss, value in _scores(evidence):
        step = _maker(flow, value)
        if step is None or not _trains(evidence, step):
            continue
        name, learned = step.node.op.name, flow.is_learned(step) or step.node.op.name == "batch_norm"
        values = {"layer": flow.label(step), "loss": loss}
        if loss in FROM_LOGARITHMS and (learned or name in (_BOUNDS | _FLOORS) - {"log_softmax"}):
            code = "nn.LogSoftmax(dim=1)" if name != "softmax" else "nn.LogSoftmax(dim=1)  # in place of nn.Softmax"
            words = "probabilities_for_logarithms" if name == "softmax" else "scores_for_logarithms"
            yield finding("loss_input", "error", site(flow, step), words, code=code, values=values)
        elif loss == "BCELoss" and (learned or name in ("relu", "tanh", "log_softmax")):
            yield finding(
                "loss_input",
                "error",
                site(flow, step),
                "scores_for_bce",
                code="nn.BCEWithLogitsLoss()",
                values={**values},
            )


def output_size(evidence: Evidence) -> Iterator[Finding]:
    """As many outputs as there are classes."""
    flow = evidence.evaluation
    if flow is None or len(flow.outputs) != 1 or not flow.outputs[0].spec.is_float:
        return
    output, step = flow.outputs[0], _maker(flow, flow.outputs[0])
    at = site(flow, step) if step else Site("")
    is_row = output.spec.rank == 1 and output.spec.shape == flow.trace.inputs[0].spec.shape[:1]  # a score for a sample
    if not is_row and (output.spec.rank not in (2, 4) or _is_of_pixel_rows(flow, step)):
        return
    columns = 1 if is_row else output.spec.shape[1]
    values: Values = {
        "got": columns,
        "shape": str(output.spec.shape),
        "loss": evidence.loss,
        "classes": evidence.classes,
    }
    if evidence.loss in OF_CLASSES and columns == 1 and evidence.classes in (None, 1, 2):
        code = "nn.BCEWithLogitsLoss()"
        yield finding("output_size", "error", at, "one_score", code=code, values=values)
    elif evidence.classes is not None and _misses(evidence, columns):
        yield finding("output_size", "error", at, values=values)


def _is_of_pixel_rows(flow: Flow, step: Step | None) -> bool:
    """Whether the output is what a linear layer made of the rows of an image: its classes are on the last axis."""
    return step is not None and step.node.op.name == "linear" and flow.outputs[0].spec.rank == 4


def _misses(evidence: Evidence, columns: int) -> bool:
    """Whether the number of outputs surely does not fit the classes: two classes may have one output."""
    if evidence.loss not in (None, *OF_CLASSES):
        return False
    one_is_enough = evidence.classes == 2 and columns == 1 and evidence.loss is None
    return columns != evidence.classes and not one_is_enough
