"""Samples of a batch that a reshape joins or cuts."""

from __future__ import annotations

import math
from collections.abc import Iterator

from knoll.analysis import Step
from knoll.check.evidence import Evidence, Values, finding, site
from knoll.check.finding import Finding
from knoll.check.flow import Flow
from knoll.check.rules.losses import OF_CLASSES
from knoll.check.rules.softmaxes import counterpart_of

_OF_EACH_SAMPLE = OF_CLASSES | {"BCELoss", "BCEWithLogitsLoss"}
_IMAGES = frozenset({"conv2d", "max_pool2d", "resample2d", "conv_transpose2d"})
_KEEPS_ROWS = frozenset({"relu", "sigmoid", "tanh", "batch_norm", "multiply", "reshape", "stop_gradient", "convert"})


def reshape_not_permute(evidence: Evidence) -> Iterator[Finding]:
    """A reshape that gives the axes in another order, as if it moved them; the numbers stay where they are."""
    flow = evidence.evaluation
    for step in flow.trace.steps if flow else ():
        if flow is None or step.node.op.name != "reshape" or step not in flow.live:
            continue
        x, y = step.node.inputs[0].spec.shape, step.node.specs[0].shape
        moved = [[size for size in shape[1:] if size != 1] for shape in (x, y)]
        if x[:1] == y[:1] and len(x) == len(y) and moved[0] != moved[1] and sorted(moved[0]) == sorted(moved[1]):
            values: Values = {"before": str(x), "after": str(y)}
            yield finding("reshape_not_permute", "error", site(flow, step), code=_permuted(x, y), values=values)


def _permuted(x: tuple[int, ...], y: tuple[int, ...]) -> str:
    """How the axes are moved, if their sizes say it."""
    if len(set(x[1:])) < len(x[1:]):
        return "x.permute(…)"
    return f"x.permute({', '.join(map(str, (0, *(x.index(size, 1) for size in y[1:]))))})"


def samples_mixed(evidence: Evidence) -> Iterator[Finding]:
    """A reshape behind which the rows are no longer the samples, and a linear layer reads them."""
    flow = evidence.evaluation
    for step in flow.trace.steps if flow else ():
        if flow is None or step.node.op.name != "reshape" or step not in flow.live:
            continue
        words = _how(evidence, flow, step)
        if words is not None and _is_read_as_rows(flow, step):
            x, y = step.node.inputs[0].spec.shape, step.node.specs[0].shape
            values: Values = {"before": str(x), "after": str(y), "samples": x[0]}
            yield finding("samples_mixed", "error", site(flow, step), words, code="torch.flatten(x, 1)", values=values)


def _how(evidence: Evidence, flow: Flow, step: Step) -> str | None:
    """Whether rows are parts of samples, or several samples; None if neither is sure."""
    x, y = step.node.inputs[0].spec.shape, step.node.specs[0].shape
    counterpart = counterpart_of(flow, evidence.other, step)
    if counterpart is None or len(x) < 2 or not y or flow.operands(step)[0] not in flow.data:
        return None
    follows = counterpart.node.inputs[0].spec.shape[0] != x[0] and counterpart.node.inputs[0].spec.shape[1:] == x[1:]
    if not follows:
        return None
    sample, row = math.prod(x[1:]), math.prod(y[1:])
    if len(y) == 1:
        return "batch_flattened" if sample > 1 else None
    if row > sample:
        return "samples_joined"
    whole = {math.prod(x[axis:]) for axis in range(1, len(x) + 1)}
    return "samples_cut" if row not in whole else None


def _is_read_as_rows(flow: Flow, step: Step) -> bool:
    """Whether a linear layer reads what a step gives, perhaps behind an activation."""
    waiting = list(step.node.outputs)
    while waiting:
        for reader in flow.live_readers(waiting.pop()):
            if reader.node.op.name == "linear":
                return True
            if reader.node.op.name in _KEEPS_ROWS - {"reshape"}:
                waiting += reader.node.outputs
    return False


def samples_lost(evidence: Evidence) -> Iterator[Finding]:
    """Scores of classes without a row for each sample: samples were averaged, or two results put below each other."""
    flow, other = evidence.evaluation, evidence.other
    if flow is None or other is None or evidence.loss not in _OF_EACH_SAMPLE or len(flow.outputs) != 1:
        return
    given, output = (value.spec.shape for value in (flow.trace.inputs[0], flow.outputs[0]))
    if len(flow.trace.inputs) != 1 or len(given) not in (2, 4) or all(map(_has_its_rows, (flow, other))):
        return
    for step in flow.trace.steps:
        words = _how_lost(flow, step) if step in flow.live else None
        if words is not None:
            values: Values = {"samples": given[0], "output": str(output), "loss": str(evidence.loss)}
            code = "torch.cat([…], 1)" if words == "samples_stacked" else "x.mean((2, 3))"
            yield finding("samples_mixed", "error", site(flow, step), words, code=code, values=values)
            return


def _has_its_rows(flow: Flow) -> bool:
    """Whether the result has as many rows as the input."""
    return flow.outputs[0].spec.shape[:1] == flow.trace.inputs[0].spec.shape[:1]


def _how_lost(flow: Flow, step: Step) -> str | None:
    """Whether a step takes samples together, or puts the results of different layers below each other."""
    samples, x = flow.trace.inputs[0].spec.shape[0], step.node.inputs[0].spec.shape
    read = flow.operands(step)
    if step.node.op.name == "mean" and 0 in step.node.attributes["axes"] and x[0] == samples and read[0] in flow.data:
        return "samples_averaged"
    if step.node.op.name == "concatenate" and step.node.attributes["axis"] == 0 and len(read) > 1:
        behind = [flow.parameters_behind(value) for value in read]
        is_apart = all(one and not one & other for i, one in enumerate(behind) for other in behind[i + 1 :])
        if is_apart and all(value in flow.data and value.spec.shape[0] == samples for value in read):
            return "samples_stacked"
    return None


def _is_for_classes(evidence: Evidence, flow: Flow) -> bool:
    """Whether a loss of classes is given what still has the axes of an image, its classes on the last one."""
    shapes = [value.spec.shape for value in flow.outputs]
    made = [flow.made_by.get(value) for value in flow.outputs]
    is_linear = all(step is not None and step.node.op.name == "linear" for step in made)
    return evidence.loss in OF_CLASSES and is_linear and [len(shape) for shape in shapes] == [4]


def linear_on_images(evidence: Evidence) -> Iterator[Finding]:
    """A linear layer that maps each row of pixels of an image, as nobody flattened it."""
    flow = evidence.evaluation
    for step in flow.learned if flow else ():
        x = flow.operands(step)[0] if flow else None
        if flow is None or x is None or step.node.op.name != "linear" or x.spec.rank != 4:
            continue
        before = flow.made_by.get(x)
        while before is not None and before.node.op.name in _KEEPS_ROWS - {"reshape", "multiply"}:
            before = flow.made_by.get(flow.operands(before)[0])
        is_image = before is not None and before.node.op.name in _IMAGES
        if is_image or (x in flow.trace.inputs and _is_for_classes(evidence, flow)):
            values: Values = {
                "layer": flow.label(step),
                "shape": str(x.spec.shape),
                "features": math.prod(x.spec.shape[1:]),
            }
            yield finding("linear_on_images", "warning", site(flow, step), code="nn.Flatten()", values=values)
