"""Weights that cannot learn: a layer made anew at every call, and parameters whose gradient is cut off."""

from __future__ import annotations

from collections.abc import Iterator

from knoll.analysis import Step
from knoll.check.evidence import Evidence, Site, Values, finding, site
from knoll.check.finding import Finding
from knoll.check.flow import Flow
from knoll.graph import Value
from knoll.nn import Parameter
from knoll.nn.made_at import made_at


def made_in_forward(evidence: Evidence) -> Iterator[Finding]:
    """Parameters that each pass makes anew, as of a layer that `forward` constructs."""
    flow, other = evidence.evaluation, evidence.training
    if flow is None or other is None:
        return
    known = {id(tensor) for tensor in (*other.trace.tensors.values(), *evidence.module.parameters())}
    made = {value for value, tensor in flow.trace.tensors.items() if _is_new(tensor, known)}
    readers = [step for step in flow.trace.steps if step in flow.live and made & {*flow.operands(step)}]
    if readers:
        yield finding("unregistered_layer", "error", site(flow, readers[0]), "made_in_forward")


def _is_new(tensor: object, known: set[int]) -> bool:
    return isinstance(tensor, Parameter) and tensor.requires_grad and id(tensor) not in known


def gradient_cut(evidence: Evidence) -> Iterator[Finding]:
    """Parameters that want a gradient, where every way to the result leads through `detach`."""
    flow = evidence.training
    if flow is None or evidence.loss is None:
        return
    cut = [step for step in flow.trace.steps if step in flow.live and step.node.op.name == "stop_gradient"]
    reached = _reached(flow)
    wanted = {name for name, parameter in evidence.module.named_parameters() if parameter.requires_grad}
    for step in cut:
        lost = sorted((flow.parameters_behind(flow.operands(step)[0]) & wanted) - reached)
        if lost:
            owner = evidence.module.get_submodule(lost[0].rpartition(".")[0])
            at = Site(lost[0].rpartition(".")[0], made_at(owner), step.place)
            values: Values = {"name": lost[0], "count": len(lost)}
            # A warning: it may be meant, as in a linear probe, and `knoll train --check` stops at errors.
            yield finding("no_gradient", "warning", at, "gradient_cut", values=values)
            return


def _reached(flow: Flow) -> set[str]:
    """The parameters that a gradient comes to: of the result, or of what is computed beside it, as a second loss."""
    beside = (value for step in flow.trace.steps if step not in flow.live for value in step.node.outputs)
    waiting: list[Value] = [*flow.outputs, *beside]
    seen: set[Step] = set()
    leaves = {*waiting}
    while waiting:
        step = flow.made_by.get(waiting.pop())
        if step is None or step in seen or step.node.op.name == "stop_gradient":
            continue
        seen.add(step)
        waiting += flow.operands(step)
        leaves.update(flow.operands(step))
    return {flow.trace.parameters[leaf] for leaf in leaves if leaf in flow.trace.parameters}
