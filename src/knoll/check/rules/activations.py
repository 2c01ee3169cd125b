"""Activations: missing between linear layers, and applied where they change nothing."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from knoll.analysis import Step
from knoll.check.evidence import Evidence, Values, finding, site
from knoll.check.finding import Finding
from knoll.check.flow import Flow
from knoll.graph import Value

# Linear in the one operand that depends on the input.
_LINEAR = frozenset({"add", "subtract", "multiply", "negative", "resample2d", "mean", "convert", "stop_gradient"})
_SUMS = frozenset({"add", "subtract", "concatenate"})
_MAX = frozenset({"max_pool2d", "adaptive_max_pool2d"})
_NOT_NEGATIVE = frozenset({"relu", "sigmoid", "softmax", "hardsigmoid"})
_TWICE = frozenset({"relu", "sigmoid", "tanh", "softmax", "log_softmax", "hardtanh", "hardsigmoid"})


@dataclass(frozen=True)
class _Pair:
    """Two learned layers, the second behind the first, and the layers between them, none of which is an activation."""

    first: Step
    second: Step
    between: tuple[Step, ...]

    @property
    def pools(self) -> bool:
        """Whether a max pooling stands between."""
        return any(step.node.op.name in _MAX for step in self.between)


def missing_activation(evidence: Evidence) -> Iterator[Finding]:
    """Linear layers or convolutions with nothing between that is not linear."""
    flow = evidence.evaluation
    if flow is None:
        return
    pairs = list(_pairs(flow))
    if _is_linear_throughout(flow):
        pairs = pairs or list(_pairs(flow, through_sums=True))
        yield from _whole(flow, pairs)
        return
    for pair in pairs:
        values: Values = {
            "first": flow.label(pair.first),
            "second": flow.label(pair.second),
            "between": [flow.label(step) for step in pair.between if step.node.op.name != "reshape"],
        }
        words = "missing_activation_between" if values["between"] else "missing_activation"
        words = "only_pooling_between" if pair.pools else words
        yield finding("missing_activation", "warning", site(flow, pair.second), words, code="nn.ReLU()", values=values)


def _whole(flow: Flow, pairs: list[_Pair]) -> Iterator[Finding]:
    """One finding for a network that has no activation anywhere."""
    if pairs:
        pools = any(pair.pools for pair in pairs)
        words = "no_activation_but_pooling" if pools else "no_activation"
        layers = list(dict.fromkeys(flow.label(step) for pair in pairs for step in (pair.first, pair.second)))
        at = site(flow, pairs[0].second)
        values: Values = {"layers": layers, "count": len(layers), "first": flow.label(pairs[0].first)}
        yield finding("missing_activation", "warning", at, words, code="nn.ReLU()", values=values)


def _is_linear_throughout(flow: Flow) -> bool:
    """Whether nothing in front of the last learned layers is an activation."""
    read = [value for step in flow.learned for value in flow.data_operands(step)]
    return all(
        _is_linear(flow, step) or _sums(flow, step) or step.node.op.name in _MAX or flow.is_learned(step)
        for step in flow.behind(read)
        if set(step.node.outputs) & flow.data
    )


def _pairs(flow: Flow, through_sums: bool = False) -> Iterator[_Pair]:
    for second in flow.learned:
        for pair in _linear_before(flow, second, through_sums):
            if not _is_by_design(flow, pair):
                yield pair


def _linear_before(flow: Flow, second: Step, through_sums: bool) -> Iterator[_Pair]:
    """The learned layers whose results reach a layer through linear operations only, read by nothing else."""
    waiting: list[tuple[Value, tuple[Step, ...]]] = [(flow.operands(second)[0], ())]
    while waiting:
        value, between = waiting.pop()
        step = flow.made_by.get(value)
        alone = len(flow.live_readers(value)) == 1 and value not in flow.outputs
        if step is None or not (alone or through_sums):
            continue
        if flow.is_learned(step):
            yield _Pair(step, second, between[::-1])
        elif _is_linear(flow, step) or step.node.op.name in _MAX or (through_sums and _sums(flow, step)):
            waiting += [(read, (*between, step)) for read in flow.data_operands(step)]


def _is_linear(flow: Flow, step: Step) -> bool:
    """Whether a step is linear in the one thing that it reads that depends on the input, and keeps its order."""
    read = flow.only_data(step)
    name = step.node.op.name
    if read is None:
        return False
    if name == "reshape":
        return _flattens(read, step.node.outputs[0])
    if name == "divide":
        return flow.operands(step)[0] is read
    if name == "leaky_relu":
        return bool(step.node.attributes["negative_slope"] == 1)
    if name == "batch_norm":
        return not step.node.attributes["own"]
    return name in _LINEAR


def _flattens(x: Value, y: Value) -> bool:
    """Whether a reshape only joins the last axes, or takes the joined spatial axes apart as normalisation does."""
    return x.spec.shape[:1] == y.spec.shape[:1] and (y.spec.rank == 2 or x.spec.shape[:2] == y.spec.shape[:2])


def _sums(flow: Flow, step: Step) -> bool:
    return step.node.op.name in _SUMS and len(flow.data_operands(step)) > 1


def _is_by_design(flow: Flow, pair: _Pair) -> bool:
    """Designs that are published without an activation there.

    A bottleneck (low rank, MobileNetV2), also one that is as wide as its input (MobileNetV3), depthwise and pointwise
    convolution (Xception), one row and one column (separable filters), a transposed convolution behind a convolution
    (FCN), weights that are used several times.
    """
    first, second = pair.first.node, pair.second.node
    if any(node.attributes.get("groups", 1) > 1 for node in (first, second)):
        return True
    if any(flow.uses_of_weight(step) > 1 for step in (pair.first, pair.second)):
        return True
    if second.op.name == "conv_transpose2d" and first.op.name != "conv_transpose2d":
        return True
    return _is_separable(pair) or (not pair.pools and (_is_bottleneck(pair) or _ends_inverted_bottleneck(flow, pair)))


def _is_bottleneck(pair: _Pair) -> bool:
    """Fewer channels between than before and behind: one layer could not stand for both."""
    kernels = [step.node.inputs[1].spec.shape[2:] for step in (pair.first, pair.second)]
    if all(max(kernel, default=1) > 1 for kernel in kernels):  # two windows in a row are no design of few channels
        return False
    x, y = pair.first.node.inputs[0].spec, pair.first.node.outputs[0].spec
    z = pair.second.node.outputs[0].spec
    axis = -1 if pair.first.node.op.name == "linear" else 1
    return y.shape[axis] < min(x.shape[axis], z.shape[-1 if pair.second.node.op.name == "linear" else 1])


def _ends_inverted_bottleneck(flow: Flow, pair: _Pair) -> bool:
    """No more channels between than before and fewer than behind, where a depthwise convolution stands before."""
    x, y, z = pair.first.node.inputs[0].spec, pair.first.node.outputs[0].spec, pair.second.node.outputs[0].spec
    if pair.first.node.op.name == "linear" or not y.shape[1] <= x.shape[1] or not y.shape[1] < z.shape[1]:
        return False
    waiting = [flow.operands(pair.first)[0]]
    while waiting:
        step = flow.made_by.get(waiting.pop())
        if step is not None and flow.is_learned(step):
            if step.node.attributes.get("groups", 1) > 1:
                return True
        elif step is not None:
            waiting += flow.data_operands(step)
    return False


def _is_separable(pair: _Pair) -> bool:
    shapes = [step.node.inputs[1].spec.shape[2:] for step in (pair.first, pair.second)]
    return all(len(shape) == 2 for shape in shapes) and all(1 in axis and max(axis) > 1 for axis in zip(*shapes))  # noqa: B905 (both have two)


def repeated_activation(evidence: Evidence) -> Iterator[Finding]:
    """An activation on the result of another one that leaves it nothing to do, or that spoils what it does."""
    flow = evidence.evaluation
    for step in flow.trace.steps if flow else ():
        if flow is None or step not in flow.live or step.node.op.name not in _TWICE:
            continue
        before = _activation_before(flow, step)
        if before is None:
            continue
        words = _words(before, step)
        if words is not None:
            values: Values = {"first": flow.label(before), "second": flow.label(step)}
            yield finding("repeated_activation", "warning", site(flow, step), words, values=values)


def _activation_before(flow: Flow, step: Step) -> Step | None:
    """The activation whose result a step reads, perhaps through a pooling or a reshape that keeps the order of axes."""
    value = flow.only_data(step)
    while value is not None and (before := flow.made_by.get(value)) is not None:
        if before.node.op.name in _TWICE:
            return before
        if before.node.op.name != "reshape" and not (before.node.op.name in _MAX and step.node.op.name == "relu"):
            return None
        value = flow.only_data(before)
    return None


def _words(before: Step, step: Step) -> str | None:
    """Which sentence tells of two activations in a row; None for those that are no fault."""
    first, second = before.node.op.name, step.node.op.name
    if second == "relu" and first in _NOT_NEGATIVE:
        return "relu_does_nothing"
    if second == "sigmoid" and first in _NOT_NEGATIVE:
        return "sigmoid_never_low"
    if before.node.attributes != step.node.attributes:
        return None
    if first == "softmax" and second in ("softmax", "log_softmax"):
        return "softmax_twice"
    return "same_activation_twice" if first == second else None
