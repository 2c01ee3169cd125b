"""Hash consing: values and nodes that are made once, and found again by what they are made of.

Two recordings that do the same in the same order are made of the same objects: leaf number k of a shape is always one
`Value`, and a node is found by its operation, its operands and its attributes, without working out a shape. What was
worked out of a recording's results, once, is therefore found by their identity.
Source: Filliâtre and Conchon, Type-safe modular hash-consing, 2006.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from typing import Generic, TypeVar

from knoll.graph.node import Node, Op, Value, key_of
from knoll.graph.spec import Array, DType, Shape, Spec

F = TypeVar("F")


class Interned(Generic[F]):
    """The values and nodes of many recordings, and of each recording's results the `facts` that follow from them.

    It only grows: who makes recordings begins anew when `size` is large. Threads may use it together.

    >>> from knoll.graph import Op
    >>> import numpy as np
    >>> double, known = Op("double", lambda x: (x,), lambda x: (2 * x,)), Interned()
    >>> x = known.leaf(0, np.ones(3))
    >>> known.node(double, (x,), {}) is known.node(double, (known.leaf(0, np.zeros(3)),), {})
    True
    """

    def __init__(self) -> None:
        self._leaves: dict[tuple[int, Shape, DType], Value] = {}
        self._nodes: dict[Hashable, Node] = {}
        self.facts: dict[Hashable, F] = {}

    @property
    def size(self) -> int:
        """How many objects are kept."""
        return len(self._leaves) + len(self._nodes) + len(self.facts)

    def leaf(self, number: int, array: Array) -> Value:
        """The leaf with this number in a recording, for arrays of this shape and element type."""
        key = number, array.shape, array.dtype
        leaf = self._leaves.get(key)
        return leaf or self._leaves.setdefault(key, Value(Spec(array.shape, array.dtype)))

    def node(self, op: Op, operands: tuple[Value, ...], attributes: Mapping[str, Hashable], repeat: int = 0) -> Node:
        """The node that applies `op`; one recording tells apart several that are alike by `repeat`."""
        key: Hashable = (op, operands, repeat, *attributes.items())
        if 0 in attributes.values():  # which 0.0, -0.0 and False are
            key = key, key_of(attributes)
        node = self._nodes.get(key)
        return node or self._nodes.setdefault(key, op.node(*operands, **attributes))
