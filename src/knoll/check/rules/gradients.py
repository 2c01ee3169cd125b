"""Weights that cannot learn: made anew at every call, not the network's own, or with a gradient that is cut off."""

from __future__ import annotations

from collections.abc import Iterator

from knoll.analysis import Step
from knoll.check.evidence import Evidence, Site, Values, finding, site
from knoll.check.finding import Finding, Severity
from knoll.check.flow import Flow
from knoll.check.rules.parameters import plain_tensors
from knoll.graph import Value
from knoll.nn import Parameter
from knoll.nn.made_at import made_at
from knoll.tensor import Tensor

_FLAT = frozenset({"sign", "round", "floor", "ceil"})  # their slope is 0 wherever there is one


def made_in_forward(evidence: Evidence) -> Iterator[Finding]:
    """Parameters that each pass makes anew, as of a layer that `forward` constructs."""
    flow, other = evidence.evaluation, evidence.training
    if flow is None or other is None:
        return
    known = {id(tensor) for tensor in (*other.trace.tensors.values(), *evidence.module.parameters())}
    made = {value for value, tensor in flow.trace.tensors.items() if _wants(tensor) and id(tensor) not in known}
    readers = [step for step in flow.trace.steps if step in flow.live and made & {*flow.operands(step)}]
    if readers:
        is_layer = any(isinstance(flow.trace.tensors.get(each), Parameter) for each in flow.operands(readers[0]))
        rule = "unregistered_layer" if is_layer else "unregistered_parameter"
        words = "made_in_forward" if is_layer else "tensor_made_in_forward"
        yield finding(rule, "error", site(flow, readers[0]), words, code="" if is_layer else "self.w = nn.Parameter(…)")


def _wants(tensor: Tensor) -> bool:
    """Whether a tensor is there to be learned: of its own, not computed from others."""
    return tensor.requires_grad and tensor.is_leaf


def foreign_parameters(evidence: Evidence) -> Iterator[Finding]:
    """Parameters of a layer outside of the network, as of a variable of the file that `forward` calls."""
    flow, other = evidence.training, evidence.evaluation
    if flow is None or other is None:
        return
    own = {id(tensor) for tensor in (*evidence.module.parameters(), *plain_tensors(evidence.module))}
    seen = {id(tensor) for tensor in other.trace.tensors.values()}
    reached = _reached(flow)
    foreign = {
        value
        for value, tensor in flow.trace.tensors.items()
        if isinstance(tensor, Parameter) and _wants(tensor) and id(tensor) in seen - own and value in reached
    }
    readers = [step for step in flow.trace.steps if step in flow.live and foreign & {*flow.operands(step)}]
    if readers:
        at = Site(flow.call(readers[0]).name, None, readers[0].place)
        values: Values = {"count": len(foreign)}
        yield finding("unregistered_layer", "error", at, "foreign_parameters", code="self.layer = layer", values=values)


def gradient_cut(evidence: Evidence) -> Iterator[Finding]:
    """Parameters that want a gradient, where every way to the result leads through something that has none."""
    flow = evidence.training
    if flow is None:
        return
    reached = {flow.trace.parameters[value] for value in _reached(flow) if value in flow.trace.parameters}
    wanted = {name for name, parameter in evidence.module.named_parameters() if parameter.requires_grad}
    learns = bool(wanted & reached)
    if not learns and not evidence.may_train:  # a network that is only used, as one that gives class numbers
        return
    for step in reversed([step for step in flow.trace.steps if step in flow.live and _cuts(step)]):
        behind = set().union(*map(flow.parameters_behind, flow.operands(step)))
        lost = [name for name in flow.trace.parameters.values() if name in (behind & wanted) - reached]
        if lost:
            yield _cut(evidence, step, lost, learns)
            return


def _cut(evidence: Evidence, step: Step, lost: list[str], learns: bool) -> Finding:
    """A warning while others learn: it may be meant, as in a linear probe; `knoll train --check` stops at errors."""
    owner = lost[0].rpartition(".")[0]
    at = Site(owner, made_at(evidence.module.get_submodule(owner)), step.place)
    severity: Severity = "error" if evidence.trains and not learns else "warning"
    words = "gradient_off" if step.is_in_no_grad else "gradient_flat"
    words = "gradient_cut" if step.node.op.name == "stop_gradient" else words
    values: Values = {"name": lost[0], "count": len(lost), "operation": step.node.op.name}
    return finding("no_gradient", severity, at, words, values=values)


def _cuts(step: Step) -> bool:
    """Whether no gradient comes through a step."""
    op, result = step.node.op, step.node.outputs[0].spec
    return step.is_in_no_grad or op.name in {"stop_gradient", *_FLAT} or op.gradient is None or not result.is_float


def _reached(flow: Flow) -> set[Value]:
    """What a gradient comes to: of the result, or of what is computed beside it, as a second loss."""
    beside = (value for step in flow.trace.steps if step not in flow.live for value in step.node.outputs)
    waiting: list[Value] = [*flow.outputs, *beside]
    seen: set[Step] = set()
    reached = {*waiting}
    while waiting:
        step = flow.made_by.get(waiting.pop())
        if step is None or step in seen or _cuts(step):
            continue
        seen.add(step)
        waiting += flow.operands(step)
        reached.update(flow.operands(step))
    return reached
