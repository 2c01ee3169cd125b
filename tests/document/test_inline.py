"""What is code and emphasis within a line, and what is not."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given

from document.samples import texts
from knoll.document import Code
from knoll.document.inline import Span, letters, spans, visible
from knoll.messages import Sentence

Phrase = Callable[..., Sentence]


def test_sentences_hold_code_and_emphasis(phrase: Phrase) -> None:
    found = spans(phrase("product", name="five"), "en")
    assert found == (
        Span("2*3 * 4 is "), Span("not", "emphasis"), Span(" "), Span("2*3", "code"), Span("five", "emphasis"),
    )  # fmt: skip
    assert letters(phrase("product", name="五"), "zh") == "2*3 * 4 不是 2*3五"


@pytest.mark.parametrize("name", ["a`b", "*a*", "\\", "a\\`", "``", "\\*", "a*b*c", "` *"])
def test_values_are_letters(phrase: Phrase, name: str) -> None:
    assert spans(phrase("named", name=name), "en") == (
        Span("the layer "), Span(name, "code"), Span(f", {name}"),
    )  # fmt: skip


@given(texts)
def test_strings_are_letters(text: str) -> None:
    found = letters(text, "en")
    assert found == visible(" ".join(text.split()))
    assert all(span.kind == "plain" for span in spans(text, "en"))
    assert {span.kind for span in spans(Code(text), "en")} <= {"code"}
    found.encode()


def test_between_parts_stands_a_space_but_not_beside_a_chinese_mark(phrase: Phrase) -> None:
    slides = phrase("slides")
    assert letters((slides, slides, "h"), "en") == "A window slides over the image. A window slides over the image. h"
    assert letters((slides, slides, "步长", "填充", "h"), "zh") == ("窗口在图像上滑动。窗口在图像上滑动。步长填充 h")
    assert letters(("", "a", "", Code("b"), ""), "en") == "a b"
    assert letters((Code("padding=0"), "（默认值）", "h"), "zh") == "padding=0（默认值）h"
