"""Embedding as an operation: rows, their gradient, numbers of no row, what a result depends on."""

from __future__ import annotations

import numpy as np
import pytest

from knoll.errors import DimensionError
from knoll.graph import Spec, Value, along
from knoll.ops.indexing.embedding import embedding, embedding_dw, embedding_renorm

TABLE = np.arange(12.0).reshape(4, 3)


def test_rows_are_those_that_are_named() -> None:
    (y,) = embedding.meaning(TABLE, np.array([[3, 0], [0, 1]]), padding=None, by_frequency=False)
    np.testing.assert_array_equal(y, TABLE[[[3, 0], [0, 1]]])
    assert embedding.results(Spec((4, 3), TABLE.dtype), Spec((2, 2), np.dtype(np.int64)), padding=None) == (
        Spec((2, 2, 3), TABLE.dtype),
    )


@pytest.mark.parametrize("wrong", [-1, 4])
def test_a_number_of_no_row_is_refused(wrong: int) -> None:
    with pytest.raises(DimensionError, match="index out of range in self") as caught:
        embedding.meaning(TABLE, np.array([0, wrong]), padding=None, by_frequency=False)
    assert caught.value.got == str(wrong)


def test_a_row_gathers_what_comes_back_to_it() -> None:
    dy, indices = np.ones((4, 3)), np.array([2, 0, 2, 2])
    rows = [
        embedding_dw.meaning(dy, indices, rows=4, padding=padding, by_frequency=frequency)[0][:, 0].tolist()
        for padding, frequency in ((None, False), (None, True), (0, False))
    ]
    assert rows == [[1, 0, 3, 0], [1, 0, 1, 0], [0, 0, 3, 0]]


def test_the_gradient_is_that_of_the_table_alone() -> None:
    table, indices = Value(Spec((4, 3), TABLE.dtype)), Value(Spec((2, 5), np.dtype(np.int64)))
    node = embedding.node(table, indices, padding=1, by_frequency=True)
    dw, nothing = embedding.gradient(node, node.outputs[0])
    assert dw is not None
    assert dw.spec == table.spec
    assert dw.node is not None
    assert dw.node.attributes == {"rows": 4, "padding": 1, "by_frequency": True}
    assert nothing is None
    assert node.reads() == (along(None, 2), along(0, 1))


def test_rows_that_are_picked_and_too_long_are_shortened() -> None:
    (shortened,) = embedding_renorm.meaning(TABLE, np.array([0, 3, 3]), most=3.0, p=1.0)
    np.testing.assert_allclose(np.abs(shortened).sum(axis=1), [3, 12, 21, 3], rtol=1e-6)
    with pytest.raises(DimensionError, match=r"select\(\): index 4 out of range for tensor of size \[4, 3\]"):
        embedding_renorm.meaning(TABLE, np.array([4]), most=3.0, p=1.0)
