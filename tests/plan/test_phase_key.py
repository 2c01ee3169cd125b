"""The order of phases: parameters, samples forward, sums joined, samples backward."""

from __future__ import annotations

from itertools import pairwise

from knoll.plan.phase_key import PREPARE, PhaseKey, Section

FORWARD, BACKWARD = PhaseKey(Section.FORWARD), PhaseKey(Section.BACKWARD)


def test_phases_run_in_order() -> None:
    order = [PREPARE, FORWARD, FORWARD.combining, PhaseKey(Section.FORWARD, 1), BACKWARD, BACKWARD.combining]
    assert sorted([*order[3:], *order[:3]]) == order
    assert all(one < other for one, other in pairwise(order))


def test_threads_take_samples_only_between_joins() -> None:
    assert [key.by_samples for key in (PREPARE, FORWARD, FORWARD.combining, BACKWARD)] == [False, True, False, True]
    assert FORWARD.combining.combining == FORWARD.combining


def test_names() -> None:
    keys = PREPARE, FORWARD, PhaseKey(Section.BACKWARD, 2).combining, BACKWARD.preceding
    assert list(map(repr, keys)) == ["prepare", "forward", "backward 2 combine", "backward pack"]


def test_what_precedes_a_level_comes_after_the_one_before() -> None:
    second = PhaseKey(Section.FORWARD, 1)
    assert sorted([FORWARD, second, FORWARD.preceding, second.preceding]) == [
        FORWARD.preceding, FORWARD, second.preceding, second,
    ]  # fmt: skip
    assert sorted([BACKWARD.preceding, FORWARD.preceding, FORWARD, PREPARE]) == [
        PREPARE, FORWARD.preceding, FORWARD, BACKWARD.preceding,
    ]  # fmt: skip
