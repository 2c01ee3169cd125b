"""Networks explained layer by layer."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

from knoll.analysis import Call, Trace, receptive_fields, trace, written
from knoll.analysis.receptive_field import Fields
from knoll.analysis.transformer_arguments import MADE_OF_OTHERS
from knoll.analysis.unchanged import copy_if_lazy
from knoll.errors import ArgumentError, EntryError
from knoll.explain.builder import explain, explained
from knoll.explain.explanation import Explanation
from knoll.explain.facts import Facts
from knoll.explain.network_explanation import LayerLine, NetworkExplanation
from knoll.explain.words import card_of
from knoll.graph import Value
from knoll.messages import say
from knoll.nn import Module
from knoll.nn.init.skip import skip_init
from knoll.nn.inspection import Input


def explain_network(network: Module, *inputs: Input) -> NetworkExplanation:
    """What every layer of a network does with inputs of these shapes.

    Raises ArgumentError without inputs, and what the network raises for inputs that do not fit.

    >>> from knoll import nn
    >>> from knoll.explain import explain_network
    >>> found = explain_network(nn.Sequential(nn.Conv2d(3, 8, 3), nn.ReLU()), (3, 32, 32))
    >>> [(line.name, line.output) for line in found.layers]
    [('0', (8, 30, 30)), ('1', (8, 30, 30))]
    """
    if not inputs:
        raise ArgumentError(say("explain.network_input"), expected="net.explain((3, 32, 32))")
    with skip_init():
        found = trace(copy_if_lazy(network), *inputs)
    lines = lines_of(found, receptive_fields(found))
    taken, given = (tuple(value.spec.shape[1:] for value in values) for values in (found.inputs, found.outputs))
    return NetworkExplanation(type(network).__name__, taken, given, lines, partial(_of_layer, found))


def lines_of(found: Trace, fields: Mapping[Value, Fields]) -> tuple[LayerLine, ...]:
    """The line of each call of a layer, in the order of `layer_calls`."""
    lines, seen = [], set[int]()
    for call in layer_calls(found):
        new = {id(each): each.numel() for each in call.module.parameters() if id(each) not in seen}
        seen |= set(new)
        both = fields.get(call.outputs[0])
        size = None if both is None or both[0].is_whole else (both[0].size, both[1].size)
        lines.append(_line(call, found, sum(new.values()), size))
    return tuple(lines)


def _of_layer(found: Trace, name: str) -> Explanation:
    parts = (each for each in found.calls if each.name and isinstance(each.module, MADE_OF_OTHERS))
    call = next((each for each in (*layer_calls(found), *parts) if each.name == name), None)
    if call is None:
        names = ", ".join(each.name for each in layer_calls(found))
        raise EntryError(say("explain.no_layer_named", name=name), expected=names)
    return explained(call, found)


def layer_calls(found: Trace) -> tuple[Call, ...]:
    """The calls of layers: of what has no modules of its own, and of what has a card, as attention.

    Transformers have cards, too, but are looked into.
    """
    kept: dict[int, bool] = {}
    for index, call in enumerate(found.calls):
        inside = call.parent is not None and kept[call.parent]
        is_whole = card_of(call.module) is not None and not isinstance(call.module, MADE_OF_OTHERS)
        kept[index] = inside or call.is_layer or is_whole
    return tuple(
        call
        for index, call in enumerate(found.calls)
        if kept[index] and call.outputs and not (call.parent is not None and kept[call.parent])
    )


def _line(call: Call, found: Trace, parameters: int, size: tuple[int, int] | None) -> LayerLine:
    card = card_of(call.module)
    facts = Facts(call, found, type(call.module))
    return LayerLine(
        call.name,
        written(call.module),
        card.introduction(facts)[0] if card else None,
        tuple(value.spec.shape[1:] for value in call.inputs),
        call.output.shape[1:],
        parameters,
        facts.multiply_adds,
        size,
    )


def explanation_of(module: Module, *inputs: Input) -> Explanation | NetworkExplanation:
    """The explanation of a layer, or of a network layer by layer.

    Raises as `explain` and `explain_network`.
    """
    is_network = card_of(module) is None and any(True for _ in module.children())
    return explain_network(module, *inputs) if is_network else explain(module, *inputs)
