"""How aliases lie in one memory: arrays that are parts of the array of their base.

Source: PyTorch, `FunctionalStorageImpl` and `ViewMeta` in `aten/src/ATen`.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.lib.stride_tricks import as_strided

from knoll.graph import Array, Shape
from knoll.graph.spec import DType
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
    return _root_and_part(x)[1]


def lies_at(x: TensorBase) -> tuple[Shape, int]:
    """Elements from one entry of each axis to the next, and from the start of the memory to the first element."""
    root, part = _root_and_part(x)
    return tuple(step // part.itemsize for step in part.strides), (_address(part) - _address(root)) // part.itemsize


def _root_and_part(x: TensorBase) -> tuple[Array, Array]:
    """Arrays that lie as the memory of x and as x itself."""
    if x._view is None:
        whole = x._realize() if x._value is None else _unread(x._dtype, x.shape)
        return whole, whole
    base, steps = x._view.base, x._view.steps
    while base.source is not None:
        base, before = base.source
        steps = (*before, *steps)
    whole = base.whole._realize() if base.whole._value is None else _unread(base.whole._dtype, base.whole.shape)
    return whole, x._realize() if x._value is None else seen(whole, steps)


def _address(array: Array) -> int:
    address: int = array.__array_interface__["data"][0]
    return address


def _unread(dtype: DType, shape: Shape) -> Array:
    """An array of one element that says it has this shape in reading order."""
    strides = tuple(dtype.itemsize * int(np.prod(shape[axis + 1 :])) for axis in range(len(shape)))
    return as_strided(np.zeros(1, dtype), shape, strides)
