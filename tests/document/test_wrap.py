"""Where lines end."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from document.samples import texts
from knoll.document.inline import letters
from knoll.document.wrap import line_starts


def wrapped(text: str, width: int) -> list[str]:
    places = [0, *line_starts(text, width, width), len(text)]
    return [text[begin:end].rstrip() for begin, end in pairwise(places)]


@pytest.mark.parametrize(
    ("text", "width", "expected"),
    [
        ("the window walks over", 10, ["the window", "walks over"]),
        ("窗口在图像上滑动。", 16, ["窗口在图像上滑", "动。"]),
        ("窗口（window）在", 6, ["窗口", "（wind", "ow）在"]),
        ("步长 stride=2，填充", 10, ["步长", "stride=2，", "填充"]),
        ("步长“二”", 6, ["步长", "“二”"]),
        ("abcdefghij", 4, ["abcd", "efgh", "ij"]),
        ("e\u0301e\u0301e\u0301", 2, ["e\u0301e\u0301", "e\u0301"]),
        ("at https://a.org/b.html,", 6, ["at", "https://a.org/b.html,"]),
        ("", 4, [""]),
    ],
)
def test_lines_end_where_a_reader_expects(text: str, width: int, expected: list[str]) -> None:
    assert wrapped(text, width) == expected


@given(texts, st.integers(2, 30))
def test_lines_are_no_wider_than_there_is_room_and_nothing_is_lost(text: str, width: int) -> None:
    text = letters(text, "en")
    lines = wrapped(text, width)
    assert all(cell_len(line) <= width for line in lines)
    assert "".join(lines).replace(" ", "") == text.replace(" ", "")
