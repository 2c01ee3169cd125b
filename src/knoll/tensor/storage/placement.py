"""How aliases lie in one memory: arrays that are parts of the array of their base.

Source: PyTorch, `FunctionalStorageImpl` and `ViewMeta` in `aten/src/ATen`.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.lib.stride_tricks import as_strided

from knoll.graph import Array, Shape, Spec
from knoll.graph.spec import DType
from knoll.tensor.base import Base, TensorBase, ViewSteps
from knoll.tensor.storage.strides import Strides, in_order


def array_of_view(array: Array, steps: ViewSteps) -> Array:
    """The view of an array, in the same memory."""
    for step in steps:
        array = step.of_array(array)
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
                each.whole._lie_in(array_of_view(of.whole._realize(), steps), of.whole._memory)
        for x in members:
            view = x._view
            assert view is not None
            x._lie_in(array_of_view(view.base.whole._realize(), view.steps), view.base.whole._memory)


def as_it_lies(x: TensorBase) -> Array:
    """An array whose elements lie as those of x do, or will; nobody may read it."""
    return _root_and_part(x)[1]


def strides_of(x: TensorBase) -> Strides:
    """Elements from one entry of each axis to the next, as PyTorch counts them, also of axes with one element."""
    base, steps = _root(x)
    whole = x if base is None else base.whole
    array = whole._array
    if whole._value is not None or array is None or array.flags.c_contiguous:
        strides = in_order(whole.shape)
    else:
        strides = tuple(step // array.itemsize for step in array.strides)
    spec = Spec(whole.shape, whole._dtype)
    for step in steps:
        strides = step.strides(spec, strides)
        (spec,) = step.op.shape(spec, **step.attributes)
    return strides


def offset_of(x: TensorBase) -> int:
    """Elements from the start of the memory to the first one of x."""
    root, part = _root_and_part(x)
    return (_address(part) - _address(root)) // part.itemsize


def memory_of(x: TensorBase) -> Array:
    """The array in whose memory x and its views lie."""
    x._realize()
    return _root_and_part(x)[0]


def _root(x: TensorBase) -> tuple[Base | None, ViewSteps]:
    """The base in whose memory x lies, and the steps from there; no base where that is x itself."""
    if x._view is None:
        return None, ()
    base, steps = x._view.base, x._view.steps
    while base.source is not None:
        base, before = base.source
        steps = (*before, *steps)
    return base, steps


def _root_and_part(x: TensorBase) -> tuple[Array, Array]:
    """Arrays that lie as the memory of x and as x itself."""
    base, steps = _root(x)
    if base is None:
        whole = x._realize() if x._value is None else _unread(x._dtype, x.shape)
        return whole, whole
    whole = base.whole._realize() if base.whole._value is None else _unread(base.whole._dtype, base.whole.shape)
    return whole, x._realize() if x._value is None else array_of_view(whole, steps)


def _address(array: Array) -> int:
    address: int = array.__array_interface__["data"][0]
    return address


def _unread(dtype: DType, shape: Shape) -> Array:
    """An array of one element that says it has this shape in reading order."""
    return as_strided(np.zeros(1, dtype), shape, tuple(dtype.itemsize * step for step in in_order(shape)))
