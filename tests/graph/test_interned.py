"""Hash consing: what is made of the same is the same object, and nothing else is."""

from __future__ import annotations

import threading

import numpy as np
import pytest

from knoll.graph import Value
from knoll.graph.interned import Interned
from knoll.ops.activation.piecewise import threshold
from knoll.ops.elementwise.arithmetic import add
from knoll.ops.shapes.reshape import reshape

X = np.zeros((2, 3), np.float32)


def test_a_leaf_is_told_by_its_number_shape_and_element_type() -> None:
    known = Interned[None]()
    leaf = known.leaf(0, X)
    assert known.leaf(0, X + 1) is leaf
    others = known.leaf(1, X), known.leaf(0, X.T), known.leaf(0, X.astype(np.float64))
    assert len({leaf, *others}) == 4


def test_a_node_is_told_by_operation_operands_order_and_attributes() -> None:
    known = Interned[None]()
    a, b = known.leaf(0, X), known.leaf(1, X)
    assert known.node(add, (a, b), {}) is known.node(add, (a, b), {})
    assert known.node(add, (a, b), {}) is not known.node(add, (b, a), {})
    assert known.node(add, (a, b), {}) is not known.node(add, (a, b), {}, repeat=1)
    assert known.node(reshape, (a,), {"shape": (6,)}) is not known.node(reshape, (a,), {"shape": (3, 2)})


@pytest.mark.parametrize(("one", "other"), [(0.0, -0.0), (0, False), (0.0, 0)])
def test_zeros_that_are_equal_and_not_the_same_are_told_apart(one: float, other: float) -> None:
    known = Interned[None]()
    nodes = [known.node(threshold, (known.leaf(0, X),), {"threshold": 1.0, "value": value}) for value in (one, other)]
    assert nodes[0] is not nodes[1]
    assert [str(node.attributes["value"]) for node in nodes] == [str(one), str(other)]


def test_threads_find_the_same_nodes() -> None:
    known = Interned[None]()
    found: list[list[Value]] = []

    def chain() -> None:
        values = [known.leaf(0, X)]
        for _ in range(200):
            values.append(known.node(add, (values[-1], values[0]), {}).outputs[0])
        found.append(values)

    threads = [threading.Thread(target=chain) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert all(values == found[0] for values in found)
