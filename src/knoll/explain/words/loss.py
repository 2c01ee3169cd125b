"""Words that losses have in common."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np

from knoll.analysis import variant
from knoll.analysis.inputs import zeros_alike
from knoll.explain.card import Argument, Card, Said, said
from knoll.explain.facts import Facts
from knoll.explain.numbers import given, results, short
from knoll.explain.parts import NumberTable, Option
from knoll.explain.words.common import reference
from knoll.graph import Array, Shape
from knoll.messages import Sentence, sentence
from knoll.nn import Module
from knoll.nn.inspection import Input
from knoll.tensor import Tensor

REDUCTIONS = ("mean", "sum", "none")
LISTED = 8  # losses that are written one by one


def reduced(facts: Facts, reduction: str) -> Array:
    """The loss of the inputs with another reduction."""
    return results(variant(facts.layer, reduction=reduction), *given(facts))


def reduction(facts: Facts) -> Said:
    """What becomes of the losses."""
    name = facts.arguments["reduction"]
    if name == "none":
        return said(sentence("explain_layers.reduction_none", count=facts.output.size))
    value = float(reduced(facts, name))
    if name == "sum":
        return said(sentence("explain_layers.reduction_sum", sum=value))
    if name == "batchmean":
        return said(sentence("explain_layers.reduction_batchmean", mean=value, samples=facts.input.shape[0]))
    return said(sentence("explain_layers.reduction_mean", mean=value))


def tables(reductions: tuple[str, ...]) -> Callable[[Facts], tuple[NumberTable, ...]]:
    """The losses of the inputs, one by one and reduced."""

    def table(facts: Facts) -> tuple[NumberTable, ...]:
        rows = tuple((f"reduction='{name}'", _written(reduced(facts, name))) for name in reversed(reductions))
        header = ("", sentence("explain_layers.result"))
        return (NumberTable(sentence("explain_layers.table_reduction"), header, rows),)

    return table


def _written(array: Array) -> str:
    numbers = [short(each) for each in array.ravel()[:LISTED]]
    return ", ".join([*numbers, "…"] if array.size > LISTED else numbers)


def loss(
    kind: str,
    introduction: Callable[[Facts], tuple[Sentence, ...]],
    inputs: tuple[Array, ...],
    arguments: Mapping[str, Argument] | None = None,
    *,
    further: Callable[[Module, Shape], tuple[Input, ...]] | None = None,
    remarks: Callable[[Facts], tuple[Sentence, ...]] = lambda _: (),
    reductions: tuple[str, ...] = REDUCTIONS,
    reduced_by: Callable[[Facts], Said] = reduction,
    example: Mapping[str, Option] | None = None,
    inputs_of: Callable[[Module], tuple[Array, ...]] | None = None,
) -> Card:
    """The card of a loss; inputs after the first are ones of its shape unless `further` makes them.

    `inputs_of` are the inputs that a layer is shown with where they depend on its arguments.
    """
    rest = further or (lambda _, shape: tuple(np.ones(shape, np.float32) for _ in inputs[1:]))

    def completed(layer: Module, given: tuple[Input, ...]) -> tuple[Input, ...]:
        first = given[0]
        if len(given) > 1 or not isinstance(first, tuple | list | np.ndarray | Tensor):
            return given
        shape = tuple(first) if isinstance(first, tuple | list) else tuple(first.shape)
        if isinstance(first, tuple | list) and len(shape) == 2:  # samples and their scores, not one image
            first = zeros_alike(shape, np.dtype(np.float32))
        is_sample = isinstance(first, tuple | list) and len(shape) < 4
        return (first, *rest(layer, (1, *shape) if is_sample else shape))

    return Card(
        introduction=introduction,
        arguments={**(arguments or {}), "reduction": Argument(reduced_by, reductions)},
        example=example or {},
        inputs=inputs_of or (lambda _: inputs),
        source=reference(kind),
        shown=lambda shape: shape,
        remarks=remarks,
        tables=tables(reductions),
        completed=completed,
    )


def is_plain(facts: Facts) -> bool:
    """Whether no loss counts more than another."""
    return all(facts.arguments.get(name) is None for name in ("weight", "pos_weight"))


def plainly(*names: str) -> Callable[[Facts], tuple[Sentence, ...]]:
    """Sentences that need no numbers."""
    return lambda _: tuple(sentence(f"explain_layers.{name}") for name in names)


def weights(facts: Facts, name: str, with_weights: str, without: str) -> Said:
    """How much each class or element counts."""
    value = facts.arguments[name]
    if value is None:
        return said(sentence(f"explain_layers.{without}"))
    listed = _written(np.asarray(value.detach().numpy()))
    return said(sentence(f"explain_layers.{with_weights}", weights=listed))
