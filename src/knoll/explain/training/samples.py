"""Samples: a program of a few lines for every value of every argument of an optimiser or a schedule."""

from __future__ import annotations

from collections.abc import Iterator

from knoll.explain.samples import Sample
from knoll.explain.training.examples import TrainingExample, examples
from knoll.explain.training.programs import PRINTED, sample
from knoll.explain.training.recipe import Kind


def sample_of(example: TrainingExample) -> Sample:
    r"""The sample for one value of one argument.

    >>> from knoll.optim.lr_scheduler import StepLR
    >>> sample_of(TrainingExample(StepLR, "step_size", 3)).printed
    '0.1\n0.1\n0.1\n0.05\n0.05\n0.05\n0.025\n0.025\n'
    """
    return Sample(sample(example.setup, PRINTED))


def samples(kind: Kind | None = None) -> Iterator[tuple[TrainingExample, Sample]]:
    """A sample for every value of every argument of one optimiser or schedule, or of all."""
    for example in examples(kind):
        yield example, sample_of(example)
