"""What JSON can hold of frozen values."""

from __future__ import annotations

import enum
import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings

from document.samples import Square, documents
from knoll.document import Document, Paragraph, Plain, plain, to_json
from knoll.errors import ArgumentTypeError
from knoll.language import set_language
from knoll.messages import Sentence


class Mode(enum.Enum):
    ZEROS = "zeros"
    OTHER = 7


@dataclass(frozen=True)
class Parameter:
    name: str
    value: object
    _cached: object = None


@dataclass(frozen=True)
class Odd:
    type: str = "a"


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (np.float32(0.5), 0.5),
        (np.int64(3), 3),
        (np.bool_(True), True),
        (np.str_("a"), "a"),
        (np.dtype("float32"), "float32"),
        (np.arange(4, dtype=np.uint8).reshape(2, 2), [[0, 1], [2, 3]]),
        (np.array([np.nan, np.inf, -np.inf, 1]), ["nan", "inf", "-inf", 1.0]),
        (np.array(2.0), 2.0),
        (np.zeros((2, 0)), [[], []]),
        (float("-inf"), "-inf"),
        (np.float64("nan"), "nan"),
        ((1, (2.5, None)), [1, [2.5, None]]),
        ({"b": 1, "a": frozenset({2, 1})}, {"a": [1, 2], "b": 1}),
        ([Mode.ZEROS, Mode.OTHER], ["zeros", "OTHER"]),
        (Path("a") / "b", str(Path("a") / "b")),
        (Parameter("padding", (1, Mode.ZEROS), []), {"type": "Parameter", "name": "padding", "value": [1, "zeros"]}),
        (Square(), {"type": "Square", "svg": {each: Square().svg(language=each) for each in ("en", "zh")}}),
    ],
)
def test_plain(value: object, expected: Plain) -> None:
    assert plain(value) == expected
    assert json.loads(to_json(value)) == expected


def test_a_sentence_is_said_in_both_languages(phrase: Callable[..., Sentence]) -> None:
    found = plain(Paragraph((phrase("kernel", rows=3, pixels=1),)))
    said = {
        "id": "sample.kernel",
        "values": {"pixels": 1, "rows": 3},
        "en": "`kernel_size=3`: each output looks at 1 pixel.",
        "zh": "`kernel_size=3`：每个输出看 1 个像素。",
    }
    assert found == {"type": "Paragraph", "words": [said]}
    set_language("zh")
    assert plain(phrase("kernel", rows=3, pixels=1)) == said


@settings(deadline=None)
@given(documents)
def test_a_document_is_data(document: Document) -> None:
    text = to_json(document)
    assert json.loads(text)["type"] == "Document"
    assert text.encode().decode() == text == to_json(document)


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (object(), "A object is not plain data"),
        (Parameter("a", (1, {"b": [2j]})), r"where: Parameter\.value\[1\]\['b'\]\[0\]"),
        (Parameter, "A type is not plain data"),
        (b"a", "A bytes is not plain data"),
        (np.array([1j]), "A complex is not plain data"),
        ({1: 2}, "the key 1 is not text"),
        (Odd(), "Odd: a field named type"),
    ],
)
def test_what_is_no_data_is_told(value: object, words: str) -> None:
    with pytest.raises(ArgumentTypeError, match=words):
        plain(value)
