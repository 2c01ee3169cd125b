"""How aliases lie in one memory: arrays that are parts of the array of their base.

Source: PyTorch, `FunctionalStorageImpl` and `ViewMeta` in `aten/src/ATen`.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.lib.stride_tricks import as_strided

from knoll.graph import Array, Shape
from knoll.tensor.base import Base, Steps, TensorBase


def seen(array: Array, steps: Steps) -> Array:
    """The part of an array."""
    for step in steps:
        array = step.see(array)
    return array


def gathered(held: Sequence[TensorBase]) -> tuple[list[TensorBase], dict[Base, list[TensorBase]]]:
    """What has to be computed for tensors that wait, and those of them that will lie in the memory of each root.

    A tensor whose base and other aliases nobody holds is a base itself from now on.
    """
    wanted = [x for x in held if x._view is None or x._requires_grad]
    trees: dict[Base, list[TensorBase]] = {}
    for x in held:
        if x._view is not None:
            trees.setdefault(x._view.base.root, []).append(x)
    for root, members in tuple(trees.items()):
        if len(members) == 1 and not root.materialized:
            (x,) = members
            x._view = None
            wanted += [] if x._requires_grad else [x]
            del trees[root]
        else:
            bases = (each for each in root.tree() if each is root or each.whole._requires_grad)
            wanted += [each.whole for each in bases if each.whole._value is not None]
    return wanted, trees


def place(trees: dict[Base, list[TensorBase]]) -> None:
    """Let all aliases lie in the memory of their root, which has its numbers now."""
    for root, members in trees.items():
        for each in root.tree():
            each.materialized = True
            if each.source is not None:
                of, steps = each.source
                each.whole._lie_in(seen(of.whole._realize(), steps), of.whole._memory)
        for x in members:
            view = x._view
            assert view is not None
            x._lie_in(seen(view.base.whole._realize(), view.steps), view.base.whole._memory)


def as_it_lies(x: TensorBase) -> Array:
    """An array whose elements lie as those of x do, or will; nobody may read it."""
    if x._value is None:
        return x._realize()
    if x._view is None:
        return _unread(x.shape)
    base, steps = x._view.base, x._view.steps
    while base.source is not None:
        base, before = base.source
        steps = (*before, *steps)
    whole = base.whole
    return seen(whole._realize() if whole._value is None else _unread(whole.shape), steps)


def _unread(shape: Shape) -> Array:
    """An array of one byte that says it has this shape in reading order."""
    strides = tuple(int(np.prod(shape[axis + 1 :])) for axis in range(len(shape)))
    return as_strided(np.zeros(1, np.int8), shape, strides)
