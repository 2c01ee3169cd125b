"""Sparse tables: entries, transposes, equality and how they print."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from knoll.ops.resample.tables import Table

places = st.lists(st.lists(st.integers(0, 6), max_size=3, unique=True).map(tuple), min_size=1, max_size=8)


@given(places)
def test_a_transposed_table_has_the_entries_turned_round(lists: list[tuple[int, ...]]) -> None:
    table = Table.of_places(7, lists)
    back = table.transposed()
    original = {(result, place) for result in range(table.results) for place in table.of(result)}
    assert {(result, place) for place in range(7) for result in back.of(place)} == original
    assert back.taps == table.taps == len(original)


@given(places)
def test_tables_with_equal_entries_are_equal(lists: list[tuple[int, ...]]) -> None:
    one, two = Table.of_places(7, lists), Table.of_places(7, lists)
    assert one == two
    assert hash(one) == hash(two)
    assert one != Table.of_places(8, lists)
    assert one != Table.of_places(7, lists, [2.0] * len(lists))


def test_neighbours_need_no_list() -> None:
    table = Table.neighbours(5, np.array([0, 2, 4]), np.array([2, 2, 5]))
    assert [table.of(result) for result in range(3)] == [(0, 1), (), (4,)]
    assert table.places.tolist() == [0, 1, 4]
    assert (table.most, table.taps, table.divisor, table.weighs) == (2, 3, 1.0, False)


def test_divisors_that_differ_become_weights_of_the_transpose() -> None:
    back = Table.of_places(2, [(0,), (0, 1)], [1.0, 2.0]).transposed()
    assert back.weights is not None
    assert back.weights.tolist() == [1.0, 0.5, 0.5]


def test_long_tables_print_a_digest() -> None:
    short, long = (Table.of_places(size, [(i,) for i in range(size)]) for size in (3, 100))
    assert repr(short) == "Table(size=3, places=((0,), (1,), (2,)), divisors=(1.0, 1.0, 1.0))"
    assert repr(long).startswith("Table(size=100, results=100, digest=")
