"""Trees as PyTorch has them: leaves in order, and texts of how they are built."""

from __future__ import annotations

from collections import OrderedDict, defaultdict, deque, namedtuple
from typing import Any

import pytest

from knoll.func.tree import flatten, spread, tree_map, unflatten

Pair = namedtuple("Pair", "a b")
TREES: list[Any] = [
    (1, [2, 3]),
    {"a": 1, "b": (2,)},
    Pair(1, 2),
    OrderedDict(a=1),
    None,
    5,
    (),
    [None],
    defaultdict(int, a=1),
    deque([1]),
    {"b": [(1, 2), {"c": 3}], "a": Pair([4], 5)},
    "text",
]


@pytest.mark.parametrize("tree", TREES)
def test_trees_come_back(tree: Any) -> None:
    leaves, spec = flatten(tree)
    assert unflatten(leaves, spec) == tree
    assert type(unflatten(leaves, spec)) is type(tree)
    assert spec.leaves == len(leaves)
    assert flatten(tree_map(lambda leaf: (leaf,), tree))[0] == leaves


@pytest.mark.parametrize("tree", TREES)
def test_trees_are_those_of_pytorch(tree: Any) -> None:
    theirs = pytest.importorskip("torch.utils._pytree")
    leaves, spec = flatten(tree)
    expected, built = theirs.tree_flatten(tree)
    assert leaves == expected
    assert repr(spec) == repr(built)
    assert spec.words == theirs.treespec_pprint(built)


def test_leaves_stand_for_parts() -> None:
    spec = flatten(({"a": 1, "b": [2, 3]}, 4))[1]
    assert spread(0, spec) == [0, 0, 0, 0]
    assert spread(({"b": 1, "a": None}, 2), spec) == [None, 1, 1, 2]
    for unlike in ((0,), (0, 0, 0), [0, 0], ({"a": 0}, 0), ({"a": 0, "c": 0}, 0), ((0, 0), 0), (0, (0,))):
        assert spread(unlike, spec) is None
