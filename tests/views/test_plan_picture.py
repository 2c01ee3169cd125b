"""Steps on a time line and below a roofline, from times that are given."""

from __future__ import annotations

import re

import pytest

from knoll.errors import UnsupportedError
from knoll.messages import LANGUAGES, Language, speaking
from knoll.run.measure import StepTime
from knoll.views import roofline_picture, time_line
from knoll.views.measurements import Measurements

STEPS = (
    StepTime("prepare", "pack", 5.0, 0, 100, False),
    StepTime("forward", "conv", 6.0, 600_000_000, 3_000_000, True),
    StepTime("forward", "a", 0.01, 0, 100, True),
    StepTime("forward", "b", 0.02, 0, 100, True),
    StepTime("forward", "linear", 2.0, 20_000_000, 4_000_000, True),
)
FOUND = Measurements(64, 100.0, 10.0, STEPS)


def words(svg: str) -> list[str]:
    return [re.sub(r"<[^>]*>", "", text) for text in re.findall(r"<text.*?</text>", svg)]


def test_each_thread_takes_its_share() -> None:
    found = words(time_line(FOUND, 2, title="Net").svg(language="en"))
    assert found.count("conv") == 2
    assert "2 short steps" in " ".join(found)
    assert "4 ms" in found
    assert "5 ms" not in found
    assert "pack" not in found


def test_only_steps_that_compute_stand_below_the_roof() -> None:
    found = words(roofline_picture(FOUND).svg(language="en"))
    assert "1: conv, 6 ms, 100 GFLOP/s" in found
    assert "2: linear, 2 ms, 10 GFLOP/s" in found
    assert not [text for text in found if "pack" in text]
    assert STEPS[1].intensity == 200


def test_what_numpy_runs_has_no_picture() -> None:
    nothing = Measurements(64, 0.0, 0.0, ())
    for picture in (lambda: time_line(nothing, 1), lambda: roofline_picture(nothing)):
        with pytest.raises(UnsupportedError, match="NumPy"):
            picture()


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("room", [340.0, 600.0])
def test_pictures_keep_to_their_room_and_tell_the_same(room: float, language: Language) -> None:
    with speaking(language):
        for narrow, wide in (
            (time_line(FOUND, 2, room=room), time_line(FOUND, 2)),
            (roofline_picture(FOUND, room=room), roofline_picture(FOUND)),
        ):
            assert narrow.width <= room
            told = "".join(words(narrow.svg(language=language))).replace(" ", "")
            assert all(sentence.replace(" ", "") in told for sentence in words(wide.svg(language=language))[-2:])
