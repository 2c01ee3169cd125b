"""What becomes of the first position of a sequence in a transformer, step by step."""

from __future__ import annotations

from collections.abc import Sequence

from knoll.analysis.run import Run
from knoll.analysis.trace import random_numbers_kept
from knoll.analysis.transformer_steps import steps_of
from knoll.explain.numbers import short
from knoll.explain.parts import NumberTable
from knoll.messages import sentence
from knoll.nn import Module
from knoll.nn.inspection import Input

SHOWN = 6  # numbers of a position


def step_table(layer: Module, inputs: Sequence[Input]) -> tuple[NumberTable, ...]:
    """The numbers of the first position of the first sample after each step; nothing for what is no transformer."""
    with random_numbers_kept():
        run = Run(layer, *inputs, training=False)
        rows = []
        for formula, value in steps_of(run.trace.calls[0], run.trace):
            array = run.array(value)
            first = array.reshape(-1, array.shape[-1])[0]
            texts = [*map(short, first[:SHOWN]), *(["…"] if len(first) > SHOWN else [])]
            rows.append((formula, len(first), ", ".join(texts)))
    if not rows:
        return ()
    header = ("step", "how_many", "first_position")
    named = tuple(sentence(f"explain_transformer.{name}") for name in header)
    return (NumberTable(sentence("explain_transformer.steps"), named, tuple(rows)),)
