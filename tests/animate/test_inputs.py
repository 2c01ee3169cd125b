"""The drawing of what a layer is given."""

from __future__ import annotations

import math

import numpy as np
import pytest
from tests.animate.reading import words

from knoll import nn
from knoll.analysis.made_up import numbers_for
from knoll.animate.given import fitting
from knoll.animate.inputs import LIMIT, inputs_picture
from knoll.animate.sheets import DRAWN
from knoll.draw import numeral
from knoll.explain.reading import read_layer
from knoll.graph import Array
from knoll.lab.families import families

ROOM = 330.0
TEXTS = [text for layers in families().values() for text in layers.values()]


@pytest.mark.parametrize("text", TEXTS)
def test_every_number_of_small_inputs_is_written_and_large_ones_say_what_is_left_out(text: str) -> None:
    layer = read_layer(text)
    arrays = numbers_for(layer, fitting(layer))
    scene = inputs_picture(layer, arrays, ROOM)
    found = words(scene, "en")
    is_attention = isinstance(layer, nn.MultiheadAttention)  # of a batch the first sample is drawn
    for array in (each if is_attention or each.ndim < 3 else each[:1] for each in arrays):
        if max(array.shape[-2:]) <= LIMIT and math.prod(array.shape[:-2]) <= DRAWN:
            assert all(found.count(numeral(value)) >= (array == value).sum() for value in np.unique(array))
        else:
            assert any(" of " in each for each in found)


def titles(layer: nn.Module, *arrays: Array, language: str = "en") -> list[str]:
    """The words that are no numbers."""
    return [each for each in words(inputs_picture(layer, arrays, ROOM), language) if each[:1].isalpha()]


def test_each_input_has_its_name_and_its_axes() -> None:
    row = np.zeros(4, np.float32)
    assert titles(nn.Linear(4, 2), row[None]) == ["input", "n", "c"]
    assert titles(nn.CosineSimilarity(), row[None], row[None] + 1) == ["x1", "n", "c", "x2", "n", "c"]
    assert titles(nn.GaussianNLLLoss(), row, row + 1, row + 2)[::2] == ["input", "target", "variance"]
    rows, classes = np.zeros((2, 3), np.float32), np.zeros(2, np.int64)
    assert titles(nn.CrossEntropyLoss(), rows, classes) == ["input", "n", "c", "target", "n"]
    assert titles(nn.CrossEntropyLoss(), rows, classes, language="zh") == ["输入", "n", "c", "目标", "n"]


def test_the_same_numbers_are_drawn_once() -> None:
    tokens = np.arange(6, dtype=np.float32).reshape(3, 1, 2)
    found = words(inputs_picture(nn.MultiheadAttention(2, 1), [tokens, tokens.copy(), tokens], ROOM), "en")
    assert "query, key, value" in found
    assert found.count("5") == 1


def test_it_takes_as_many_rows_as_its_room_asks_for() -> None:
    layer, rows = nn.CosineSimilarity(), np.zeros((2, 6), np.float32)
    wide, narrow = (inputs_picture(layer, [rows, rows + 1], room) for room in (1000.0, ROOM))
    assert wide.width > narrow.width
    assert wide.height < narrow.height
