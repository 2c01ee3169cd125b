"""What other values of an argument would change: the layer is made again with each, and traced."""

from __future__ import annotations

from collections.abc import Iterator

from knoll.analysis import trace, variant, written
from knoll.analysis.arguments import layer_kind
from knoll.analysis.inputs import zeros_alike
from knoll.errors import KnollError
from knoll.explain.card import Card
from knoll.explain.facts import Facts, samples_in
from knoll.explain.parts import Effect, Option
from knoll.explain.sight import fields_of
from knoll.nn import Module


def effects_of(facts: Facts, card: Card, name: str) -> tuple[Effect, ...]:
    """One less and one more for a count, the other value for a flag; nothing for the rest.

    That a count can be no smaller than the smallest is not worth saying.
    """
    argument = card.arguments[name]
    values = argument.others(facts) if argument.others else others(facts.arguments[name])
    found = (effect(facts, card, name, value) for value in values)
    return tuple(each for each in found if each and (each.output is not None or _least(each.value) > 0))


def _least(value: Option) -> float:
    return value if isinstance(value, float) else min(_numbers(value), default=1)


def others(value: Option) -> tuple[Option, ...]:
    """The values next to one.

    >>> others(3), others((3, 5)), others(True), others("zeros")
    ((2, 4), ((2, 4), (4, 6)), (False,), ())
    """
    if isinstance(value, bool):
        return (not value,)
    if isinstance(value, int) or (isinstance(value, float) and value.is_integer()):
        return (value - 1, value + 1)
    numbers = tuple(_numbers(value))
    if isinstance(value, tuple) and numbers and len(numbers) == len(value):
        return (tuple(each - 1 for each in numbers), tuple(each + 1 for each in numbers))
    return ()


def _numbers(value: Option) -> Iterator[int]:
    for each in value if isinstance(value, tuple) else (value,):
        if isinstance(each, int) and not isinstance(each, bool):
            yield each


def effect(facts: Facts, card: Card, name: str, value: Option) -> Effect | None:
    """The same layer with another value of one argument, given the same input.

    None for a layer with parameters that have no numbers, or one that gives none.
    """
    try:
        layer = variant(facts.layer, layer_kind(type(facts.layer)), **{name: value})
        return _traced(facts, card, layer, value)
    except (KnollError, ArithmeticError, MemoryError) as error:
        return Effect(value, reason=str(error).partition("\n")[0])


def _traced(facts: Facts, card: Card, layer: Module, value: Option) -> Effect | None:
    found = trace(layer, *(zeros_alike(value.spec.shape, value.spec.dtype) for value in facts.call.inputs))
    call = found.calls[0]
    sizes = [parameter.numel() for parameter in layer.parameters()]
    if 0 in (*sizes, call.outputs[0].spec.size) and facts.output.size:
        return None
    work = found.work(call) // samples_in(layer, call.inputs[0].spec.shape)
    fields = fields_of(found, found.inputs[0], found.outputs[0])
    field = None if fields is None else (fields[0].size, fields[1].size)
    return Effect(value, card.shown(call.output.shape), sum(sizes), work, field, written(layer))
