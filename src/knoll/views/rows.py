"""The rows of a summary: the calls of layers, and the operations that no layer of the library makes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from knoll.analysis import Call, Cost, Costs, Trace, written
from knoll.analysis.receptive_field import Fields
from knoll.analysis.trace import Step
from knoll.graph import Shape, Value
from knoll.nn import Module, Parameter
from knoll.views.library import is_ours
from knoll.views.summary import SummaryRow


def rows_of(trace: Trace, costs: Costs, fields: dict[Value, Fields]) -> tuple[SummaryRow, ...]:
    """The rows of a network in the order in which they are computed."""
    found = [*_of_calls(trace, costs, fields), *_of_operations(trace, costs, fields)]
    rows = [row for _, row in sorted(found, key=lambda each: each[0])]
    return (*rows, *(_not_called(trace) if trace.error is None else ()))


def _not_called(trace: Trace) -> Iterator[SummaryRow]:
    """Modules with parameters that no other row has: what reads these does not call the module."""
    told: set[Parameter] = set()
    for call in trace.calls:
        told.update(call.module.parameters(recurse=call.is_layer))
    for name, module in trace.module.named_modules():
        own = list(dict.fromkeys(each for each in module.parameters(recurse=False) if each not in told))
        if own:
            told.update(own)
            yield SummaryRow(name, written(module), True, (), _learned(own), is_called=False)


def _learned(parameters: Sequence[Parameter]) -> Cost:
    sizes = [(each.numel(), each.dtype.itemsize) for each in parameters]
    return Cost(sum(count for count, _ in sizes), 0, sum(count * each for count, each in sizes))


def is_told_whole(call: Call) -> bool:
    """Whether a call is one row: a layer of the library; of the user's own modules the operations are told."""
    return call.is_layer and is_ours(call.module)


def _of_calls(trace: Trace, costs: Costs, fields: dict[Value, Fields]) -> Iterator[tuple[float, SummaryRow]]:
    made = {value: float(number) for number, step in enumerate(trace.steps) for value in step.node.outputs}
    first: dict[int, float] = {}
    last: dict[int, float] = {}
    for number, step in enumerate(trace.steps):
        first.setdefault(step.call, float(number))
        last[step.call] = float(number)
    before = -1.0  # the last operation of the layers that were called before
    for index, call in enumerate(trace.calls):
        behind = max(before, -1.0, *(made.get(value, -1.0) for value in call.inputs)) + 0.5
        if is_told_whole(call) or (call.is_layer and not call.outputs):
            before = last.get(index, behind - 0.5)
            yield first.get(index, behind), _layer(call, costs.of[call], fields)
        elif any(True for _ in call.module.parameters(recurse=False)):
            own = costs.of[call]
            learned = Cost(own.parameters, own.shared, own.parameter_bytes)
            yield behind, SummaryRow(call.name, _kind(call.module), True, _shapes(call.inputs), learned)


def _layer(call: Call, cost: Cost, fields: dict[Value, Fields]) -> SummaryRow:
    layer = written(call.module) if is_told_whole(call) else _kind(call.module)
    place = str(call.place) if call.place is not None else None
    return SummaryRow(call.name, layer, True, _shapes(call.outputs), cost, *_field(call.outputs, fields), place)


def _of_operations(trace: Trace, costs: Costs, fields: dict[Value, Fields]) -> Iterator[tuple[float, SummaryRow]]:
    for number, step in enumerate(trace.steps):
        call = trace.calls[step.call]
        if not is_told_whole(call):
            yield float(number), _operation(step, call, costs.of_node[step.node], fields)


def _operation(step: Step, call: Call, cost: Cost, fields: dict[Value, Fields]) -> SummaryRow:
    place, node = str(step.place) if step.place is not None else None, step.node
    return SummaryRow(call.name, node.op.name, False, _shapes(node.outputs), cost, *_field(node.outputs, fields), place)


def _kind(module: Module) -> str:
    return type(module).__name__


def _shapes(values: tuple[Value, ...]) -> tuple[Shape, ...]:
    return tuple(value.spec.shape for value in values)


def _field(values: tuple[Value, ...], fields: dict[Value, Fields]) -> tuple[tuple[int, int] | None, bool]:
    rows, columns = fields.get(values[0], (None, None)) if values else (None, None)
    if rows is None or columns is None:
        return None, False
    return (rows.size, columns.size), rows.is_whole and columns.is_whole
