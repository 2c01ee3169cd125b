"""Results that no operation leads to from the input."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from knoll.analysis import Step
from knoll.analysis.trace import in_mode, random_numbers_kept
from knoll.check.evidence import Evidence, Site, Values, finding
from knoll.check.finding import Finding, Severity
from knoll.check.flow import Flow
from knoll.errors import KnollError
from knoll.graph import Array
from knoll.nn.made_at import Place
from knoll.tensor import Tensor, from_numpy, manual_seed, no_grad


def no_result(evidence: Evidence) -> Iterator[Finding]:
    """A network whose result no operation on its input leads to: it is always the same, or went through NumPy."""
    for flow in evidence.flows[:1]:
        if any(value in flow.data for value in flow.outputs):
            continue
        made = evidence.site_of(evidence.module).made
        if not _depends_on_input(flow):
            yield finding("input_unused", "error", Site("", made, _place(flow.trace.steps)))
            continue
        wanted = {name for name, parameter in evidence.module.named_parameters() if parameter.requires_grad}
        learns = wanted & set[str]().union(*map(flow.parameters_behind, flow.outputs))
        lost = [name for name in flow.trace.parameters.values() if name in wanted - learns]
        if lost and (evidence.may_train or learns):
            at = Site("", made, _place([step for step in flow.trace.steps if step not in flow.live]))
            severity: Severity = "error" if evidence.trains and not learns else "warning"
            values: Values = {"count": len(lost), "name": lost[0]}
            yield finding("no_gradient", severity, at, "gradient_left", values=values)


def _place(steps: Sequence[Step]) -> Place | None:
    return steps[-1].place if steps else None


def _depends_on_input(flow: Flow) -> bool:
    """Whether two inputs give two results: computed once, as the numbers went a way that no operation shows."""
    if not all(value.spec.is_float for value in flow.trace.inputs):
        return True  # nobody knows which whole numbers the network takes
    try:
        return not _equal(_result_for(flow, 0), _result_for(flow, 1))
    except (KnollError, ValueError, TypeError, ArithmeticError):
        return True


def _result_for(flow: Flow, seed: int) -> list[Array]:
    """The numbers that the network gives for an input drawn with `seed`; whatever it draws itself is the same."""
    drawn = np.random.default_rng(seed)
    specs = [value.spec for value in flow.trace.inputs]
    inputs = [from_numpy(drawn.standard_normal(spec.shape).astype(spec.dtype)) for spec in specs]
    with in_mode(flow.trace.module, False), random_numbers_kept(), no_grad():
        manual_seed(0)
        return _numbers(flow.trace.module(*inputs))


def _numbers(result: Any) -> list[Array]:
    """The numbers of all tensors in what a network gave."""
    if isinstance(result, Tensor):
        return [result.numpy()]
    parts = result.values() if isinstance(result, dict) else result if isinstance(result, (tuple, list)) else ()
    return [array for part in parts for array in _numbers(part)]


def _equal(one: list[Array], other: list[Array]) -> bool:
    return all(np.array_equal(a, b, equal_nan=True) for a, b in zip(one, other, strict=True))
