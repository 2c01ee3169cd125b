"""Batch normalisation: a bias before it, dropout before it, two of them in a row, one at two depths."""

from __future__ import annotations

from collections.abc import Iterator

from knoll.analysis import Step
from knoll.check.evidence import Evidence, finding, site
from knoll.check.finding import Finding
from knoll.check.flow import Flow
from knoll.check.rules.writing import instead
from knoll.graph import Value
from knoll.ops.resample.axes import Adaptive, Average


def _norms(flow: Flow | None) -> Iterator[tuple[Step, Value]]:
    """The batch normalisations on the way to the output, each with what it normalises."""
    for step in flow.trace.steps if flow else ():
        if flow and step in flow.live and step.node.op.name == "batch_norm" and flow.operands(step)[0] in flow.data:
            yield step, flow.operands(step)[0]


def bias_before_batch_norm(evidence: Evidence) -> Iterator[Finding]:
    """A bias that the batch normalisation behind it subtracts again, wherever the bias is added."""
    flow = evidence.evaluation
    if flow is None:
        return
    subtracted = {step: norm for norm, value in _norms(flow) if (step := _with_useless_bias(flow, value)) is not None}
    told: set[Value] = set()
    for step, norm in subtracted.items():
        bias = flow.operands(step)[2]
        if bias not in told and all(reader in subtracted for reader in flow.live_readers(bias)):
            told.add(bias)
            code = instead(flow.layer(step), bias=False)
            values = {"layer": flow.label(step), "norm": flow.label(norm)}
            yield finding("bias_before_batch_norm", "warning", site(flow, step), code=code, values=values)


def _with_useless_bias(flow: Flow, value: Value) -> Step | None:
    """The learned layer that a normalised value comes from, if it has a bias for each channel."""
    step = _linear_before(flow, value)
    if step is None or not _has_bias(flow, step):
        return None
    rank = 2 if step.node.op.name == "linear" else 4  # the channels are those of the normalisation
    return step if value.spec.rank == rank else None


def _linear_before(flow: Flow, value: Value) -> Step | None:
    """The learned layer that a value comes from, read by nothing else; a pooling leaves a constant as it is."""
    while len(flow.live_readers(value)) == 1 and value not in flow.outputs:
        step = flow.made_by.get(value)
        if step is None or step in flow.learned:
            return step
        if not _keeps_constants(step):
            return None
        value = flow.operands(step)[0]
    return None


def _keeps_constants(step: Step) -> bool:
    """Whether a pooling of x + c is that of x, plus c: no zeros of padding count."""
    if step.node.op.name == "resample2d":
        ways = (step.node.attributes["rows"], step.node.attributes["columns"])
        return all(isinstance(way, Adaptive) or (isinstance(way, Average) and not way.window.before) for way in ways)
    return step.node.op.name in ("max_pool2d", "adaptive_max_pool2d")


def _has_bias(flow: Flow, step: Step) -> bool:
    operands = flow.operands(step)
    return len(operands) > 2 and bool(flow.parameters_behind(operands[2]))


def dropout_before_batch_norm(evidence: Evidence) -> Iterator[Finding]:
    """A batch normalisation of what dropout gives: its variance in training is not that in evaluation."""
    flow = evidence.training
    drops = {step.node.outputs[0]: step for step, _, _ in flow.dropouts()} if flow else {}
    for norm, value in _norms(flow):
        if (
            flow is not None
            and value in drops
            and not _in_wide_residual(flow, drops[value])
            and norm.node.attributes["own"]
        ):
            values = {"dropout": flow.label(drops[value]), "norm": flow.label(norm)}
            yield finding("dropout_before_batch_norm", "warning", site(flow, drops[value]), values=values)


def _in_wide_residual(flow: Flow, drop: Step) -> bool:
    """Whether a dropout stands behind a convolution in a network of residual sums: Wide ResNet is published so."""
    before = flow.made_by.get(flow.data_operands(drop)[0])
    sums = (step for step in flow.live if step.node.op.name == "add" and len(flow.data_operands(step)) > 1)
    return before is not None and before.node.op.name == "conv2d" and any(True for _ in sums)


def batch_norm_twice(evidence: Evidence) -> Iterator[Finding]:
    """Two batch normalisations in a row."""
    flow = evidence.evaluation
    norms = dict(_norms(flow))
    made = {step.node.outputs[0]: step for step in norms}
    for norm, value in norms.items():
        if flow is not None and value in made:
            values = {"first": flow.label(made[value]), "second": flow.label(norm)}
            yield finding("batch_norm_twice", "warning", site(flow, norm), values=values)


def batch_norm_shared(evidence: Evidence) -> Iterator[Finding]:
    """One batch normalisation at two depths of the same network: its running averages mix both."""
    flow = evidence.training
    first: dict[tuple[str, int | None], Step] = {}
    told: set[str] = set()
    for norm, value in _norms(flow):
        if flow is None or flow.layer(norm) is None:
            continue
        call = flow.call(norm)
        before = first.setdefault((call.name, call.parent), norm)
        if before is not norm and call.name not in told and before in set(flow.behind([value])):
            told.add(call.name)
            yield finding("batch_norm_shared", "warning", site(flow, norm), values={"norm": flow.label(norm)})


def batch_statistics_in_evaluation(evidence: Evidence) -> Iterator[Finding]:
    """A function `batch_norm` that normalises by the batch in evaluation mode, though it has running averages."""
    flow = evidence.evaluation
    for norm, _ in _norms(flow):
        if flow is not None and flow.layer(norm) is None and norm.node.attributes["own"]:
            yield finding(
                "always_training",
                "warning",
                site(flow, norm),
                "batch_norm_in_evaluation",
                code="training=self.training",
            )
