"""Nested values that are taken apart and put together again."""

from __future__ import annotations

import argparse
import json
import math
from collections import Counter, OrderedDict
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import knoll
from knoll.errors import ArgumentError, ArgumentTypeError, DataError
from knoll.interop.nested_values import put_together, take_apart

NUMBERS = st.integers() | st.floats(allow_nan=False) | st.booleans() | st.none() | st.text()
SMALL = st.integers(-(2**63), 2**64 - 1)
KEYS = SMALL | st.floats(allow_nan=False) | st.booleans() | st.none() | st.text() | st.tuples(SMALL, st.text())
VALUES = st.recursive(
    NUMBERS,
    lambda part: st.lists(part) | st.tuples(part, part) | st.dictionaries(KEYS, part),
    max_leaves=20,
)


def there_and_back(value: Any) -> Any:
    arrays, text = take_apart(value)
    json.loads(text, parse_constant=pytest.fail)  # the text is JSON to everybody, without NaN and Infinity
    return put_together(text, arrays)


@given(VALUES)
def test_what_is_taken_apart_comes_together(value: Any) -> None:
    back = there_and_back(value)
    assert back == value
    assert repr(back) == repr(value)  # types and order too


@pytest.mark.parametrize("key", [2**64, (1, -(2**70))])
def test_keys_beyond_64_bits_are_refused(key: Any) -> None:
    with pytest.raises(ArgumentTypeError, match="which a file of numbers cannot hold"):
        take_apart({"a": {key: 1}})


def test_tensors_are_named_by_their_places() -> None:
    value = {"a": [knoll.ones(1), knoll.zeros(2)], "a.0": np.float32(3) * np.ones(3, np.float32), 7: {"": np.ones(0)}}
    arrays, _ = take_apart(value)
    assert {name: array.shape for name, array in arrays.items()} == {"a.0": (1,), "a.1": (2,), "a.0'": (3,), "7.": (0,)}
    assert list(take_apart(np.ones(1))[0]) == ["tensor"]
    assert list(take_apart({"__metadata__": np.ones(1)})[0]) == ["__metadata__'"]
    back = there_and_back(value)
    assert (back["a"][1].tolist(), back["a.0"].tolist()) == ([0, 0], [3, 3, 3])


def test_what_python_has_several_kinds_of_becomes_the_plain_kind() -> None:
    value = {"count": Counter(a=2), "ordered": OrderedDict(b=1), "half": np.float16(0.5), "yes": np.bool_(True)}
    back = there_and_back(value)
    assert back == {"count": {"a": 2}, "ordered": {"b": 1}, "half": 0.5, "yes": True}
    assert [type(part) for part in back.values()] == [dict, dict, float, bool]
    assert math.isnan(there_and_back(float("nan")))


def test_tensors_that_are_learned_are_numbers_too() -> None:
    arrays, _ = take_apart({"w": knoll.nn.Parameter(knoll.ones(2))})
    assert arrays["w"].tolist() == [1, 1]


@pytest.mark.parametrize(
    ("value", "place"),
    [
        ({"args": argparse.Namespace(lr=0.1)}, r"\['args'\] is of the type Namespace"),
        ({"a": [1, {2}]}, r"\['a'\]\['1'\] is of the type set"),
        (Path("x"), " is of the type PosixPath"),
        ({"f": print}, r"\['f'\] is of the type builtin_function_or_method"),
        ({"z": 1j}, "complex"),
        ({"b": b"bytes"}, "bytes"),
        ({"keys": {knoll.ones(1): 2}}, r"\['keys'\] is of the type Tensor"),
        ({"d": np.datetime64("2026-01-01")}, "datetime64"),
    ],
)
def test_what_is_no_data_is_refused_by_its_place(value: Any, place: str) -> None:
    with pytest.raises(ArgumentTypeError, match=place):
        take_apart(value)


@pytest.mark.parametrize(("language", "words"), [("en", "a Namespace"), ("zh", "Namespace 用 vars")])
def test_what_to_save_instead_is_said(language: str, words: str) -> None:
    knoll.set_language(language)
    with pytest.raises(ArgumentTypeError, match=words):
        take_apart({"args": argparse.Namespace()})


def test_what_contains_itself_is_refused() -> None:
    value: list[Any] = []
    value.append(value)
    with pytest.raises(ArgumentError, match="contains itself"):
        take_apart(value)


@pytest.mark.parametrize(
    "text",
    [
        "", "{", "{}", '{"a": 1, "b": 2}', '{"run": "x"}', '{"tensor": "w"}', '{"tensor": ["w"]}', '{"tuple": 3}',
        '{"dict": [[1]]}', '{"dict": [[[1], 2]]}', '{"dict": 1}', '{"float": "x"}', '{"float": []}', "[" * 100_000,
    ],
)  # fmt: skip
def test_a_text_that_says_nothing_sensible(text: str) -> None:
    with pytest.raises(DataError, match="nothing sensible"):
        put_together(text, {})
