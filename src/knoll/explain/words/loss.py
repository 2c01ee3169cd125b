"""Words that losses have in common."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping

import numpy as np

from knoll.analysis import variant
from knoll.analysis.made_up import numbers_for
from knoll.explain.card import Argument, Card, Said, said
from knoll.explain.facts import Facts
from knoll.explain.numbers import check_few, inputs_of, results, short
from knoll.explain.parts import NumberTable, Option
from knoll.explain.words.common import reference
from knoll.graph import Array
from knoll.messages import Sentence, sentence
from knoll.nn import Module
from knoll.nn.inspection import Input
from knoll.tensor import Tensor

REDUCTIONS = ("mean", "sum", "none")
LISTED = 8  # losses that are written one by one


def reduced(facts: Facts, reduction: str) -> Array:
    """The loss of the inputs with another reduction."""
    return results(variant(facts.layer, reduction=reduction), *inputs_of(facts))


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
    """The inputs, and their losses, one by one and reduced."""

    def table(facts: Facts) -> tuple[NumberTable, ...]:
        found = {name: reduced(facts, name) for name in reversed(reductions)}
        rows = tuple((f"reduction='{name}'", _written(result)) for name, result in found.items())
        header = ("", sentence("explain_layers.result"))
        return inputs_table(facts), NumberTable(_title([*found.values()]), header, rows)

    return table


def _title(found: list[Array]) -> Sentence:
    """What stands above the reductions: of a single loss, which all of them leave as it is, what tells them apart."""
    loss, *same = map(_written, found)
    if {each.size for each in found} != {1} or {*same} != {loss}:
        return sentence("explain_layers.table_reduction")
    return sentence("explain_layers.table_reduction_one", loss=loss, twice=short(2 * float(found[0].item())))


def inputs_table(facts: Facts) -> NumberTable:
    """The numbers of each input."""
    names = inspect.signature(facts.layer.forward).parameters
    rows = tuple((name, _rows(each.detach().numpy())) for name, each in zip(names, inputs_of(facts), strict=False))
    header = (sentence("explain_layers.input_value"), sentence("explain_layers.its_numbers"))
    return NumberTable(sentence("explain_layers.table_inputs"), header, rows)


def _rows(array: Array) -> str:
    """The first numbers of an array; of one with several axes row by row."""
    rows = array.reshape(-1, array.shape[-1]) if array.ndim > 1 and array.size else array[None]
    if len(rows) == 1:
        return _written(array)
    count = max(LISTED // rows.shape[1], 2)
    shown = [f"[{_written(row)}]" for row in rows[:count]]
    return ", ".join([*shown, "…"] if len(rows) > count else shown)


def _written(array: Array) -> str:
    numbers = [short(each) for each in array.ravel()[:LISTED]]
    return ", ".join([*numbers, "…"] if array.size > LISTED else numbers)


def _completed(layer: Module, inputs: tuple[Input, ...]) -> tuple[Input, ...]:
    """Numbers for shapes, and a target where there is none; two sizes are samples and their scores, not one image."""
    first, *others = inputs
    if others or not isinstance(first, tuple | list | np.ndarray | Tensor):
        return inputs
    check_few(first if isinstance(first, tuple | list) else tuple(first.shape))
    if isinstance(first, tuple | list) and len(first) == 2:
        return tuple(numbers_for(layer, [first[1:]], samples=first[0]))
    return tuple(numbers_for(layer, [first], samples=1))


def loss(
    kind: str,
    introduction: Callable[[Facts], tuple[Sentence, ...]],
    inputs: tuple[Array, ...],
    arguments: Mapping[str, Argument] | None = None,
    *,
    remarks: Callable[[Facts], tuple[Sentence, ...]] = lambda _: (),
    reductions: tuple[str, ...] = REDUCTIONS,
    reduced_by: Callable[[Facts], Said] = reduction,
    example: Mapping[str, Option] | None = None,
    inputs_of: Callable[[Module], tuple[Array, ...]] | None = None,
) -> Card:
    """The card of a loss. Of shapes alone it makes up numbers, and targets that suit them.

    `inputs_of` are the inputs that a layer is shown with where they depend on its arguments.
    """
    return Card(
        introduction=introduction,
        arguments={**(arguments or {}), "reduction": Argument(reduced_by, reductions)},
        example=example or {},
        inputs=inputs_of or (lambda _: inputs),
        source=reference(kind),
        shown=lambda shape: shape,
        remarks=remarks,
        tables=tables(reductions),
        completed=_completed,
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
