"""Questions about the arguments of layers, with answers that are computed.

What is asked follows from what the values of an argument change: the size of the output, else how many numbers are
learned, else the numbers of the output; where they change none of these, what they change at all. The right answer
comes from running the layer, the wrong ones from running it with the other values.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from knoll.analysis import Cells
from knoll.document import Line
from knoll.draw.numerals import numeral
from knoll.explain.builder import explain
from knoll.explain.captions import caption
from knoll.explain.examples import Example
from knoll.explain.explanation import Explanation
from knoll.explain.programs import arrays, call_of, constructed, made, outputs, program
from knoll.explain.words import CARDS
from knoll.explain.worked import RULES
from knoll.graph import Array, Shape
from knoll.graph.shapes import shape_text
from knoll.messages import Sentence, sentence
from knoll.nn import Module

Kind = Literal["size", "parameters", "numbers", "change"]
MOST = 4  # choices
SHOWN = 8  # numbers of a row


@dataclass(frozen=True, slots=True)
class Question:
    """A question about one value of one argument.

    `answer` is the place of the right one among the `choices`; `why` are the lines that work it out; `program` makes
    what the text speaks of. Texts are in no language yet.
    """

    kind: Kind
    words: Sentence
    program: str
    choices: tuple[Sentence | str, ...]
    answer: int
    why: tuple[Line, ...]

    @property
    def right(self) -> Sentence | str:
        """The right answer."""
        return self.choices[self.answer]


@dataclass(frozen=True, eq=False)
class Outcome:
    """What a layer with one value is and gives."""

    size: Shape
    parameters: int
    bytes: int
    results: int
    result: Array
    in_training: Array


def outcome(example: Example) -> Outcome:
    """What the layer of an example is and gives."""
    layer = made(example)
    result = outputs(example)
    weights = list(layer.parameters())
    return Outcome(
        CARDS[example.kind].shown(tuple(result[0].shape)),
        sum(each.numel() for each in weights),
        sum(each.numel() * each.dtype.itemsize for each in weights),
        len(result),
        np.atleast_1d(result[0]),
        outputs(example, training=True)[0],
    )


def question_of(example: Example) -> Question:
    """The question about one value of one argument.

    >>> from knoll import nn
    >>> question = question_of(Example(nn.MaxPool2d, "stride", 3))
    >>> print(question.words.text("en"), *question.choices, question.right, sep="; ")
    How large is the output of `nn.MaxPool2d(2, stride=3)` for an input of 1×5×5?; 1×1×1; 1×2×2; 1×4×4; 1×2×2
    """
    values = CARDS[example.kind].arguments[example.name].values
    others = [Example(example.kind, example.name, value) for value in values if repr(value) != repr(example.value)]
    return _question(example, outcome(example), [outcome(each) for each in others])


def questions(kind: type[Module] | None = None) -> Iterator[tuple[Example, Question]]:
    """A question about every value of every argument of one kind of layer or of all."""
    for each in (kind,) if kind else CARDS:
        for name, argument in CARDS[each].arguments.items():
            own = [Example(each, name, value) for value in argument.values]
            every = [outcome(example) for example in own]
            for place, example in enumerate(own):
                yield example, _question(example, every[place], every[:place] + every[place + 1 :])


def _question(example: Example, own: Outcome, others: Sequence[Outcome]) -> Question:
    every = (own, *others)
    if len({each.size for each in every}) > 1:
        return _size(example, own, others)
    if len({each.parameters for each in every}) > 1:
        return _parameters(example, own, others)
    found = _differing(own, others)
    return _change(example, own, every) if found is None else _numbers(example, own, others, found)


def asked(
    kind: Kind, words: Sentence, code: Sequence[str], right: str, wrong: Sequence[str], why: Sequence[Line]
) -> Question:
    """A question with at most `MOST` choices, the shorter ones first."""
    kept = [each for each in dict.fromkeys(wrong) if each != right][: MOST - 1]
    choices = tuple(sorted((right, *kept), key=lambda text: (len(text), text)))
    return Question(kind, words, "\n".join((*code, "")), choices, choices.index(right), tuple(why))


def _size(example: Example, own: Outcome, others: Sequence[Outcome]) -> Question:
    found = explained(example)
    wrong = [shape_text(each.size) for each in others]
    wrong += [shape_text(effect.output) for note in found.parameters for effect in note.effects if effect.output]
    words = sentence("explain.ask_size", layer=constructed(example), inputs=", ".join(map(shape_text, found.inputs)))
    steps: tuple[Line, ...] = tuple(line for step in found.sizes for line in step.lines)
    why = steps or (sentence("explain.why_run", code=call_of(example)),)
    return asked("size", words, program(example), shape_text(own.size), wrong, why)


def explained(example: Example) -> Explanation:
    """The explanation of the layer of an example."""
    return explain(example.layer, *example.inputs)


def _parameters(example: Example, own: Outcome, others: Sequence[Outcome]) -> Question:
    weights = [(name, tuple(each.shape)) for name, each in made(example).named_parameters()]
    why = [f"{name}: {'·'.join(map(str, shape))} = {int(np.prod(shape)):,}" for name, shape in weights]
    if not weights:
        why = ["0"]
    elif len(weights) > 1:
        why.append(f"{' + '.join(f'{int(np.prod(shape)):,}' for _, shape in weights)} = {own.parameters:,}")
    wrong = [f"{each.parameters:,}" for each in others]
    effects = [effect for note in explained(example).parameters for effect in note.effects if effect.output]
    wrong += [f"{effect.parameters:,}" for effect in effects]
    words = sentence("explain.ask_parameters", layer=constructed(example))
    return asked("parameters", words, program(example), f"{own.parameters:,}", wrong, why)


def _differing(own: Outcome, others: Sequence[Outcome]) -> tuple[int, ...] | None:
    """The row of the output in which most values differ; None where all rows are written alike."""
    if len({each.results for each in (own, *others)}) > 1 or any(
        each.result.ndim != own.result.ndim for each in others
    ):
        return None
    rows = [np.moveaxis(each.result, -1, 0) for each in (own, *others)]
    best, most = None, 1
    for place in np.ndindex(*own.result.shape[:-1]):
        texts = len({_row(each[(slice(None), *place)]) for each in rows})
        if texts > most:
            best, most = place, texts
    return best


def _row(row: Array) -> str:
    texts = [numeral(each) for each in row[:SHOWN].tolist()]
    return " ".join((*texts, "…") if len(row) > SHOWN else texts)


def _numbers(example: Example, own: Outcome, others: Sequence[Outcome], place: tuple[int, ...]) -> Question:
    right, *wrong = (_row(each.result[place]) for each in (own, *others))
    first = f"{call_of(example)}[0]" if own.results > 1 else call_of(example)
    code = f"{first}[{', '.join(map(str, place))}]" if place else first
    words = sentence("explain.ask_numbers", layer=constructed(example), code=code)
    return asked("numbers", words, program(example), right, wrong, (_first_of_row(example, place, code),))


def _first_of_row(example: Example, place: tuple[int, ...], code: str) -> Sentence:
    """How the first number of a row comes about, where there are words for it."""
    layer = made(example)
    cells = Cells(layer, *arrays(example, layer), training=False)
    if not cells.output.spec.shape:
        return sentence("explain.why_run", code=code)
    cell = cells.cell((*place, 0))
    return caption(cell) if cell.rule in RULES else sentence("explain.why_run", code=code)


def _change(example: Example, own: Outcome, every: Sequence[Outcome]) -> Question:
    """What other values change that can be seen neither in a size, nor in a count, nor in a number of the output."""
    trained = len({each.in_training.tobytes() for each in every}) > 1
    lighter = len({each.bytes for each in every}) > 1
    more = len({each.results for each in every}) > 1
    names = ("change_size", "change_parameters", "change_results", "change_bytes", "change_training", "change_nothing")
    cases = (("change_results", more), ("change_bytes", lighter), ("change_training", trained))
    right = next((name for name, applies in cases if applies), "change_nothing")
    choices = tuple(sentence(f"explain.{name}") for name in names)
    words = sentence("explain.ask_change", layer=constructed(example), name=example.name)
    why = sentence("explain.why_change", name=example.name)
    if right == "change_bytes":
        why = sentence("explain.why_bytes", count=own.parameters, bytes=own.bytes)
    elif len(every) == 1:
        why = sentence("explain.why_only")
    return Question("change", words, "\n".join((*program(example), "")), choices, names.index(right), (why,))
