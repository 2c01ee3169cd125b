"""The words of a phase: one entry for each step, or for those that run by rows together."""

from __future__ import annotations

from dataclasses import replace

import pytest

from knoll.kernels.layout.fill import Fill
from knoll.kernels.layout.layout import Images
from knoll.plan.plan import Buffer, Kind, Phase, RowFusion, Step
from knoll.run.step_table import MOST_OVERLAP, step_table
from planned import MACHINE

KERNEL = Fill(MACHINE, "float32", Images(1, 4, 4), 0.0)
STEP = Step(KERNEL, (Buffer(5, Kind.SAVED, "float32", 16, "x"),))
BANDS = ((range(2), range(1)), (range(1, 3), range(1, 2)))
PHASE = Phase("forward", (STEP,) * 3, by_samples=True, fusions=(RowFusion(1, BANDS, overlap=MOST_OVERLAP),))
WORDS = [7, KERNEL.parts, 0, 1, 5, 1, 64]


@pytest.mark.parametrize("threads", [1, 3])
def test_one_thread_and_many_run_step_by_step(threads: int) -> None:
    table = step_table(PHASE, lambda _: 7, threads)
    assert (table.words.tolist(), table.entries) == (WORDS * 3, 3)


def test_a_fusion_has_the_parts_of_each_band_before_its_steps() -> None:
    table = step_table(PHASE, lambda _: 7, threads=2)
    parts = [0, 2, 0, 1, 1, 3, 1, 2]
    assert table.entries == 2
    assert table.words.tolist() == [*WORDS, 0, 2, 2, 8, *parts, *WORDS, *WORDS, 0, 0]


def test_the_steps_behind_a_fusion_begin_at_their_own_words() -> None:
    first = replace(PHASE, fusions=(RowFusion(0, BANDS, overlap=0.0),))
    table = step_table(first, lambda _: 7, threads=2)
    assert table.entries == 2
    assert table.words.tolist()[4 + 3 * table.words[3] :] == WORDS
