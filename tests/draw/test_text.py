"""Numbers are short and true; words are broken where a reader expects it."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from knoll.draw.numerals import numeral
from knoll.draw.text import lines, said, width
from knoll.messages import Language, sentence


def read(text: str) -> float:
    return float(text.replace("−", "-").replace("∞", "inf"))


@settings(deadline=None)
@given(st.floats(-1e300, 1e300) | st.floats(-1e5, 1e5))
def test_a_float_is_written_short_and_true(number: float) -> None:
    text = numeral(number)
    assert len(text) <= 9
    assert read(text) == pytest.approx(number, rel=0.05, abs=0)


@settings(deadline=None)
@given(st.integers())
def test_an_integer_is_written_as_one(number: int) -> None:
    text = numeral(number)
    assert len(text) <= 10
    assert read(text) == number if abs(number) < 1_000_000 else read(text) == pytest.approx(number, rel=0.05)


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (np.float32(0.1), "0.1"),
        (np.uint8(255), "255"),
        (True, "1"),
        (np.bool_(False), "0"),
        (-0.0, "0"),
        (2.0, "2"),
        (1234.5, "1234.5"),
        (-12345.678, "−12346"),
        (-999999.4, "−999999"),
        (999999.6, "1e+06"),
        (-1234567.8, "−1.2e+06"),
        (10**400, "1e+400"),
        (np.float16("nan"), "NaN"),
    ],
)
def test_numbers_that_are_easily_written_wrong(number: float, text: str) -> None:
    assert numeral(number) == text


@settings(deadline=None)
@given(st.text(), st.floats(20, 400))
def test_lines_fit_and_lose_nothing_but_spaces(text: str, room: float) -> None:
    found = lines(text, 14, room)
    assert "".join("".join(found).split()) == "".join(text.split())
    assert all(width(line, 14) <= room for line in found if len(line) > 1 and " " in line.strip())


def test_chinese_marks_do_not_begin_a_line() -> None:
    found = lines("窗口在图像上滑动，每个输出是窗口内乘积之和。（再加偏置）", 10, 60)
    assert len(found) > 4
    assert not [line for line in found if line[0] in "，。）"]
    assert not [line for line in found if line[-1] in "（"]


@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_sentence_is_said_in_a_language_without_the_marks_of_code(language: Language) -> None:
    mean = sentence("draw.mean", mean="`x`")
    assert said(mean, language) == {"en": "mean `x`", "zh": "均值 `x`"}[language]
    assert width(mean, 10) == max(width("mean `x`", 10), width("均值 `x`", 10))
