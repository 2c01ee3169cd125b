"""Frames that are merged show, each, the same elements in the same order as before."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from knoll.draw.merge import merged

FRAMES = st.lists(st.lists(st.sampled_from("abcdef"), max_size=8), min_size=1, max_size=6)


@settings(deadline=None)
@given(FRAMES)
def test_each_frame_is_what_it_was(frames: list[list[str]]) -> None:
    shared = merged(frames)
    for number, texts in enumerate(frames):
        assert [text for group in shared if number in group.frames for text in group.texts] == texts


@settings(deadline=None)
@given(FRAMES)
def test_intervals_are_the_frames(frames: list[list[str]]) -> None:
    for group in merged(frames):
        assert tuple(i for first, after in group.intervals for i in range(first, after)) == group.frames


def test_what_frames_share_is_written_once() -> None:
    frames = [["paper", *"abcdefgh", f"window {i}"] for i in range(20)]
    assert [len(group.texts) for group in merged(frames)] == [9, *[1] * 20]


def test_what_moves_to_the_top_leaves_the_rest_in_place() -> None:
    shared = merged([list("abcd"), list("bcda"), list("abcd")])
    assert sum(len(group.texts) for group in shared) == 5
