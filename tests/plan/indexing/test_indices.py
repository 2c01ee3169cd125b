"""Indices are those that a caller gives, in any shape."""

from __future__ import annotations

from knoll.ops.elementwise.arithmetic import add
from knoll.ops.loss.multi_margin import labels_in_range
from knoll.ops.shapes.reshape import reshape
from knoll.plan.indexing.indices import are_given, viewed
from planned import value


def test_views_of_given_indices_are_given() -> None:
    index = value(6, dtype="int64")
    view = reshape(labels_in_range(reshape(index, shape=(6, 1)), classes=3), shape=(2, 3))
    assert viewed(view) is index
    assert are_given(view)
    assert are_given(value(6, dtype="int32"))


def test_computed_indices_and_numbers_are_not() -> None:
    index = value(6, dtype="int64")
    assert not are_given(reshape(add(index, index), shape=(2, 3)))
    assert not are_given(value(6))
    assert not are_given(value(6, dtype="uint8"))
