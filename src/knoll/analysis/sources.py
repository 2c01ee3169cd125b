"""Which layers feed which."""

from __future__ import annotations

from knoll.analysis.trace import Call, Trace
from knoll.graph import Value

Source = Call | Value
"""A call of a layer, or an input of the network."""


def sources(trace: Trace) -> dict[Call, tuple[Source, ...]]:
    """What each layer is fed by: the calls of layers, and the inputs, behind all operations that are no layers.

    >>> from knoll import nn
    >>> from knoll.analysis import sources, trace
    >>> found = trace(nn.Sequential(nn.Linear(3, 2), nn.ReLU()), (3,))
    >>> [source.name for source in sources(found)[found.layers[1]]]
    ['0']
    """
    made: dict[Value, Source] = {value: value for value in trace.inputs}
    found = {}
    for call in trace.layers:
        leading = [source for value in call.inputs for source in _feeding(value, made)]
        found[call] = tuple(dict.fromkeys(leading))
        made.update(dict.fromkeys(call.outputs, call))
    return found


def _feeding(value: Value, made: dict[Value, Source]) -> list[Source]:
    found: list[Source] = []
    waiting, seen = [value], set[Value]()
    while waiting:
        value = waiting.pop()
        if value in seen:
            continue
        seen.add(value)
        if value in made:
            found.append(made[value])
        elif value.node is not None:
            waiting.extend(value.node.inputs)  # other values without a node are parameters
    return found
