"""Words about softmax along an axis."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np

from knoll import nn
from knoll.analysis.made_up import numbers_for
from knoll.explain.card import Argument, Card, Said, said
from knoll.explain.facts import Facts
from knoll.explain.numbers import check_few, inputs_of, results, short
from knoll.explain.parts import NumberTable
from knoll.explain.words.common import counted, reference
from knoll.graph import Array
from knoll.messages import Sentence, sentence
from knoll.nn import Module
from knoll.nn.inspection import Input
from knoll.tensor import Tensor

SCORES: Array = np.array([[2.0, 1.0, 0.0]], np.float32)
SHOWN = 6  # numbers along the axis


def axis_of(facts: Facts) -> int:
    """The axis along which shares add up to 1; where none is named, the one that PyTorch guesses."""
    if isinstance(facts.layer, nn.Softmax2d):
        return -3
    dim: int | None = facts.arguments["dim"]
    return dim if dim is not None else int(facts.input.rank not in (0, 1, 3))


def dim(facts: Facts) -> Said:
    """Along which axis."""
    if facts.arguments["dim"] is None:
        words = sentence("explain_layers.softmax_dim_none", axis=axis_of(facts))
        return said(words, trap=sentence("explain_layers.softmax_dim_none_trap"))
    axis = axis_of(facts)
    count = facts.input.shape[axis] if facts.input.rank else 1
    words = sentence("explain_layers.softmax_dim", dim=axis, counted=counted(axis), count=count)
    if facts.input.rank < 2 or axis % facts.input.rank:
        return said(words)
    trap = sentence("explain_layers.softmax_dim_zero")
    return (
        said(words, sentence("explain_layers.softmax_dim_classes"), trap=trap)
        if facts.input.rank == 2
        else said(words, trap=trap)
    )


def tables(facts: Facts) -> tuple[NumberTable, ...]:
    """What becomes of the numbers along the axis."""
    axis, numbers = axis_of(facts), inputs_of(facts)[0].detach().numpy()
    if not numbers.size or not numbers.ndim:
        return ()
    own = type(facts.layer)() if isinstance(facts.layer, nn.Softmax2d) else type(facts.layer)(dim=axis)
    before, after = (_first(array, axis) for array in (numbers, results(own, numbers)))
    rows = tuple((short(x), short(y)) for x, y in zip(before, after, strict=True))
    header = (sentence("explain_layers.input_value"), sentence("explain_layers.result"))
    return (NumberTable(sentence("explain_layers.table_softmax"), header, rows),)


def _first(array: Array, axis: int) -> Array:
    """The first numbers along an axis, at the first place of the others."""
    return np.moveaxis(array, axis, -1).reshape(-1, array.shape[axis])[0, :SHOWN]


def _completed(layer: Module, inputs: tuple[Input, ...]) -> tuple[Input, ...]:
    """Numbers for a shape; an array of one axis is one sample."""
    first, *others = inputs
    if isinstance(first, tuple | list):
        check_few(first)
        return (*numbers_for(layer, [first]), *others)
    is_sample = isinstance(first, np.ndarray | Tensor) and first.ndim == (3 if isinstance(layer, nn.Softmax2d) else 1)
    return (first[None] if is_sample else first, *others)


def _card(kind: str, name: str, remarks: tuple[str, ...] = ()) -> Card:
    return Card(
        introduction=_words(name),
        arguments={"dim": Argument(dim, (1, 0, -1))},
        example={"dim": 1},
        inputs=lambda _: (SCORES,),
        source=reference(kind),
        shown=lambda shape: shape,
        completed=_completed,
        remarks=lambda _: tuple(map(sentence, remarks)),
        tables=tables,
    )


def _words(name: str) -> Callable[[Facts], tuple[Sentence, ...]]:
    return lambda _: (sentence(f"explain_layers.{name}"),)


SHARES: Mapping[type[Module], Card] = {
    nn.Softmax: _card("Softmax", "softmax", ("explain_layers.softmax_in_loss",)),
    nn.Softmin: _card("Softmin", "softmin"),
    nn.LogSoftmax: _card("LogSoftmax", "log_softmax", ("explain_layers.log_softmax_in_loss",)),
    nn.Softmax2d: Card(
        introduction=lambda facts: (sentence("explain_layers.softmax2d", c=facts.input.shape[-3]),),
        arguments={},
        example={},
        inputs=lambda _: (SCORES[..., None, None] * np.ones((2, 2), np.float32),),
        source=reference("Softmax2d"),
        completed=_completed,
        tables=tables,
    ),
}
