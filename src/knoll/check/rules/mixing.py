"""Samples that meet where each should be by itself: repeated to fit each other, or attending to each other."""

from __future__ import annotations

from collections.abc import Iterator

from knoll.analysis import Step
from knoll.check.evidence import Evidence, Site, Values, finding, site
from knoll.check.finding import Finding
from knoll.check.flow import Flow
from knoll.check.rules.softmaxes import counterpart_of
from knoll.check.rules.writing import instead
from knoll.graph import Shape
from knoll.nn import MultiheadAttention, TransformerDecoderLayer, TransformerEncoderLayer
from knoll.nn.made_at import made_at

_ARITHMETIC = frozenset({"add", "subtract", "multiply", "divide"})


def samples_crossed(evidence: Evidence) -> Iterator[Finding]:
    """(n, 1) and (n,) in one sum: the result is (n, n). Distances of all pairs are written with both axes in place."""
    flow = evidence.evaluation
    for step in flow.trace.steps if flow else ():
        if flow is None or step.node.op.name not in _ARITHMETIC or step not in flow.live:
            continue
        counterpart = counterpart_of(flow, evidence.other, step)
        if counterpart is None or not _crosses(step, counterpart) or _is_of_pairs(flow, step):
            continue
        first, second = (str(value.spec.shape) for value in step.node.inputs)
        values: Values = {"first": first, "second": second, "result": str(step.node.specs[0].shape)}
        yield finding("samples_mixed", "error", site(flow, step), "samples_crossed", code="x.squeeze(1)", values=values)


def _crosses(step: Step, counterpart: Step) -> bool:
    """Whether a step reads (n, 1) and (n,), whatever n is."""
    shapes, others = ([value.spec.shape for value in each.node.inputs] for each in (step, counterpart))
    n, m = step.node.specs[0].shape[:1], counterpart.node.specs[0].shape[:1]
    return n != m and sorted(shapes, key=len) == [n, (*n, 1)] and sorted(others, key=len) == [m, (*m, 1)]


def _is_of_pairs(flow: Flow, step: Step) -> bool:
    """Whether pairs are surely meant: an axis was put in place by hand, or products of all pairs come to it."""
    column = next(value for value in flow.operands(step) if value.spec.rank == 2)
    maker = flow.made_by.get(column)
    if maker is None or maker.node.op.name in ("reshape", "sum", "mean", "max_along", "amax"):
        return True
    result = step.node.outputs[0]
    beside = (value for each in flow.live_readers(result) for value in flow.operands(each) if value is not result)
    return any(value.spec.shape == result.spec.shape for value in beside)


def attention_over_samples(evidence: Evidence) -> Iterator[Finding]:
    """Attention whose sequence is the batch, as `batch_first` was left out."""
    flow, other = evidence.evaluation, evidence.other
    if flow is None or other is None or len(flow.trace.calls) != len(other.trace.calls):
        return
    for call, counterpart in zip(flow.trace.calls, other.trace.calls, strict=True):
        layer = call.module
        if not isinstance(layer, MultiheadAttention) or layer.batch_first or not call.inputs or not counterpart.inputs:
            continue
        here, there = call.input.shape, counterpart.input.shape
        if len(here) == 3 and _samples(flow) == here[0] != there[0] == _samples(other) and here[1:] == there[1:]:
            outer = None if call.parent is None else flow.trace.calls[call.parent]
            if outer is not None and isinstance(outer.module, TransformerEncoderLayer | TransformerDecoderLayer):
                call, layer = outer, outer.module
            at = Site(call.name, made_at(layer), call.place)
            values: Values = {"layer": f"{call.kind} {call.name}".strip(), "shape": str(here)}
            code = instead(layer, batch_first=True) or f"nn.{call.kind}(…, batch_first=True)"
            yield finding("samples_mixed", "warning", at, "attention_over_samples", code=code, values=values)


def _samples(flow: Flow) -> int:
    """How many samples a pass has."""
    shape: Shape = flow.trace.inputs[0].spec.shape
    return shape[0]
