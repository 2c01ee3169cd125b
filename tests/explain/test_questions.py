"""Every value of every argument has a sample that runs, and a question whose answer is what the layer gives."""

from __future__ import annotations

import re

import numpy as np
import pytest

from knoll import nn
from knoll.draw.numerals import numeral
from knoll.explain.examples import Example
from knoll.explain.programs import made, outputs
from knoll.explain.questions import MOST, SHOWN, Question, question_of, questions
from knoll.explain.samples import samples
from knoll.explain.words import CARDS
from knoll.graph import Array
from knoll.graph.shapes import shape_text
from knoll.messages import LANGUAGES
from knoll.nn import Module
from knoll.run import program_cache
from knoll.run.lru import LRU
from knoll.run.reference import reference_program

pytestmark = [
    pytest.mark.filterwarnings("ignore:reduction. 'mean'"),  # PyTorch's, of every KLDivLoss
    pytest.mark.filterwarnings("ignore:enable_nested_tensor"),  # PyTorch's, of transformers with other arguments
]
kinds = pytest.mark.parametrize("kind", CARDS, ids=lambda kind: kind.__name__)


@pytest.fixture(autouse=True)
def by_meaning(monkeypatch: pytest.MonkeyPatch) -> None:
    """Programs are evaluated by the meaning of their operations: what machine code gives is tested elsewhere."""
    monkeypatch.setattr(program_cache, "_programs", LRU(most=1024))
    monkeypatch.setattr(program_cache, "_new", lambda graph, wrt, _: reference_program(graph, wrt))


@kinds
def test_samples_run_and_print_what_the_layer_gives(kind: type[Module]) -> None:
    for example, sample in samples(kind):
        result = outputs(example)[0]
        printed = sample.printed
        if result.size > 64:
            assert str(tuple(result.shape)) in printed.splitlines()[:2], sample.program  # behind that of the weight
        else:
            np.testing.assert_allclose(numbers_of(printed)[: result.size], result.ravel(), 1e-3, 1e-4)


def numbers_of(printed: str) -> Array:
    """The numbers of the first tensor that was printed."""
    first = printed.partition("tensor(")[2].partition("tensor(")[0].partition("dtype")[0].partition("grad_fn")[0]
    return np.array([float(each) for each in first.translate(str.maketrans("[](),", "     ")).split()])


@kinds
def test_answers_are_what_the_layer_gives(kind: type[Module]) -> None:
    for example, question in questions(kind):
        assert len(set(question.choices)) == len(question.choices) >= 2, example
        assert question.why
        assert is_right(example, question), example
        for language in LANGUAGES:
            assert question.words.text(language).endswith(("?", "？"))


def is_right(example: Example, question: Question) -> bool:
    """Whether the right answer is what the layer gives, and no other choice is."""
    result = outputs(example)[0]
    if question.kind == "change":
        return len(question.choices) == 6
    if question.kind == "size":
        truth = {shape_text(CARDS[example.kind].shown(result.shape))}
    elif question.kind == "parameters":
        truth = {f"{sum(parameter.numel() for parameter in made(example).parameters()):,}"}
    else:
        found = re.search(r"\[([0-9, ]+)\]`", str(question.words))
        index = tuple(map(int, found[1].split(","))) if found else ()
        row = np.atleast_1d(result[index])[:SHOWN]
        truth = {" ".join(map(numeral, row.tolist())) + (" …" if np.size(result[index]) > SHOWN else "")}
    return {str(each) for each in question.choices} & truth == {str(question.right)} and len(question.choices) <= MOST


def test_one_question_alone_is_the_same() -> None:
    kind = next(iter(CARDS))
    example, question = next(questions(kind))
    assert question_of(example) == question


def test_a_sample_that_prints_shapes_prints_that_of_the_weights_too() -> None:
    printed = [sample.printed for example, sample in samples(nn.Conv2d) if example.name == "groups"]
    assert printed == [f"(4, {own}, 3, 3)\n(1, 4, 7, 7)\n" for own in (4, 2, 1)]
    assert all("weight" not in sample.program.splitlines()[-1] for _, sample in samples(nn.MaxPool2d))
