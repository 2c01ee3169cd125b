"""Questions about the arguments of optimisers and schedules, with answers that are computed by running them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from knoll.document import Line
from knoll.explain.numbers import short
from knoll.explain.questions import Question, asked
from knoll.explain.training.common import SHOWN
from knoll.explain.training.examples import TrainingExample, examples
from knoll.explain.training.programs import PRINTED, sample
from knoll.explain.training.recipe import Kind
from knoll.explain.training.setup import Setup
from knoll.messages import sentence

Numbers = tuple[str, ...]
CHANGES = ("explain_training.change_steps", "explain.change_parameters", "explain.change_nothing")


def question_of(example: TrainingExample) -> Question:
    r"""The question about one value of one argument.

    >>> from knoll.optim.lr_scheduler import StepLR
    >>> question = question_of(TrainingExample(StepLR, "step_size", 3))
    >>> print(*question.words.text("en").split(": "), question.choices, question.right, sep="\n")
    With `StepLR(step_size=3, gamma=0.5)` and `SGD(lr=0.1)`
    what is the learning rate after 2 calls of `scheduler.step()`?
    ('0.1', '0.05', '0.025')
    0.1
    """
    own, others = example.setup, [each.setup for each in example.others]
    for name, read in (("ask_rate", rates), ("ask_momentum", momentums)) if own.is_schedule else (("ask_p", steps),):
        right, wrong = read(own), [read(each) for each in others]
        place = _most_different(right, wrong)
        if place is not None:
            return _numbers(example, name, place, right, wrong)
    return _change(example)


def questions(kind: Kind | None = None) -> Iterator[tuple[TrainingExample, Question]]:
    """A question about every value of every argument of one optimiser or schedule, or of all."""
    for example in examples(kind):
        yield example, question_of(example)


def steps(setup: Setup) -> Numbers:
    """One parameter after each of a few steps."""
    return tuple(map(short, setup.series(SHOWN)))


def rates(setup: Setup) -> Numbers:
    """The rates of a few epochs."""
    return tuple(map(short, setup.series(PRINTED)))


def momentums(setup: Setup) -> Numbers:
    """The momentum in a few epochs."""
    return tuple(short(each.momentum or 0.0) for each in setup.moments(PRINTED))


def _most_different(right: Numbers, wrong: Sequence[Numbers]) -> int | None:
    """The first place in which the right numbers and most of the others differ; None where all are alike."""
    places = range(min(map(len, (right, *wrong))))
    counts = [len({right[n], *(each[n] for each in wrong)}) for n in places]
    best = max(counts, default=1)
    return counts.index(best) if best > 1 else None


def _numbers(example: TrainingExample, name: str, place: int, right: Numbers, wrong: Sequence[Numbers]) -> Question:
    setup = example.setup
    values: dict[str, str | int] = {"written": setup.recipe.written, "count": place + (not setup.is_schedule)}
    if setup.is_schedule:
        values["optimizer"] = setup.optimizer.written
    words = sentence(f"explain_training.{name}", **values)
    why = _why(example, name, place)
    return asked("numbers", words, _program(setup), right[place], [each[place] for each in wrong], why)


def _why(example: TrainingExample, name: str, place: int) -> Sequence[Line]:
    """The calculation, where there is one from the beginning."""
    setup = example.setup
    is_begun = example.name == "last_epoch" and example.value != -1
    lines = (
        example.card.worked(setup, place + (not setup.is_schedule)) if name != "ask_momentum" and not is_begun else ()
    )
    if name == "ask_momentum":
        return (sentence("explain.why_run", code='optimizer.param_groups[0]["momentum"]'),)
    return lines or (sentence("explain.why_run", code="scheduler.get_last_lr()[0]"),)


def _change(example: TrainingExample) -> Question:
    """What other values change, where no number shows it."""
    setup = example.setup
    words = sentence("explain.ask_change", layer=setup.recipe.written, name=example.name)
    choices = tuple(map(sentence, CHANGES))
    why = sentence("explain_training.why_steps", name=example.name) if example.others else sentence("explain.why_only")
    return Question("change", words, sample(setup, PRINTED), choices, len(CHANGES) - 1, (why,))


def _program(setup: Setup) -> Sequence[str]:
    return sample(setup, PRINTED).splitlines()
