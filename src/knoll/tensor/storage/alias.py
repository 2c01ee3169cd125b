"""Functionalization: aliases are tensors over the same numbers, each of which sees what is changed through another.

A base is a tensor that is no view of another; its views say by which steps they are taken from it. `detach` makes a
base of its own over the same numbers, as no gradient flows through it. A change in place that cannot overwrite the
numbers, because they are pending or a gradient flows through them, gives every base a new tensor and a new version; a
view of an older version is taken from its base anew when it is next used.
Source: PyTorch, `FunctionalStorageImpl` and `ViewMeta` in `aten/src/ATen`.
"""

from __future__ import annotations

import numpy as np

from knoll.ops.indexing.index import frozen, take
from knoll.ops.indexing.index import put as put_op
from knoll.ops.shapes.reshape import reshape, stop_gradient, straight_through
from knoll.tensor.autograd.gradient_edge import GradientEdge
from knoll.tensor.base import Base, T, TensorBase, View, ViewStep, ViewSteps
from knoll.tensor.concurrency import changing
from knoll.tensor.eager import check_fits
from knoll.tensor.record import apply, grad_mode, state
from knoll.tensor.storage.placement import array_of_view

STALE = -1  # the version of a view that was changed: gradients of what is computed from it go through the base


class Alias(View):
    """A view that knows how operations take a part of its base."""

    __slots__ = ()
    version: int

    def refresh(self, x: TensorBase) -> None:
        """Let x, whose view this is, have its part of the base as it is now."""
        if self.version != self.base.version:
            edge = x._edge
            with changing():
                self._refresh(x, self.base.version)
            _keep_gradient(x, edge)

    def _refresh(self, x: TensorBase, version: int) -> None:
        if self.version == version:
            return
        if x._requires_grad and x._edge is None and x._value is None:  # a leaf stays one
            x._lie_in(array_of_view(self.base.whole._realize(), self.steps), self.base.whole._memory)
            self.version = version
            return
        with grad_mode(True):
            x._take(part_through(self.base.viewed, self.steps))
        self.version = version
        if x._recorder is not None:
            x._recorder.add_pending(x)


def _keep_gradient(x: TensorBase, former: GradientEdge | None) -> None:
    """Let backward leave in `grad` what arrives at x as it is now, if `retain_grad` was asked for before it changed."""
    if former is not None and former is not x._edge and former.is_kept_for(x):
        del former.node.retained[former.index]
        x._realize()
        if x._edge is not None:
            x._edge.keep_for(x)


def part_of(x: T, step: ViewStep) -> T:
    """The part of x that a step leads to: in the same memory, unless it waits."""
    if x._value is None and state.recorder is None and not (state.grad and x._requires_grad):
        array = x._realize()
        check_fits(step.op, [array], step.attributes)
        return x._over(step.of_array(array), x._memory)
    part = apply(step.op, x, **step.attributes)[0]
    if part._value is None:
        part._array, part._memory = step.of_array(x._realize()), x._memory
    return part


def part_through(x: T, steps: ViewSteps) -> T:
    """The part of a tensor."""
    for step in steps:
        x = part_of(x, step)
    return x


def put_back(whole: T, steps: ViewSteps, part: T) -> T:
    """The whole with `part` in its place."""
    if not steps:
        return part
    first, rest = steps[0], steps[1:]
    if first.inverse is None:
        return _put_by_places(whole, steps, part)
    result: T = first.inverse(whole, put_back(part_of(whole, first), rest, part) if rest else part)
    return result


def _put_by_places(whole: T, steps: ViewSteps, part: T) -> T:
    """As `put_back`, where several elements of a part on the way are one of the whole."""
    count = int(np.prod(whole.shape))
    all_places = array_of_view(np.arange(count).reshape(whole.shape), steps).ravel()
    places, backwards = np.unique(all_places[::-1], return_index=True)
    last = part._over(all_places.size - 1 - backwards)  # one element of the part for each: its gradient counts once
    elements = apply(take, apply(reshape, part, shape=(-1,))[0], last, axes=(0,))[0]
    flat = apply(reshape, whole, shape=(count,))[0]
    new = apply(put_op, flat, elements, part._over(places), key=frozen((slice(None),)), axes=(0,))[0]
    return apply(reshape, new, shape=whole.shape)[0]


def base_of(x: TensorBase) -> View:
    """The view of x; without one it is its own base from now on."""
    view = x._view
    if view is None:
        view = x._view = Alias(Base(x), (), 0)
        x._memory.note_rebinding()
    else:
        view.refresh(x)
    return view


def view_of(x: T, step: ViewStep) -> T:
    """A view of x."""
    view = base_of(x)
    part = part_of(x, step)
    part._view = Alias(view.base, (*view.steps, step), view.base.version)
    return part


def detached_alias(x: T, alias: T) -> T:
    """`alias`, which has the numbers of x, as an alias of it through which no gradient flows to it."""
    view = base_of(x)
    alias._view = Alias(Base(alias, (view.base, view.steps)), (), 0)
    return alias


def begin_leaf(x: TensorBase) -> None:
    """Let x, a view of numbers that want no gradient, be a base of its own over them: gradients end there."""
    view = x._view
    if view is not None and view.steps:
        x._view = Alias(Base(x, (view.base, view.steps)), (), 0)


def commit(x: TensorBase, result: TensorBase, in_place: bool = False) -> None:
    """Let x be `result` from now on, seen by all its aliases; with `in_place` the numbers go where those of x lie.

    Where no gradients are recorded, the numbers alone change, and gradients flow as before.
    """
    lies, edge = x if x._view is None else x._view.base.root.whole, x._edge
    if result._recorder is not None:
        result._recorder.before_change(lies)
    with changing(lies, x):
        _commit(x, result, in_place, lies)
    _keep_gradient(x, edge)
    for base in () if x._view is None else x._view.base.root.tree():
        base.follow()


def _commit(x: TensorBase, result: TensorBase, in_place: bool, lies: TensorBase) -> None:
    view = x._view
    if state.recorder is not None and lies._value is None:
        state.recorder.keep(lies._memory)
    numbers_alone = not state.grad and (x._requires_grad or (view is not None and view.base.whole._requires_grad))
    with grad_mode(True):
        if view is None:
            x._rebind(with_numbers(x._alias(), result) if numbers_alone else result, in_place)
        else:
            former = view.base.whole._alias()
            whole = put_back(former, view.steps, result)
            if any(step.inverse is None for step in view.steps):
                result = part_through(whole, view.steps)  # elements that are one have one number
            new = with_numbers(x._alias(), result) if numbers_alone else result
            _renew(view.base, with_numbers(former, whole) if numbers_alone else whole, in_place)
            x._take(new)
            view.version = view.base.version if numbers_alone or not (view.steps and x._requires_grad) else STALE
            if x._value is None:
                x._lie_in(array_of_view(view.base.whole._realize(), view.steps), view.base.whole._memory)
    if x._recorder is not None:
        x._recorder.add_pending(x)


def _renew(base: Base, whole: TensorBase, in_place: bool) -> None:
    """Let `whole` be a base from now on; the others over the same numbers take these over, with their own gradients."""
    new = {base: whole}
    while base.source is not None:
        base, steps = base.source
        former = base.whole._alias()
        whole = new[base] = put_back(former, steps, with_numbers(part_through(former, steps), whole))
    base.whole._rebind(whole, in_place)
    for each in base.tree():
        each.version += 1
        if each.source is not None:
            of, steps = each.source
            part = part_through(of.whole, steps)
            each.whole._take(new[each] if each in new else with_numbers(each.whole._alias(), part))
            if each.whole._value is None:
                each.whole._lie_in(part._realize(), part._memory)


def with_numbers(x: T, new: T) -> T:
    """The numbers of `new` with the gradient of x."""
    if not x._requires_grad:
        return apply(stop_gradient, new)[0] if new._value is not None else x._over(new._realize(), new._memory)
    if x._edge is None and x._value is None:  # a leaf stays one
        leaf = x._over(new._realize(), new._memory)
        leaf._requires_grad = True
        return leaf
    return apply(straight_through, x, new)[0]
