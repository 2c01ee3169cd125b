"""Aliases: tensors over the same numbers, each of which sees what is changed through another.

A base is a tensor that is no view of another; its views say by which steps they are taken from it. `detach` makes a
base of its own over the same numbers, as its gradients are apart. A change in place that cannot overwrite the numbers,
because they wait or a gradient flows through them, makes a new whole of every base; an alias that has not seen this
generation takes its part when it is next used.
Source: PyTorch, `FunctionalStorageImpl` and `ViewMeta` in `aten/src/ATen`.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple
from weakref import WeakSet

import numpy as np
from numpy.lib.stride_tricks import as_strided

from knoll.graph import Array, Op, Shape, spec_of
from knoll.ops.index import frozen
from knoll.ops.index import put as put_op
from knoll.ops.reshape import reshape, stop_gradient, straight_through
from knoll.tensor.record import apply, grad_mode, state

if TYPE_CHECKING:
    from knoll.tensor.tensor import Tensor


class Step(NamedTuple):
    """One step from a whole to a part: of tensors, of arrays, and back, from the whole as it was and the new part.

    There is no way back where several elements of the part are one of the whole.
    """

    op: Op
    attributes: dict[str, Hashable]
    see: Callable[[Array], Array]
    put: Callable[[Tensor, Tensor], Tensor] | None

    def of(self, x: Tensor) -> Tensor:
        """The part of x: in the same memory, unless it waits."""
        if x._value is None and state.recorder is None and not (state.grad and x._requires_grad):
            array = x._realize()
            self.op.shape(spec_of(array), **self.attributes)
            return x._over(self.see(array), x._memory)
        part = apply(self.op, x, **self.attributes)[0]
        if part._value is None:
            part._array, part._memory = self.see(x._realize()), x._memory
        return part


Steps = tuple[Step, ...]


class Base:
    """A tensor that others are views of, as it is now; `source` says of which numbers it is another reading."""

    __slots__ = ("__weakref__", "apart", "generation", "lasting", "source", "whole")

    def __init__(self, whole: Tensor, source: tuple[Base, Steps] | None = None) -> None:
        self.whole = whole
        self.source = source
        self.generation = 0
        self.lasting = whole._value is None  # whether it has, or had, numbers that others may look at
        self.apart: WeakSet[Base] | None = None  # bases over parts of this one, whose gradients are their own
        if source is not None:
            of = source[0]
            of.apart = WeakSet() if of.apart is None else of.apart
            of.apart.add(self)

    @property
    def root(self) -> Base:
        """The base whose numbers all of these are."""
        base = self
        while base.source is not None:
            base = base.source[0]
        return base

    def tree(self) -> Iterator[Base]:
        """The base and all that are over parts of it, each after the one that it is a part of."""
        yield self
        for base in tuple(self.apart or ()):
            yield from base.tree()


@dataclass(slots=True, eq=False)
class View:
    """How a tensor is taken from its base, and which generation of it the tensor has seen."""

    base: Base
    steps: Steps
    generation: int

    def refresh(self, x: Tensor) -> None:
        """Let x, whose view this is, have its part of the base as it is now."""
        if self.generation == self.base.generation:
            return
        self.generation = self.base.generation
        if x._requires_grad and x._edge is None and x._value is None:  # a leaf stays one
            x._lie_in(seen(self.base.whole._realize(), self.steps), self.base.whole._memory)
            return
        with grad_mode(True):
            x._take(taken(self.base.whole, self.steps))
        if x._recorder is not None:
            x._recorder.add_pending(x)


def seen(array: Array, steps: Steps) -> Array:
    """The part of an array."""
    for step in steps:
        array = step.see(array)
    return array


def taken(x: Tensor, steps: Steps) -> Tensor:
    """The part of a tensor."""
    for step in steps:
        x = step.of(x)
    return x


def put_back(whole: Tensor, steps: Steps, part: Tensor) -> Tensor:
    """The whole with `part` in its place."""
    if not steps:
        return part
    first, rest = steps[0], steps[1:]
    if first.put is None:
        return _put_by_places(whole, steps, part)
    return first.put(whole, put_back(first.of(whole), rest, part) if rest else part)


def _put_by_places(whole: Tensor, steps: Steps, part: Tensor) -> Tensor:
    """As `put_back`, where several elements of a part on the way are one of the whole."""
    count = int(np.prod(whole.shape))
    places = part._over(seen(np.arange(count).reshape(whole.shape), steps).ravel())
    flat = apply(reshape, whole, shape=(count,))[0]
    new = apply(put_op, flat, apply(reshape, part, shape=(-1,))[0], places, key=frozen((slice(None),)), axes=(0,))[0]
    return apply(reshape, new, shape=whole.shape)[0]


def base_of(x: Tensor) -> View:
    """The view of x; without one it is its own base from now on."""
    view = x._view
    if view is None:
        view = x._view = View(Base(x._twin()), (), 0)
    else:
        view.refresh(x)
    return view


def view_of(x: Tensor, step: Step) -> Tensor:
    """A view of x."""
    view = base_of(x)
    part = step.of(x)
    part._view = View(view.base, (*view.steps, step), view.base.generation)
    return part


def apart_of(x: Tensor, alias: Tensor) -> Tensor:
    """`alias`, which has the numbers of x, as an alias whose gradients are apart."""
    view = base_of(x)
    alias._view = View(Base(alias._twin(), (view.base, view.steps)), (), 0)
    return alias


def commit(x: Tensor, result: Tensor, home: bool = False) -> None:
    """Let x be `result` from now on, seen by all its aliases; with `home` the numbers go where those of x lie.

    Where no gradients are recorded, the numbers alone change, and gradients flow as before.
    """
    view = x._view
    lies = x if view is None else view.base.root.whole
    if state.recorder is not None and lies._value is None:
        state.recorder.keep(lies._memory)
    numbers_alone = not state.grad and (x._requires_grad or (view is not None and view.base.whole._requires_grad))
    with grad_mode(True):
        new = with_numbers(x._alias(), result) if numbers_alone else result
        if view is None:
            x._rebind(new, home)
        else:
            former = view.base.whole._alias()
            whole = put_back(former, view.steps, result)
            _renew(view.base, with_numbers(former, whole) if numbers_alone else whole, home)
            x._take(new)
            view.generation = view.base.generation
            if x._value is None:
                x._lie_in(seen(view.base.whole._realize(), view.steps), view.base.whole._memory)
    if x._recorder is not None:
        x._recorder.add_pending(x)


def _renew(base: Base, whole: Tensor, home: bool) -> None:
    """Let `whole` be a base from now on; the others over the same numbers take these over, with their own gradients."""
    new = {base: whole}
    while base.source is not None:
        base, steps = base.source
        former = base.whole._alias()
        whole = new[base] = put_back(former, steps, with_numbers(taken(former, steps), whole))
    base.whole._rebind(whole, home)
    for each in base.tree():
        each.generation += 1
        if each.source is not None:
            of, steps = each.source
            part = taken(of.whole, steps)
            each.whole._take(new[each] if each in new else with_numbers(each.whole._alias(), part))
            if each.whole._value is None:
                each.whole._lie_in(part._realize(), part._memory)


def with_numbers(x: Tensor, new: Tensor) -> Tensor:
    """The numbers of `new` with the gradient of x."""
    if not x._requires_grad:
        return apply(stop_gradient, new)[0] if new._value is not None else x._over(new._realize(), new._memory)
    if x._edge is None and x._value is None:  # a leaf stays one
        leaf = x._over(new._realize(), new._memory)
        leaf._requires_grad = True
        return leaf
    return apply(straight_through, x, new)[0]


def gathered(held: Sequence[Tensor]) -> tuple[list[Tensor], dict[Base, list[Tensor]]]:
    """What has to be computed for tensors that wait, and those of them that will lie in the memory of each root.

    A tensor whose base and other aliases nobody holds is a base itself from now on.
    """
    wanted = [x for x in held if x._view is None or x._requires_grad]
    trees: dict[Base, list[Tensor]] = {}
    for x in held:
        if x._view is not None:
            trees.setdefault(x._view.base.root, []).append(x)
    for root, members in tuple(trees.items()):
        if len(members) == 1 and not root.lasting:
            (x,) = members
            x._view = None
            wanted += [] if x._requires_grad else [x]
            del trees[root]
        else:
            bases = (each for each in root.tree() if each is root or each.whole._requires_grad)
            wanted += [each.whole for each in bases if each.whole._value is not None]
    return wanted, trees


def place(trees: dict[Base, list[Tensor]]) -> None:
    """Let all aliases lie in the memory of their root, which has its numbers now."""
    for root, members in trees.items():
        for each in root.tree():
            each.lasting = True
            if each.source is not None:
                of, steps = each.source
                each.whole._lie_in(seen(of.whole._realize(), steps), of.whole._memory)
        for x in members:
            view = x._view
            assert view is not None
            x._lie_in(seen(view.base.whole._realize(), view.steps), view.base.whole._memory)


def as_it_lies(x: Tensor) -> Array:
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
