"""From a layer and its input to its explanation."""

from __future__ import annotations

import copy
import inspect
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np

from knoll.analysis import Call, Trace, trace, written
from knoll.analysis.arguments import layer_kind, signature
from knoll.analysis.inputs import as_batches, checked_inputs
from knoll.analysis.transformer_arguments import MADE_OF_OTHERS, OF_POSITIONS
from knoll.analysis.written import is_default
from knoll.errors import ArgumentError, KnollError, quoted
from knoll.explain.card import Card
from knoll.explain.effects import effects_of
from knoll.explain.explanation import Explanation
from knoll.explain.facts import Facts, samples_in
from knoll.explain.parts import Cost, NumberTable, Option, ParameterNote, Text, Written
from knoll.explain.sequence_steps import step_table
from knoll.explain.sight import sight
from knoll.explain.words import card_of
from knoll.explain.worked import worked_out
from knoll.messages import Sentence, say
from knoll.nn import Module
from knoll.nn.init.skip import skip_init
from knoll.nn.inspection import Input
from knoll.nn.layers.lazy import LazyModuleMixin
from knoll.nn.layers.loss import Loss
from knoll.tensor import Tensor


def explain(layer: Module, *inputs: Input) -> Explanation:
    """What a layer does with inputs of these shapes, and what each of its arguments means for them.

    Inputs that are left out are those of an example. A shape of up to three numbers is that of one sample, unless the
    layer refuses it and takes it as a batch, as `BatchNorm1d(5)` takes (2, 5, 7); with four it is a batch. A lazy layer
    stays lazy: a copy of it meets the input. Raises ArgumentError for a module that has no card and for arguments of
    which nothing can be worked out, and what the layer raises for inputs that do not fit.

    >>> from knoll import nn
    >>> from knoll.explain import explain
    >>> explain(nn.Conv2d(3, 6, 3, stride=2), (3, 32, 32)).outputs
    ((6, 15, 15),)
    """
    card, text, is_lazy = _card(layer), written(layer), isinstance(layer, LazyModuleMixin)
    with _worked_out(text):
        own, given, found = _read(card, layer, inputs)
        facts = Facts(found.calls[0], found, type(layer))
        is_told = bool(inputs) or isinstance(layer, Loss)  # of a loss the numbers of the example stand in a table
        has_numbers = is_told and not any(isinstance(each, tuple | list) for each in given) and not is_lazy
        with warnings.catch_warnings(action="ignore"):  # words about arguments say it better
            worked = worked_out(own, given) if has_numbers else None
            is_given = bool(inputs) and not any(isinstance(each, tuple | list) for each in inputs)
            steps = step_table(own, given) if is_given and isinstance(own, MADE_OF_OTHERS) else ()
        return _explained(facts, card, text, worked, steps)


def _read(card: Card, layer: Module, inputs: tuple[Input, ...]) -> tuple[Module, tuple[Input, ...], Trace]:
    """The layer, or the copy of a lazy one, what it is given, and the trace: of a sample if it takes one, else a batch.

    Raises what it raises for the sample where it takes neither.
    """
    if inputs:
        _check_count(layer, tuple(checked_inputs(inputs, layer)))
    errors = list[KnollError]()
    for completed in (_completed, _as_batch) if inputs else (_completed,):
        with skip_init(), warnings.catch_warnings(action="ignore"):  # words about arguments say it better
            own = copy.deepcopy(layer) if isinstance(layer, LazyModuleMixin) else layer
            try:
                given = completed(card, layer, inputs)
                return own, given, trace(own, *given)
            except KnollError as error:
                errors.append(error)
    raise errors[0]


def _as_batch(card: Card, layer: Module, inputs: tuple[Input, ...]) -> tuple[Input, ...]:
    """Inputs whose first axis are the samples, whatever their rank."""
    first, *others = as_batches(inputs, layer)
    made = card.completed(layer, (first,)) if card.completed else (first, *card.further(layer, first.shape))
    if others and [np.shape(each) for each in made[1:]] != [each.shape for each in others]:
        return (first, *others)
    return made if all(isinstance(each, tuple | list) for each in inputs) else (first, *(others or made[1:]))


def explained(call: Call, found: Trace) -> Explanation:
    """The explanation of one call of a trace. Raises ArgumentError for a module that has no card."""
    text = written(call.module)
    with _worked_out(text):
        return _explained(Facts(call, found, type(call.module)), _card(call.module), text)


def _card(layer: Module) -> Card:
    card = card_of(layer)
    if card is None:
        raise ArgumentError(say("explain.unknown", kind=type(layer).__name__))
    return card


def _completed(card: Card, layer: Module, inputs: tuple[Input, ...]) -> tuple[Input, ...]:
    """Arrays of one sample as a batch of one; inputs that are missing added."""
    if not inputs:
        return card.inputs(layer)
    inputs = tuple(checked_inputs(inputs, layer))
    if card.completed:
        return card.completed(layer, inputs)
    own = card.inputs(layer)[0]
    axes = own.ndim if isinstance(own, np.ndarray | Tensor) else len(own)
    rank = axes if isinstance(own, tuple) and axes < 4 else axes - 1
    first, *others = map(_one_at_least, inputs)
    if card.of_images and not isinstance(first, np.ndarray | Tensor) and np.size(first) < rank:
        raise ArgumentError(say("explain.no_image"), expected=say("explain.image_shape"), got=f"{first}")
    if isinstance(first, np.ndarray | Tensor) and first.ndim == rank:
        first = first[None]
    if others or not isinstance(first, np.ndarray | Tensor | tuple | list):
        return (first, *others)
    shape = tuple(first.shape) if isinstance(first, np.ndarray | Tensor) else tuple(first)
    return (first, *card.further(layer, (1,) * (rank + 1 - len(shape)) + shape))


def _check_count(layer: Module, inputs: tuple[Input, ...]) -> None:
    """Refuse more inputs than `forward` takes."""
    try:
        inspect.signature(layer.forward).bind_partial(*inputs)
    except TypeError:
        most = len(inspect.signature(layer.forward).parameters)
        raise ArgumentError(
            say("explain.too_many_inputs", kind=type(layer).__name__, most=most), got=str(len(inputs))
        ) from None


def _one_at_least(given: Input) -> Input:
    """A batch without samples as one of a single sample: what a sample costs is told all the same."""
    if not isinstance(given, np.ndarray | Tensor | tuple | list):
        return given
    shape = tuple(given.shape) if isinstance(given, np.ndarray | Tensor) else tuple(given)
    return (1, *shape[1:]) if len(shape) > 3 and shape[0] == 0 else given


@contextmanager
def _worked_out(text: str) -> Iterator[None]:
    """Raise ArgumentError where the arguments of a layer are such that nothing can be worked out of them."""
    try:
        yield
    except KnollError:
        raise
    except (
        ArithmeticError,
        LookupError,
        TypeError,
        ValueError,
    ) as error:  # Python's own
        raise ArgumentError(say("explain.no_words", layer=text), got=quoted(error)) from error


def _explained(
    facts: Facts, card: Card, text: str, worked: Sentence | None = None, steps: tuple[NumberTable, ...] = ()
) -> Explanation:
    with warnings.catch_warnings(action="ignore"):
        return _explanation(facts, card, text, worked, steps)


def _explanation(
    facts: Facts, card: Card, text: str, worked: Sentence | None, steps: tuple[NumberTable, ...]
) -> Explanation:
    return Explanation(
        kind=facts.kind.__name__,
        written=text,
        introduction=card.introduction(facts),
        inputs=tuple(card.shown(value.spec.shape) for value in facts.call.inputs),
        outputs=tuple(card.shown(value.spec.shape) for value in facts.call.outputs),
        parameters=tuple(_note(facts, card, name) for name in card.arguments),
        tables=(*card.tables(facts), *steps),
        sizes=card.size(facts),
        worked=worked,
        sight=sight(facts.trace, facts.call.inputs[0], facts.call.outputs[0]),
        remarks=card.remarks(facts),
        cost=_cost(facts),
        source=card.source,
    )


def _note(facts: Facts, card: Card, name: str) -> ParameterNote:
    parameter = signature(layer_kind(facts.kind))[name]
    is_required = parameter.default is parameter.empty
    default = None if is_required else parameter.default
    value = facts.arguments.get(name)
    said = card.arguments[name].words(facts)
    effects = effects_of(facts, card, name) if name in facts.arguments else ()
    stays = not is_required and is_default(name, value, facts.arguments, default)
    options = _option(value), _option(default)
    return ParameterNote(name, *options, is_required, stays, said.words, said.shown, effects, said.trap)


def _option(value: Any) -> Option:
    """The value of an argument as plain data: numbers of a tensor, the text of a layer, the name of a function."""
    if isinstance(value, Tensor):
        return _tuples(value.tolist())
    if isinstance(value, Module):
        return Text(written(value))
    is_function = callable(value) and not isinstance(value, Written)
    option: Option = Text(getattr(value, "__name__", type(value).__name__)) if is_function else value
    return option


def _tuples(value: list[Any] | float) -> Option:
    """Numbers of a tensor as an argument is written."""
    return tuple(map(_tuples, value)) if isinstance(value, list) else value


def _cost(facts: Facts) -> Cost:
    weights = sum(parameter.numel() * parameter.dtype.itemsize for parameter in facts.layer.parameters())
    specs = [value.spec for value in facts.call.outputs]
    is_for_all = not facts.input.shape[:1] == facts.output.shape[:1] != ()
    if is_for_all and not isinstance(facts.layer, OF_POSITIONS):  # one output for all samples
        work, sizes = facts.trace.work(facts.call), tuple(each.size * each.dtype.itemsize for each in specs)
        return Cost(facts.parameters, work, weights, sizes, None)
    samples = samples_in(facts.layer, facts.input.shape)
    sizes = tuple(each.size // samples * each.dtype.itemsize for each in specs)
    return Cost(facts.parameters, facts.multiply_adds, weights, sizes, samples)
