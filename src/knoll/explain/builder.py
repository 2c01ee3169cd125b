"""From a layer and its input to its explanation."""

from __future__ import annotations

import math

from knoll.analysis import Call, Trace, trace, written
from knoll.analysis.arguments import signature
from knoll.errors import ArgumentError
from knoll.explain.card import Card
from knoll.explain.effects import effects_of
from knoll.explain.explanation import Explanation
from knoll.explain.facts import Facts
from knoll.explain.parts import Cost, ParameterNote
from knoll.explain.words import card_of
from knoll.graph import Shape, Value
from knoll.messages import say
from knoll.nn import Module
from knoll.nn.inspection import Input


def explain(layer: Module, *inputs: Input) -> Explanation:
    """What a layer does with inputs of these shapes, and what each of its arguments means for them.

    Raises ArgumentError for a module that has no card, and what the layer raises for inputs that do not fit.

    >>> from knoll import nn
    >>> from knoll.explain import explain
    >>> explain(nn.Conv2d(3, 6, 3, stride=2), (3, 32, 32)).outputs
    ((6, 15, 15),)
    """
    found = trace(layer, *inputs)
    return explained(found.calls[0], found)


def explained(call: Call, found: Trace) -> Explanation:
    """The explanation of one call of a trace. Raises ArgumentError for a module that has no card."""
    card = card_of(call.module)
    if card is None:
        raise ArgumentError(say("explain.unknown", kind=call.kind))
    facts = Facts(call, found)
    return Explanation(
        kind=call.kind,
        written=written(call.module),
        introduction=card.introduction(facts),
        inputs=tuple(map(_sample, call.inputs)),
        outputs=tuple(map(_sample, call.outputs)),
        parameters=tuple(_note(facts, card, name) for name in card.arguments),
        sizes=card.size(facts),
        remarks=card.remarks(facts),
        cost=_cost(facts),
        source=card.source,
    )


def _note(facts: Facts, card: Card, name: str) -> ParameterNote:
    parameter = signature(type(facts.layer))[name]
    is_required = parameter.default is parameter.empty
    default = None if is_required else parameter.default
    said = card.arguments[name].words(facts)
    effects = effects_of(facts, card, name) if name in facts.arguments else ()
    return ParameterNote(name, facts.arguments.get(name), default, is_required, said.words, effects, said.trap)


def _sample(value: Value) -> Shape:
    """The shape of one sample; a number for all samples has none."""
    return value.spec.shape[1:]


def _cost(facts: Facts) -> Cost:
    weights = sum(parameter.numel() * parameter.dtype.itemsize for parameter in facts.layer.parameters())
    output = math.prod(_sample(facts.call.outputs[0])) * facts.output.dtype.itemsize
    return Cost(facts.parameters, facts.multiply_adds, weights, output)
